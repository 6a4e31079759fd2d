"""The two ends of a RoFormer: bands one by one and in runs."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.models.roformer_bands import BandSplit, MaskEstimator, equal_runs

WIDTHS = [2, 2, 2, 8, 4, 4]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12))
def test_runs_are_neighbours_of_equal_width_that_cover_all(widths: list[int]) -> None:
    runs = equal_runs(widths)
    assert [run.width for run in runs for _ in range(run.bands_in_run)] == widths
    assert all(a.width != b.width for a, b in pairwise(runs))
    for run in runs:
        assert widths[run.bands] == [run.width] * run.bands_in_run


def test_each_band_has_its_own_projection() -> None:
    split = BandSplit(5, WIDTHS)
    x = torch.randn(3, 7, sum(WIDTHS))
    out = split(x)
    assert out.shape == (3, len(WIDTHS), 7, 5)
    with torch.inference_mode():
        torch.testing.assert_close(split(x), out.detach())
    changed = x.clone()
    changed[..., 6:14] += 1  # The fourth band.
    differs = (split(changed) != out).flatten(2).any(-1)
    assert differs.tolist() == [[False, False, False, True, False, False]] * 3


@pytest.mark.parametrize("hidden_layers", [0, 1, 2])
def test_runs_give_what_single_bands_give(hidden_layers: int) -> None:
    torch.manual_seed(0)
    estimator = MaskEstimator(6, WIDTHS, hidden_layers, expansion=2)
    x = torch.randn(2, len(WIDTHS), 9, 6)
    one_by_one = torch.cat(list(estimator.one_by_one(x)), dim=-1)
    assert one_by_one.shape == (2, 9, sum(WIDTHS))
    torch.testing.assert_close(torch.cat(list(estimator.in_runs(x)), dim=-1), one_by_one)
    torch.testing.assert_close(estimator(x), one_by_one)
    linears = [layer for layer in estimator.modules() if isinstance(layer, nn.Linear)]
    assert len(linears) == (hidden_layers + 1) * len(WIDTHS)
