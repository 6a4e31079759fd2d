"""Listening tests for tests."""

from app.review.listening import Answer, Compared, Plan, Session
from engine.types import Region
from widgets.review_view import Question

COMPARED = (
    Compared("mix", "Original", 0.0),
    Compared("restored", "Restored", 1.5),
    Compared("dialogue", "Dialogue", 6.0),
)
AT = "2026-05-04T12:30:00+02:00"


def plan_of(question: Question, num_trials: int = 16, seed: int = 7, compared: int = 2) -> Plan:
    """A test of the first versions."""
    region = Region(0.5, 1.5)
    return Plan(question, COMPARED[:compared], num_trials, region, "Anna", seed)


def abx_session(num_right: int, num_trials: int = 16) -> Session:
    """A finished ABX test with so many right answers, the right ones first."""
    plan = plan_of(Question.ABX, num_trials)
    session = Session(plan)
    for number in range(num_trials):
        plays = plan.plays(number)
        truth = plays.index(plays[2])
        choice = truth if number < num_right else 1 - truth
        session = session.answered(Answer(plays, choice, listened_s=4.25, switches=3))
    return session.finished(AT)


def preference_session(chosen: list[str], compared: int = 2) -> Session:
    """A finished preference test in which these versions were chosen."""
    plan = plan_of(Question.PREFERENCE, len(chosen), compared=compared)
    session = Session(plan)
    for number, version_id in enumerate(chosen):
        plays = plan.plays(number)
        session = session.answered(Answer(plays, plays.index(version_id), listened_s=2.0))
    return session.finished(AT)


def rating_session(ratings: list[dict[str, int]]) -> Session:
    """A finished rating of two versions."""
    plan = plan_of(Question.RATING, len(ratings))
    session = Session(plan)
    for number, each in enumerate(ratings):
        plays = plan.plays(number)
        rated = tuple(each[version_id] for version_id in plays)
        session = session.answered(Answer(plays, ratings=rated, listened_s=9.0))
    return session.finished(AT)
