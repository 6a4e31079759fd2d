"""Exact tests agree with scipy's, and keep the laws of chance."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.review import statistics
from app.review.statistics import (
    LEVEL,
    chance_of_at_least,
    chance_of_shares,
    mean_interval,
    nominal_agreement,
    power,
    right_needed,
    share_interval,
)

TRIALS = st.integers(1, 100)


@given(TRIALS, st.data())
def test_the_chance_of_guessing_is_the_binomial_tail(trials: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, trials))
    expected = float(stats.binom.sf(right - 1, trials, 0.5))
    assert chance_of_at_least(right, trials) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30)
@given(TRIALS, st.data())
def test_intervals_of_shares_are_those_of_clopper_and_pearson(
    trials: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, trials))
    expected = stats.binomtest(count, trials).proportion_ci(0.95, method="exact")
    assert share_interval(count, trials) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_twelve_of_sixteen_is_the_least_that_shows_something() -> None:
    assert right_needed(16) == 12
    assert chance_of_at_least(12, 16) == pytest.approx(0.0384, abs=1e-4)
    assert right_needed(5) == 5
    assert right_needed(4) is None


@given(st.integers(5, 100))
def test_what_is_needed_is_beyond_chance_and_one_less_is_not(trials: int) -> None:
    needed = right_needed(trials)
    assert needed is not None
    assert chance_of_at_least(needed, trials) < LEVEL <= chance_of_at_least(needed - 1, trials)


def test_power_grows_with_the_ear_and_is_the_level_for_who_guesses() -> None:
    assert power(16, 0.5) == pytest.approx(chance_of_at_least(12, 16))
    assert power(16, 0.9) == pytest.approx(float(stats.binom.sf(11, 16, 0.9)))
    assert power(3, 1.0) == 0.0


@given(TRIALS, st.data())
def test_two_candidates_are_compared_by_the_sign_test(trials: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, trials))
    expected = float(stats.binomtest(count, trials).pvalue)
    assert chance_of_shares((count, trials - count)) == pytest.approx(expected, abs=1e-9)


def test_three_candidates_are_compared_exactly() -> None:
    assert chance_of_shares((2, 2, 2)) == pytest.approx(1.0)
    # All six for one of three: three outcomes of 3 ** 6.
    assert chance_of_shares((6, 0, 0)) == pytest.approx(3 / 3**6)
    assert chance_of_shares((0, 6, 0)) == pytest.approx(3 / 3**6)


def test_the_interval_of_a_mean_holds_it_and_is_the_same_again() -> None:
    low, high = mean_interval((40, 50, 60, 55, 45, 70))
    assert low < 320 / 6 < high
    assert mean_interval((40, 50, 60, 55, 45, 70)) == (low, high)
    assert mean_interval((80, 80, 80)) == (80.0, 80.0)
    assert not math.isnan(mean_interval((7,))[0])


def test_thousands_of_answers_are_counted_by_logarithms() -> None:
    # Of 1000 and 1001 answers the two ways give nearly the same.
    few, many = (chance_of_at_least(530, trials) for trials in (1000, 1001))
    assert many == pytest.approx(few, rel=0.1)
    low, high = share_interval(5000, 10_000)
    assert (low, high) == pytest.approx((0.4902, 0.5098), abs=1e-4)
    assert chance_of_at_least(0, 5000, 0.0) == 1.0
    assert chance_of_at_least(1, 5000, 0.0) == 0.0
    assert chance_of_at_least(5000, 5000, 1.0) == 1.0


@given(st.lists(st.integers(0, 40), min_size=2, max_size=3).filter(lambda counts: sum(counts) > 0))
def test_both_ways_to_compare_shares_agree(counts: list[int]) -> None:
    assert statistics._chance_of_many(counts) == pytest.approx(chance_of_shares(counts), abs=1e-6)


def test_of_very_many_answers_to_three_it_is_the_chi_squared_test() -> None:
    counts = [500, 460, 440]
    mean = sum(counts) / 3
    tail = math.exp(-sum((count - mean) ** 2 for count in counts) / mean / 2)
    assert chance_of_shares(counts) == pytest.approx(tail, abs=0.005)
    assert chance_of_shares([5000, 4600, 4400]) < 1e-6
    assert 0.9 < chance_of_shares([3333, 3334, 3333]) <= 1


def test_agreement_is_krippendorffs_alpha() -> None:
    # The worked example of Krippendorff's "Computing Krippendorff's alpha-reliability", 2011:
    # two observers, ten units, nominal data.
    pairs = ["01", "11", "01", "00", "00", "01", "00", "00", "10", "00"]
    assert nominal_agreement(pairs) == pytest.approx(0.095, abs=5e-4)
    assert nominal_agreement([*pairs, "1"]) == nominal_agreement(pairs)
    assert nominal_agreement(["aa", "bb", "aa"]) == 1.0
    assert nominal_agreement(["aa", "aa"]) is None
    assert nominal_agreement(["ab"]) is None
    assert nominal_agreement([]) is None
