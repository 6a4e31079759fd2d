"""What tests show is said in words that claim no more than the numbers."""

from dataclasses import replace

from app.review.findings import finding, power_in_words, shares
from app.review.listening import Answer, Session
from tests.helpers.listening import abx_session, plan_of, preference_session, rating_session
from widgets.review_view import Question


def test_twelve_of_sixteen_were_heard() -> None:
    found = finding(abx_session(12))
    assert found.title == "ABX: Original or Restored, Anna"
    assert found.lines[0].startswith("The difference was heard. 12 of 16 right")
    assert "p = 0.038" in found.lines[0]
    assert "48 % to 93 %" in found.lines[1]


def test_eleven_of_sixteen_show_nothing() -> None:
    assert finding(abx_session(11)).lines[0].startswith("No difference was shown.")


def test_a_perfect_long_test_is_less_than_a_thousandth() -> None:
    assert "p = less than 0.001" in finding(abx_session(16)).lines[0]


def test_a_test_that_was_given_up_shows_nothing() -> None:
    session = abx_session(12)
    short = replace(session, answers=session.answers[:13])
    (line,) = finding(short).lines
    assert line == "Given up after 13 of 16 trials: shows nothing."


def test_a_preference_is_told_with_its_table() -> None:
    clear = finding(preference_session(["restored"] * 14 + ["mix"] * 2))
    assert clear.lines[0].startswith("Restored is preferred; p = 0.004")
    assert clear.lines[1].startswith("Original: 2 of 16")
    even = finding(preference_session(["restored"] * 9 + ["mix"] * 7))
    assert even.lines[0].startswith("No preference was shown")


def test_shares_add_up() -> None:
    table = shares(preference_session(["restored", "mix", "dialogue", "mix"], compared=3))
    assert [share.count for share in table] == [2, 1, 1]
    assert all(share.interval[0] < share.count / share.total < share.interval[1] for share in table)


def test_ratings_are_told_with_their_intervals() -> None:
    rated = [{"mix": 20, "restored": 70}, {"mix": 40, "restored": 90}]
    lines = finding(rating_session(rated)).lines
    assert lines[0] == "Original: 30 (20 to 40)"
    assert lines[1] == "Restored: 80 (70 to 90)"
    # One alone has none.
    assert finding(rating_session(rated[:1])).lines[0] == "Original: 20"


def test_what_a_test_can_show_is_said_beforehand() -> None:
    words = power_in_words(Question.ABX, 16)
    assert words.startswith("12 right of 16 are not chance")
    assert "98 %" in words
    assert power_in_words(Question.ABX, 4).startswith("Too few trials")
    assert power_in_words(Question.RATING, 4) == ""


def test_who_does_not_know_the_reference_again_is_told() -> None:
    for rating, words in ((95, "was recognised"), (60, "below 90 in 1 of 1")):
        plan = replace(plan_of(Question.RATING, 1), has_reference=True)
        plays = plan.plays(0)
        ratings = tuple(rating if each == "mix" else 20 for each in plays[1:])
        session = Session(plan, (Answer(plays, ratings=ratings),))
        assert words in finding(session).lines[-1]


def test_versions_have_their_names_of_today_whatever_was_spoken_during_the_test() -> None:
    session = abx_session(12)
    old = tuple(replace(each, name="Wiederhergestellt") for each in session.plan.compared)
    spoken = replace(session, plan=replace(session.plan, compared=old))
    assert finding(spoken).title == finding(session).title == "ABX: Original or Restored, Anna"
