"""Time to pixels and back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.time_axis import MAX_PX_PER_S, TimeAxis

durations = st.floats(0.05, 20_000)
widths = st.integers(200, 8000)
factors = st.floats(0.01, 100)
parts = st.floats(0, 1)


def fitted(duration_s: float, width_px: int) -> TimeAxis:
    return TimeAxis(width_px=width_px).with_duration(duration_s)


@given(durations, widths, factors, parts, parts)
def test_places_and_times_are_inverse(
    duration_s: float, width_px: int, factor: float, anchor: float, part: float
) -> None:
    axis = fitted(duration_s, width_px).zoomed(factor, anchor * width_px)
    time_s = axis.start_s + part * min(width_px / axis.px_per_s, duration_s - axis.start_s)
    assert axis.time_at(axis.x_at(time_s)) == pytest.approx(time_s, abs=1e-6)


@given(durations, widths, st.lists(st.tuples(factors, parts, st.floats(-9000, 9000)), max_size=5))
def test_the_view_never_leaves_the_sound(
    duration_s: float, width_px: int, moves: list[tuple[float, float, float]]
) -> None:
    axis = fitted(duration_s, width_px)
    for factor, anchor, distance_px in moves:
        axis = axis.zoomed(factor, anchor * width_px).panned(distance_px)
        assert axis.start_s >= 0
        assert axis.end_s <= duration_s * (1 + 1e-9) + 1e-6
        assert axis.px_per_s <= max(MAX_PX_PER_S, axis.fit_px_per_s)


@given(widths, st.floats(1, 50), parts)
def test_zooming_in_keeps_what_is_under_the_cursor(
    width_px: int, factor: float, anchor: float
) -> None:
    axis = fitted(600.0, width_px)
    x = anchor * width_px
    before_s = axis.start_s + x / axis.px_per_s
    zoomed = axis.zoomed(factor, x)
    assert zoomed.start_s + x / zoomed.px_per_s == pytest.approx(before_s, abs=1e-6)


def test_a_view_of_everything_stays_one_when_the_window_grows() -> None:
    axis = fitted(60.0, 600).resized(900)
    assert axis.is_fitted
    assert axis.px_per_s == pytest.approx(15)


def test_a_zoomed_view_keeps_its_zoom_when_the_window_grows() -> None:
    axis = fitted(60.0, 600).zoomed(4, 0).resized(900)
    assert axis.px_per_s == pytest.approx(40)
    assert axis.start_s == 0


def test_growing_at_the_end_of_the_sound_shows_no_emptiness() -> None:
    axis = fitted(60.0, 600).zoomed(4, 600).resized(900)
    assert axis.end_s == pytest.approx(60)


def test_zooming_out_stops_at_the_whole_length() -> None:
    assert fitted(60.0, 600).zoomed(8, 300).zoomed(1 / 1000, 300).is_fitted


def test_time_at_stays_inside_the_sound() -> None:
    axis = fitted(60.0, 600)
    assert axis.time_at(-50) == 0
    assert axis.time_at(5000) == 60


@pytest.mark.parametrize(
    ("position_s", "start_s"),
    [(10.0, 10.0), (24.9, 10.0), (25.0, 25.0), (9.0, 9.0), (59.0, 45.0)],
)
def test_revealing_turns_the_page_only_when_needed(position_s: float, start_s: float) -> None:
    axis = fitted(60.0, 600).zoomed(4, 0).moved_to(10.0)
    assert axis.revealing(position_s).start_s == pytest.approx(start_s)


@given(durations, widths, factors)
def test_ticks_are_in_view_and_apart(duration_s: float, width_px: int, factor: float) -> None:
    axis = fitted(duration_s, width_px).zoomed(factor, width_px / 2)
    places = [axis.x_at(tick.time_s) for tick in axis.ticks(64)]
    assert all(-1 <= place <= width_px + 1 for place in places)
    assert all(later - former >= 63.9 for former, later in pairwise(places))


@given(st.floats(1, 10_000), st.integers(300, 3000))
def test_no_two_ticks_say_the_same(duration_s: float, width_px: int) -> None:
    labels = [tick.label for tick in fitted(duration_s, width_px).ticks(64)]
    assert len(set(labels)) == len(labels) >= 2


def test_ticks_fall_on_round_times() -> None:
    labels = [tick.label for tick in fitted(58.2, 864).ticks(64)]
    assert labels[:4] == ["0:00", "0:05", "0:10", "0:15"]


def test_nothing_open_has_no_ticks_and_no_times() -> None:
    axis = TimeAxis().resized(600)
    assert axis.ticks(64) == ()
    assert axis.time_at(300) == 0
