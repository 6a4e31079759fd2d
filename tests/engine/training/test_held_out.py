"""The table of a separator: figures that can be told beforehand."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.context import PlainContext
from engine.models.separation import SeparationModel
from engine.training.held_out import (
    Order,
    Score,
    SeparatorTest,
    order_of,
    order_words,
    score_separator,
    summarise,
    table,
)
from engine.training.recipes import MUSIC, ROLES, SPEECH, Recipe
from engine.training.scoring import StemScore
from tests.helpers.corpora import write_tones


class HalfAndHalf(nn.Module):
    """Gives every stem half of the mix: nothing won, nothing lost."""

    def __init__(self, num_stems: int) -> None:
        super().__init__()
        self.num_stems = num_stems

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, stems, channels, samples)."""
        return 0.5 * torch.stack([x] * self.num_stems, dim=1)


def scores_of(recipe: Recipe, corpus: Path) -> list[Score]:
    model = SeparationModel(
        HalfAndHalf(len(recipe.stems)), "half", "0", 44_100, 2, recipe.stems, 11_025
    )
    test = SeparatorTest(corpus, mixes=12, split="valid")
    return score_separator(model, recipe, test, PlainContext())


@pytest.mark.parametrize("recipe", [SPEECH, MUSIC], ids=lambda r: r.name)
def test_half_of_the_mix_wins_nothing(recipe: Recipe, tmp_path: Path) -> None:
    write_tones(tmp_path)
    scores = scores_of(recipe, tmp_path)
    assert scores
    assert max(abs(score.figures.gain_db) for score in scores) < 0.01
    names = {"ost", "bgm"} if recipe is MUSIC else {"speech", "rest"}
    assert {score.stem for score in scores} <= names


def test_summary_groups_by_stem_family_and_level() -> None:
    scores = [
        Score("ost", "bach", StemScore(0, -3.0, 2.0)),
        Score("bgm", "jazz", StemScore(0, 3.0, 4.0)),
        Score("bgm", "jazz", StemScore(0, 3.0, 6.0)),
    ]
    lines = {line.group: line for line in summarise(scores)}
    assert lines["all"].count == 3
    assert lines["all"].gain_db == pytest.approx(3)
    assert lines["family jazz"].gain_db == pytest.approx(2)
    assert lines["stem under the rest"].gain_db == pytest.approx(5)
    assert lines["family jazz"].low_db == 1
    assert lines["family jazz"].high_db == 3
    assert len(list(table(list(lines.values())))) == 2 + len(lines)


def test_the_order_is_counted_once_a_mix() -> None:
    told = {"a": True, "b": True, "c": False, "d": None}
    scores = [
        Score(stem, family, StemScore(i, 0, 0, in_order))
        for family, in_order in told.items()
        for i, stem in enumerate(("ost", "bgm"))
    ]
    order = order_of(scores)
    assert order == Order(3, 2, 0.6)
    assert order_words(order).startswith("Stems in their own order: 2 of 3 mixes")
    assert order_of(scores[-2:]) is None


def test_halves_of_the_mix_are_never_in_order(tmp_path: Path) -> None:
    write_tones(tmp_path)
    order = order_of(scores_of(replace(ROLES, by_role=False), tmp_path))
    assert order is not None
    assert (order.right, order.accuracy < 0.5) == (0, True)
