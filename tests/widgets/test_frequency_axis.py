"""Frequencies lie where the ear would put them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.frequency_axis import FrequencyAxis, top_hz

tops_hz = st.floats(1000, 20_000)


@given(tops_hz, st.floats(0, 1))
def test_there_and_back(highest_hz: float, part: float) -> None:
    axis = FrequencyAxis(highest_hz)
    assert axis.part_at(axis.hz_at(part)) == pytest.approx(part, abs=1e-9)


@given(tops_hz)
def test_from_nothing_at_the_bottom_to_the_highest_at_the_top(highest_hz: float) -> None:
    axis = FrequencyAxis(highest_hz)
    assert (axis.part_at(0), axis.part_at(highest_hz)) == (0, 1)
    parts = [axis.part_at(index * highest_hz / 50) for index in range(51)]
    assert all(before < after for before, after in pairwise(parts))


@given(tops_hz)
def test_what_is_named_lies_inside(highest_hz: float) -> None:
    marks = FrequencyAxis(highest_hz).marks()
    assert [mark.label for mark in marks] == ["100", "1k", "10k"][: len(marks)]
    assert all(0 < mark.part <= 1 for mark in marks)
    assert len(marks) == (3 if highest_hz > 10_000 else 1 + (highest_hz > 1000))


@pytest.mark.parametrize(("rate_hz", "highest_hz"), [(8000, 4000), (44_100, 20_000)])
def test_nothing_is_shown_that_cannot_be_there_or_be_heard(rate_hz: int, highest_hz: float) -> None:
    assert top_hz(rate_hz) == highest_hz
