"""Trials are drawn from the seed, answers belong to them, and edits keep tests with the project."""

from collections import Counter
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document import Document
from app.project import Project
from app.review.edits import add_session, forget_session
from app.review.listening import (
    MAX_NAME,
    Answer,
    Compared,
    MadeWith,
    Plan,
    Session,
    as_compared,
)
from engine.types import Region
from tests.helpers.listening import (
    COMPARED,
    abx_session,
    plan_of,
    preference_session,
    rating_session,
)
from widgets.review_view import Question


def test_trials_are_the_same_for_a_seed_and_others_for_another() -> None:
    plan, again = plan_of(Question.ABX, 40), plan_of(Question.ABX, 40)
    drawn = [plan.plays(number) for number in range(40)]
    assert drawn == [again.plays(number) for number in range(40)]
    other = plan_of(Question.ABX, 40, seed=8)
    assert drawn != [other.plays(number) for number in range(40)]


def test_x_is_either_and_a_and_b_never_change() -> None:
    plan = plan_of(Question.ABX, 100)
    drawn = [plan.plays(number) for number in range(100)]
    assert {plays[:2] for plays in drawn} == {("mix", "restored")}
    counts = Counter(plays[2] for plays in drawn)
    assert set(counts) == {"mix", "restored"}
    assert 30 < counts["mix"] < 70


def test_preferred_versions_come_in_every_order() -> None:
    plan = plan_of(Question.PREFERENCE, 100, compared=3)
    orders = {plan.plays(number) for number in range(100)}
    assert len(orders) == 6


def test_right_answers_are_counted() -> None:
    assert abx_session(12).num_right == 12
    assert abx_session(0).num_right == 0


def test_preferences_and_ratings_are_told_by_version_not_by_button() -> None:
    session = preference_session(["restored"] * 5 + ["mix"] * 2)
    assert session.preferred() == (2, 5)
    rated = rating_session([{"mix": 30, "restored": 70}, {"mix": 40, "restored": 80}])
    assert rated.ratings() == ((30, 40), (70, 80))


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        (Question.ABX, COMPARED),
        (Question.ABX, COMPARED[:1]),
        (Question.PREFERENCE, COMPARED[:1]),
        (Question.PREFERENCE, (COMPARED[0], COMPARED[0])),
    ],
)
def test_a_test_of_the_wrong_versions_is_refused(
    question: Question, compared: tuple[Compared, ...]
) -> None:
    with pytest.raises(ValueError, match="is no test"):
        Plan(question, compared, 8, Region(0, 1), "", 1)


def test_impossible_plans_are_refused() -> None:
    plan = plan_of(Question.ABX)
    for num_trials in (0, 101):
        with pytest.raises(ValueError, match="out of range"):
            replace(plan, num_trials=num_trials)
    with pytest.raises(ValueError, match="impossible"):
        replace(plan, seed=-1)


def test_answers_to_other_questions_are_refused() -> None:
    plan = plan_of(Question.ABX, 1)
    plays = plan.plays(0)
    wrong_x = plays[1] if plays[2] == plays[0] else plays[0]
    bad = [
        Answer((*plays[:2], wrong_x), 0),
        Answer(plays, 2),
        Answer(plays),
        Answer(plays, 0, ratings=(1, 2)),
        Answer(plays, 0, listened_s=-1.0),
    ]
    for answer in bad:
        with pytest.raises(ValueError, match="trial 1"):
            Session(plan, (answer,))
    good = Answer(plays, 1)
    with pytest.raises(ValueError, match="more answers"):
        Session(plan, (good, good))


def test_ratings_out_of_the_scale_are_refused() -> None:
    plan = plan_of(Question.RATING, 1)
    with pytest.raises(ValueError, match="odd ratings"):
        Session(plan, (Answer(plan.plays(0), ratings=(101, 0)),))


def test_tests_are_kept_and_forgotten_by_edits_that_undo() -> None:
    document = Document()
    first, second = abx_session(12), preference_session(["mix"] * 3)
    document.open(Project())
    for session in (first, second):
        document.do(add_session(session))
    document.do(forget_session(0))
    assert list(document.project.sessions) == [second]
    document.undo()
    assert list(document.project.sessions) == [first, second]


