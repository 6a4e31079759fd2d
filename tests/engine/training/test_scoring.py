"""Scores of stems: silent and lonely ones left out, order forgiven only where it is free."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.training.recipes import Example
from engine.training.scoring import StemScore, score_example
from engine.types import Samples


class Says(nn.Module):
    """Gives the same stems whatever it hears."""

    def __init__(self, *stems: Samples) -> None:
        super().__init__()
        self.stems = torch.from_numpy(np.stack(stems))

    def forward(self, x: Tensor) -> Tensor:
        """(1, channels, samples) -> (1, stems, channels, samples)."""
        return self.stems.unsqueeze(0).expand(len(x), -1, -1, -1)


A, B = np.random.default_rng(0).standard_normal((2, 2, 1000)).astype(np.float32)
SILENCE = np.zeros_like(A)


def scores(network: Says, mix: Samples, *stems: Samples, ordered: bool = True) -> list[StemScore]:
    return score_example(network, Example(mix, np.stack(stems)), ordered=ordered)


def test_truth_scores_high_and_its_gain_is_over_the_mix() -> None:
    first, second = scores(Says(A, B), A + B, A, B)
    assert (first.index, second.index) == (0, 1)
    assert first.after_db > 60
    assert first.gain_db == pytest.approx(first.after_db - first.before_db)
    assert abs(first.before_db) < 2


def test_silent_and_lonely_stems_do_not_count() -> None:
    assert scores(Says(A, B), A, A, SILENCE) == []
    assert [s.index for s in scores(Says(A, B), A + B, SILENCE, B)] == [1]


def test_order_is_forgiven_only_where_it_is_free() -> None:
    assert min(s.after_db for s in scores(Says(B, A), A + B, A, B, ordered=False)) > 60
    assert max(s.after_db for s in scores(Says(B, A), A + B, A, B)) < 0


def test_one_stem_is_scored_with_what_it_leaves() -> None:
    speech, rest = scores(Says(A), A + B, A)
    assert (speech.index, rest.index) == (0, 1)
    assert min(speech.after_db, rest.after_db) > 60


def test_the_order_is_told_where_both_stems_count() -> None:
    right = scores(Says(A, B), A + B, A, B)
    assert [s.in_order for s in right] == [True, True]
    assert not any(s.in_order for s in scores(Says(B, A), A + B, A, B))
    # Halves of the mix are in no order.
    assert not any(s.in_order for s in scores(Says((A + B) / 2, (A + B) / 2), A + B, A, B))
    free = scores(Says(A, B), A + B, A, B, ordered=False)
    alone = scores(Says(A, B), A + B, SILENCE, B)
    assert {s.in_order for s in (*free, *alone, *scores(Says(A), A + B, A))} == {None}
