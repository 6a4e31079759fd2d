"""The recipe: what it fits to, and the card it writes."""

from pathlib import Path

import numpy as np
import pytest

from app.cli.run import DONE, run_command
from engine.catalog import card_from_json
from engine.datasets.linked_pairs import Link
from engine.dsp.coincidence import Evidence
from engine.evaluation.matcher import MeasuredCase
from engine.models.matcher import LINKS, MatcherParams, read_params
from engine.stages.matcher import log_ratio
from engine.training.matcher_baseline import fit
from engine.types import Verdict

PRECISION = 40.0


def drawn_case(rng: np.random.Generator) -> MeasuredCase:
    """The first link alone shows what belongs; the others are chance."""
    truth = Verdict.FIRST if rng.random() < 0.5 else Verdict.SECOND

    def evidence(belongs: bool) -> tuple[Evidence, ...]:
        effects = rng.normal(0, PRECISION**-0.5, len(LINKS))
        effects[0] += 0.5 * belongs
        return tuple(Evidence(float(effect), PRECISION) for effect in effects)

    first, second = evidence(truth is Verdict.FIRST), evidence(truth is Verdict.SECOND)
    return MeasuredCase(truth, Link.CUTS, first, second, louder_first=False)


@pytest.fixture(scope="module")
def fitted() -> MatcherParams:
    rng = np.random.default_rng(0)
    return fit([drawn_case(rng) for _ in range(40)])


def test_fitting_finds_the_link_that_is_there(fitted: MatcherParams) -> None:
    def score(index: int) -> float:
        effects = [0.6 if index == other else 0.0 for other in range(len(LINKS))]
        return log_ratio(tuple(Evidence(effect, PRECISION) for effect in effects), fitted)

    scores = [score(index) for index in range(len(LINKS))]
    assert scores[0] == max(scores)
    assert scores[0] > 0.5


def test_fitted_numbers_separate_new_cases(fitted: MatcherParams) -> None:
    rng = np.random.default_rng(1)
    right = [
        (log_ratio(case.first, fitted) > log_ratio(case.second, fitted))
        == (case.truth is Verdict.FIRST)
        for case in (drawn_case(rng) for _ in range(200))
    ]
    assert np.mean(right) > 0.9


@pytest.mark.long
def test_the_recipe_writes_a_card_that_the_matcher_reads(tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    numbers = "--cases", "6", "--held-out", "6"
    assert run_command("train", ["matcher", str(out), *numbers]) == DONE
    card = card_from_json(out.read_bytes())
    assert card.stage == "matcher"
    assert card.measured["held_out_cases"] == 6
    assert 0 <= card.measured["accuracy_cuts"] <= 1
    assert len(read_params(card).links) == len(LINKS)