def test_anchors_are_drawn_and_rated_like_the_hidden_reference() -> None:
    plain = replace(plan_of(Question.RATING, 20), has_reference=True)
    plan = replace(plain, anchors_hz=(3500, 7000))
    low, middle = (each.version_id for each in plan.rated[2:])
    assert all(each.gain_db == COMPARED[0].gain_db for each in plan.rated[2:])
    drawn = [plan.plays(number) for number in range(20)]
    assert all(plays[0] == "mix" for plays in drawn)
    assert all(sorted(plays[1:]) == sorted(["mix", "restored", low, middle]) for plays in drawn)
    assert len({plays.index(low) for plays in drawn}) == 4
    session = Session(plan)
    rating = {"mix": 100, "restored": 70, low: 5, middle: 30}
    for plays in drawn:
        session = session.answered(Answer(plays, ratings=tuple(rating[v] for v in plays[1:])))
    assert [set(ratings) for ratings in session.ratings()] == [{100}, {70}, {5}, {30}]
    with pytest.raises(ValueError, match="not drawn from the seed"):
        Session(plain, session.answers)


@pytest.mark.parametrize("anchors_hz", [(7000, 3500), (3500, 3500), (1,), (10**9,)])
def test_impossible_anchors_are_refused(anchors_hz: tuple[int, ...]) -> None:
    plan = replace(plan_of(Question.RATING), has_reference=True)
    with pytest.raises(ValueError, match="no anchors"):
        replace(plan, anchors_hz=anchors_hz)
    with pytest.raises(ValueError, match="made of a reference"):
        replace(plan_of(Question.RATING), anchors_hz=(3500,))


@given(st.lists(st.sampled_from([89, 90]), min_size=1, max_size=30))
def test_who_misses_the_reference_in_more_than_15_percent_is_marked(rated: list[int]) -> None:
    plan = replace(plan_of(Question.RATING, len(rated)), has_reference=True)
    session = Session(plan)
    for number, rating in enumerate(rated):
        plays = plan.plays(number)
        ratings = tuple(rating if each == "mix" else 100 for each in plays[1:])
        session = session.answered(Answer(plays, ratings=ratings))
    assert session.num_missed == rated.count(89)
    assert session.is_marked == (100 * rated.count(89) > 15 * len(rated))


def test_without_sound_nothing_is_shown() -> None:
    session = abx_session(16)
    assert session.counts
    deaf = replace(session, plan=replace(session.plan, without_sound=True))
    assert deaf.is_complete
    assert not deaf.counts


def test_of_a_stem_no_name_in_the_language_of_the_day_is_kept() -> None:
    stem = as_compared("restored", "Wiederhergestellt", 1.5)
    assert (stem.name, stem.words, stem.gain_db) == ("restored", "Restored", 1.5)
    file = as_compared("rival 1", "theirs.wav", 0.0)
    assert (file.name, file.words) == ("theirs.wav", "theirs.wav")
    assert len(as_compared("rival 1", "long" * 100, 0.0).name) == MAX_NAME


def test_a_test_from_before_sounds_were_kept_is_read_and_knows_nothing() -> None:
    told = msgspec.to_builtins(abx_session(12))
    for each in told["plan"]["compared"]:
        del each["sound"]
    session = msgspec.convert(told, Session)
    assert session == abx_session(12)
    assert session.plan.made_with({"mix": "a"}) is MadeWith.UNKNOWN


@pytest.mark.parametrize(
    ("sounds", "made_with"),
    [
        (("m", "r"), MadeWith.SHOWN),
        (("m", "b"), MadeWith.OTHER),
        (("m", ""), MadeWith.UNKNOWN),
        (("x", ""), MadeWith.OTHER),
    ],
)
def test_all_that_is_compared_has_to_be_what_is_shown(
    sounds: tuple[str, str], made_with: MadeWith
) -> None:
    plan = plan_of(Question.ABX)
    pairs = zip(plan.compared, sounds, strict=True)
    plan = replace(plan, compared=tuple(replace(each, sound=sound) for each, sound in pairs))
    assert plan.made_with({"mix": "m", "restored": "r", "bgm": "b"}) is made_with


def test_another_file_is_the_same_under_another_number() -> None:
    file = as_compared("file 2", "theirs.wav", 0.0, "f")
    assert file.made_with({"mix": "m", "file 1": "f"}) is MadeWith.SHOWN
    assert file.made_with({"mix": "m"}) is MadeWith.OTHER


def test_a_sound_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        as_compared("mix", "mix", 0.0, "s" * 1000)
