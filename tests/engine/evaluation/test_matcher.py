"""The evaluation's arithmetic on cases whose figures are known."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.datasets.linked_pairs import Link
from engine.dsp.coincidence import NO_EVIDENCE, Evidence
from engine.evaluation.matcher import (
    LINKED,
    MeasuredCase,
    accuracy,
    calibration_error,
    measure_case,
    measure_cases,
    table,
    verdicts,
)
from engine.models.matcher import LINKS
from engine.stages.matcher import baseline_params
from engine.types import Verdict

PARAMS = baseline_params()


def measured(truth: Verdict, first: float, second: float, *, louder_first: bool) -> MeasuredCase:
    def evidence(effect: float) -> tuple[Evidence, ...]:
        return tuple(Evidence(effect, 60.0) for _ in LINKS)

    return MeasuredCase(truth, Link.BOTH, evidence(first), evidence(second), louder_first)


def test_accuracy_counts_who_scores_higher() -> None:
    cases = [
        measured(Verdict.FIRST, 0.6, 0.0, louder_first=True),
        measured(Verdict.FIRST, 0.0, 0.6, louder_first=True),
        measured(Verdict.SECOND, 0.0, 0.6, louder_first=True),
        measured(Verdict.SECOND, 0.0, 0.7, louder_first=True),
        measured(Verdict.BOTH, 0.0, 0.6, louder_first=True),
    ]
    row = accuracy(Link.BOTH, cases, PARAMS)
    assert (row.num_cases, row.matcher, row.louder) == (4, 0.75, 0.5)


def test_verdicts_count_answers_and_right_ones() -> None:
    nothing = (NO_EVIDENCE,) * len(LINKS)
    cases = [
        measured(Verdict.FIRST, 0.8, -0.1, louder_first=True),
        measured(Verdict.FIRST, -0.1, 0.8, louder_first=True),
        MeasuredCase(Verdict.NONE, Link.BOTH, nothing, nothing, louder_first=False),
        MeasuredCase(Verdict.FIRST, Link.BOTH, nothing, nothing, louder_first=False),
    ]
    rated = verdicts(cases, PARAMS)
    assert (rated.decided, rated.right) == (0.5, 0.5)
    assert rated.calibration_error > 0.3


@pytest.mark.parametrize(
    ("confidence", "right", "error"),
    [
        ([0.75, 0.75, 0.75, 0.75], [True, True, True, False], 0.0),
        ([0.95, 0.95], [False, False], 0.95),
        ([0.65, 0.85], [True, True], 0.25),
        ([1.0], [True], 0.0),
        ([], [], 0.0),
    ],
)
def test_calibration_error(
    confidence: Sequence[float], right: Sequence[bool], error: float
) -> None:
    found = calibration_error(np.array(confidence, float), np.array(right, bool))
    assert found == pytest.approx(error)


@pytest.mark.long
def test_cases_are_measured_alike_in_one_process_and_in_two() -> None:
    apart = measure_cases(40, 3, processes=2)
    here = [measure_case(seed, LINKED) for seed in (40, 41, 42)]
    assert [case.truth for case in apart] == [case.truth for case in here]
    # Other libraries in this process may round the last digit differently.
    np.testing.assert_allclose(figures(apart), figures(here), rtol=1e-6)


def figures(cases: list[MeasuredCase]) -> list[tuple[float, float]]:
    """Effects and precisions of both sounds of every case."""
    return [(found.effect, found.precision) for c in cases for found in (*c.first, *c.second)]


def test_the_table_names_every_kind_and_the_trivial_lines() -> None:
    cases = [measured(Verdict.FIRST, 0.8, -0.1, louder_first=True)]
    text = "".join(table([accuracy(Link.BOTH, cases, PARAMS)], verdicts(cases, PARAMS)))
    assert "louder" in text
    assert "random" in text
    assert "100.0%" in text


@pytest.mark.long
def test_links_are_found_and_nothing_else_is() -> None:
    """Without the link the sounds are as different as before, and nothing is left to find."""
    linked = measure_cases(7_000, 25, [Link.BOTH])
    without = measure_cases(8_000, 50, [Link.NONE])
    assert accuracy(Link.BOTH, linked, PARAMS).matcher > 0.8
    assert 0.3 < accuracy(Link.NONE, without, PARAMS).matcher < 0.7
