"""Percent and time left, without a clock and without Qt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.estimate import STABLE_FRACTION, STABLE_S, Estimate, updated
from engine.context import Progress


def steady(reports: int, seconds: float, part: float = 1.0) -> Estimate:
    """The estimate after `part` of the work was done at an even pace over `seconds`."""
    estimate = None
    for i in range(reports + 1):
        share = i / reports
        estimate = updated(estimate, Progress("work", 100 * part * share, 100), seconds * share)
    assert estimate is not None
    return estimate


@pytest.mark.parametrize("reports", [2, 7, 1000])
def test_an_even_pace_is_foretold_exactly(reports: int) -> None:
    assert steady(reports, 10, part=0.25).remaining_s == pytest.approx(30)


@pytest.mark.parametrize(
    ("part", "seconds", "is_known"),
    [
        (STABLE_FRACTION - 0.01, STABLE_S + 1, False),
        (STABLE_FRACTION + 0.01, STABLE_S - 0.1, False),
        (STABLE_FRACTION + 0.01, STABLE_S + 0.1, True),
    ],
)
def test_no_guess_before_it_is_stable(part: float, seconds: float, is_known: bool) -> None:
    assert (steady(20, seconds, part).remaining_s is not None) == is_known


@pytest.mark.parametrize(("done", "percent"), [(0, 0), (99.9, 99), (100, 100), (130, 100)])
def test_percent_is_100_only_when_all_is_done(done: float, percent: int) -> None:
    assert updated(None, Progress("work", done, 100), 0).percent == percent


def test_a_new_stage_begins_anew() -> None:
    estimate = updated(steady(10, 10, 0.9), Progress("next", 1, 100), 11)
    assert (estimate.stage, estimate.percent, estimate.remaining_s) == ("next", 1, None)


def test_the_pace_of_late_counts_more() -> None:
    slow = steady(10, 10, 0.1)
    faster = updated(slow, Progress("work", 50, 100), 30)
    assert faster.speed_per_s is not None
    assert faster.speed_per_s == pytest.approx(0.4 / 20, rel=0.02)


def test_a_pause_is_no_slow_work() -> None:
    before = steady(10, 10, 0.2)
    after = updated(before.shifted(3600), Progress("work", 22, 100), 3611)
    assert after.remaining_s == pytest.approx(39)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 5)), min_size=1, max_size=50))
def test_whatever_is_reported_the_time_left_makes_sense(
    reports: list[tuple[float, float]],
) -> None:
    estimate, now_s = None, 0.0
    for done, step_s in reports:
        now_s += step_s
        estimate = updated(estimate, Progress("work", done, 100), now_s)
    assert estimate is not None
    assert 0 <= estimate.percent <= 100
    assert estimate.remaining_s is None or estimate.remaining_s >= 0
