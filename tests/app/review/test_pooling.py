"""Tests of several listeners become one table; what shows nothing does not count."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review.listening import Answer, Session
from app.review.pooling import HeardTest, pool, pooled_finding
from app.review.statistics import chance_of_shares, share_interval
from engine.types import Region
from tests.helpers.listening import abx_session, plan_of, preference_session
from widgets.review_view import Question


def preference(by: str, restored: int, mix: int, film: str = "a.mp4", seed: int = 7) -> HeardTest:
    """A listener who prefers the restored sound so often, and the mix so often."""
    plan = replace(plan_of(Question.PREFERENCE, restored + mix, seed), listener=by)
    session = Session(plan)
    for number, chosen in enumerate(["restored"] * restored + ["mix"] * mix):
        plays = plan.plays(number)
        session = session.answered(Answer(plays, plays.index(chosen)))
    return HeardTest(session, film, by)


def rating(by: str, reference: int, restored: int) -> HeardTest:
    plan = replace(plan_of(Question.RATING, 2), has_reference=True, listener=by)
    session = Session(plan)
    for number in range(2):
        plays = plan.plays(number)
        rated = {"mix": reference, "restored": restored}
        session = session.answered(Answer(plays, ratings=tuple(rated[v] for v in plays[1:])))
    return HeardTest(session, "a.mp4", by)


def test_preferences_of_all_listeners_are_one_table() -> None:
    tests = [preference("Anna", 12, 4), preference("Ben", 11, 5, seed=8), preference("Cleo", 3, 5)]
    (pooled,) = pool(tests)
    assert (pooled.listeners, pooled.films, pooled.tests, pooled.answers) == (3, 1, 3, 40)
    mix, restored = pooled.rows
    assert (mix.name, mix.count, mix.listeners) == ("Original", 14, 1)
    assert (restored.name, restored.count, restored.listeners) == ("Restored", 26, 2)
    assert restored.value == 26 / 40
    assert (restored.low, restored.high) == share_interval(26, 40)
    assert pooled.p_value == chance_of_shares([14, 26])
    lines = "\n".join(pooled_finding(pooled).lines)
    assert "3 listeners, 1 film, 3 tests, 40 answers." in lines
    assert "Restored: 26 of 40, 65 % (48 % to 79 %); preferred by 2 of 3" in lines


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), max_size=12))
def test_what_is_there_twice_counts_once(picked: list[int]) -> None:
    pooled = pool([preference("Anna", 5, 3, seed=seed) for seed in picked])
    assert sum(each.answers for each in pooled) == 8 * len(set(picked))


def test_other_questions_and_other_versions_are_other_tables() -> None:
    other = preference_session(["dialogue", "mix"], compared=3)
    tests = [
        preference("Anna", 5, 3),
        HeardTest(other, "a.mp4", "Anna"),
        HeardTest(abx_session(12), "a.mp4", "Anna"),
    ]
    assert [each.question for each in pool(tests)] == ["preference", "preference", "abx"]


def test_an_abx_test_is_pooled_and_says_who_hears_it() -> None:
    tests = [
        HeardTest(abx_session(15), "a.mp4", "Anna"),
        HeardTest(abx_session(8), "a.mp4", "Ben"),
    ]
    (pooled,) = pool(tests)
    (row,) = pooled.rows
    assert (row.count, pooled.answers, row.listeners) == (23, 32, 1)
    assert pooled.p_value == pytest.approx(0.01, abs=0.002)


def test_who_misses_the_reference_is_marked_and_left_out_of_the_mean() -> None:
    (pooled,) = pool([rating("Anna", 95, 60), rating("Ben", 100, 70), rating("Eve", 40, 100)])
    assert [(row.name, row.value) for row in pooled.rows] == [("Original", 97.5), ("Restored", 65)]
    assert (pooled.listeners, pooled.tests) == (2, 2)
    words = "\n".join(pooled_finding(pooled).lines)
    assert "1 test in which the hidden reference was rated below 90 too often (Eve)" in words


def test_what_shows_nothing_is_said_and_not_counted() -> None:
    early = preference("Anna", 5, 3)
    early = replace(early, session=replace(early.session, answers=early.session.answers[:4]))
    deaf = preference("Ben", 5, 3)
    plan = replace(deaf.session.plan, without_sound=True)
    deaf = replace(deaf, session=replace(deaf.session, plan=plan))
    (pooled,) = pool([early, deaf])
    assert (pooled.tests, pooled.answers, pooled.rows) == (0, 0, ())
    words = "\n".join(pooled_finding(pooled).lines)
    assert "nothing that counts" in words
    assert "1 test that ended early" in words
    assert "1 test without a sound device" in words
    assert pool([]) == ()


def agreed(*chosen: str) -> float | None:
    """Two listeners, a letter each for every stretch: r prefers the restored sound, m the mix."""
    tests = []
    for at, pair in enumerate(chosen):
        for by, letter in zip(("Anna", "Ben"), pair, strict=True):
            test = preference(by, 3 if letter == "r" else 0, 3 if letter == "m" else 0)
            plan = replace(test.session.plan, region=Region(at, at + 1))
            tests.append(replace(test, session=replace(test.session, plan=plan)))
    (pooled,) = pool(tests)
    return pooled.agreement


def test_agreement_is_of_stretches_that_several_heard() -> None:
    assert agreed("rr", "mm", "rr") == 1.0
    half = agreed("rm", "mr", "rm")
    assert half is not None
    assert half < 0
    assert agreed("rr", "rr") is None
    assert agreed("rm") is None


def test_listeners_of_several_languages_are_one_table() -> None:
    anna, ben = preference("Anna", 12, 4), preference("Ben", 11, 5, seed=8)
    plan = ben.session.plan
    named = zip(plan.compared, ("Original", "Wiederhergestellt"), strict=True)
    german = tuple(replace(each, name=name) for each, name in named)
    spoken = replace(ben, session=replace(ben.session, plan=replace(plan, compared=german)))
    (pooled,) = pool((anna, spoken))
    assert pooled.names == ("Original", "Restored")
    assert pooled.listeners == 2
