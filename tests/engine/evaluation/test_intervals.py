"""Intervals are as wide as few tracks deserve."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.intervals import Mean, crossed_mean


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=40))
def test_the_mean_is_within_its_interval(values: list[float]) -> None:
    names = [str(n) for n in range(len(values))]
    found = crossed_mean(values, names, names)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high
    assert min(values) - 1e-9 <= found.low
    assert found.high <= max(values) + 1e-9


def width(mean: Mean) -> float:
    assert mean.low is not None
    assert mean.high is not None
    return mean.high - mean.low


def test_many_mixes_of_two_tracks_are_no_many_tries() -> None:
    """A thousand values that differ only by the track of one side: few tracks say little."""
    rng = np.random.default_rng(0)
    few = [str(n) for n in rng.integers(4, size=1000)]
    values = [float(name) + 0.01 * float(rng.normal()) for name in few]
    apart = [str(n) for n in range(1000)]
    narrow = width(crossed_mean(values, apart, apart))
    assert width(crossed_mean(values, few, apart)) > 5 * narrow
    assert width(crossed_mean(values, apart, few)) > 5 * narrow


def test_what_could_not_be_measured_is_left_out() -> None:
    names = ["a", "b", "c"]
    found = crossed_mean([1.0, math.nan, 3.0], names, names)
    assert (found.mean, found.count) == (2.0, 2)
    assert crossed_mean([math.nan] * 3, names, names) == Mean(None)


def test_a_cell_of_a_table() -> None:
    assert str(Mean(None)) == "-"
    assert str(Mean(8.234)) == "8.23"
    assert str(Mean(1.0, 0.5, 1.5, 9)) == "1.00 (0.50 .. 1.50)"
