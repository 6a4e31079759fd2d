"""Blind tests: a plan that is fixed beforehand, trials drawn from its seed, answers as given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.stem_names import VERSION_NAMES
from engine.types import Region
from widgets.review_view import ANCHORS, Question

MAX_TRIALS = 100
MAX_RATING = 100
MAX_SEED = 2**32
MAX_NAME = 100
REFERENCE_RATING = 90
"""What is the reference itself deserves at least this (ITU-R BS.1534-3, post-screening)."""

_MISSED_PART = 0.15
_ANCHOR = "low-passed "
_MAX_WORDS = 200
_MAX_GAIN_DB = 200.0
_MAX_LISTENED_S = 1e6
_MAX_SWITCHES = 10**6


class MadeWith(StrEnum):
    """Whether what a test compared is what is shown: a restore may be another one by now."""

    SHOWN = "shown"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the sounds that a test compares.

    Attributes:
        version_id: Its name within the project.
        name: The same again; of another file how that is called.
        gain_db: What made it as loud as the others.
        sound: Which sound it was (`Sound.key`); empty in tests that were made before it was kept.
    """

    version_id: str
    name: str
    gain_db: float
    sound: str = ""

    def __post_init__(self) -> None:
        """Refuse what no version can be."""
        words = self.version_id + self.name, self.sound
        if abs(self.gain_db) > _MAX_GAIN_DB or max(map(len, words)) > _MAX_WORDS:
            raise ValueError("a version that was listened to is impossible")

    def made_with(self, shown: Mapping[str, str]) -> MadeWith:
        """Whether it is one of the sounds that are shown; a stem under the same name.

        Args:
            shown: Which sounds, by version_id.
        """
        if not self.sound:
            return MadeWith.UNKNOWN
        is_stem = self.version_id in VERSION_NAMES
        fitting = (shown.get(self.version_id),) if is_stem else shown.values()
        return MadeWith.SHOWN if self.sound in fitting else MadeWith.OTHER

    @property
    def words(self) -> str:
        """What it is called in the language of the window, whatever that was during the test."""
        return VERSION_NAMES.get(self.version_id, self.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """A test before it begins.

    Attributes:
        question: What is asked.
        compared: The sounds, at least two.
        num_trials: How often, chosen beforehand.
        region: What is listened to.
        listener: Whoever answers.
        seed: What the trials are drawn from.
        has_reference: The first sound is how it should be: in a rating it can be listened to as
            such, and is hidden among those that are rated, too (ITU-R BS.1534).
        anchors_hz: The reference without what is above, hidden among those that are rated: shows
            how the listener uses the lower part of the scale. Ascending.
        without_sound: There was no device: nobody heard anything, and the test shows nothing.
    """

    question: Question
    compared: tuple[Compared, ...]
    num_trials: int
    region: Region
    listener: str
    seed: int
    has_reference: bool = False
    anchors_hz: tuple[int, ...] = ()
    without_sound: bool = False

    def __post_init__(self) -> None:
        """Refuse a test that could not show anything."""
        ids = [each.version_id for each in self.compared]
        fits = len(ids) == 2 if self.question is Question.ABX else 2 <= len(ids) <= 3
        if not fits or len(set(ids)) != len(ids):
            raise ValueError(f"{self.question} of {ids} is no test")
        if self.has_reference and self.question is not Question.RATING:
            raise ValueError("only ratings have a reference")
        if self.anchors_hz and not self.has_reference:
            raise ValueError("anchors are made of a reference")
        if self.anchors_hz != tuple(hz for hz in ANCHORS if hz in self.anchors_hz):
            raise ValueError(f"there are no anchors of {self.anchors_hz} Hz")
        if not 1 <= self.num_trials <= MAX_TRIALS:
            raise ValueError(f"{self.num_trials} trials are out of range")
        if not 0 <= self.seed < MAX_SEED or len(self.listener) > _MAX_WORDS:
            raise ValueError("a listening test has an impossible seed or listener")

    def plays(self, number: int) -> tuple[str, ...]:
        """Which version each button of a trial plays.

        In ABX the third one is X; an open reference comes first.

        Args:
            number: Of the trial, from 0 on.
        """
        ids = [each.version_id for each in self.rated]
        draw = np.random.default_rng([self.seed, number])
        if self.question is Question.ABX:
            return (*ids, ids[draw.integers(2)])
        shuffled = tuple(ids[index] for index in draw.permutation(len(ids)))
        return (ids[0], *shuffled) if self.has_reference else shuffled

    def made_with(self, shown: Mapping[str, str]) -> MadeWith:
        """Whether all that it compares is among the sounds that are shown, by version_id."""
        found = {each.made_with(shown) for each in self.compared}
        return next(each for each in (MadeWith.OTHER, MadeWith.UNKNOWN, *found) if each in found)

    @property
    def rated(self) -> tuple[Compared, ...]:
        """The compared sounds, and the anchors, which play at the reference's gain."""
        gain_db = self.compared[0].gain_db
        anchors = (Compared(anchor_id(hz), ANCHORS[hz], gain_db) for hz in self.anchors_hz)
        return (*self.compared, *anchors)

    @property
    def num_open(self) -> int:
        """Buttons before those that are asked about."""
        return int(self.has_reference)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the listener said in one trial.

    Attributes:
        plays: The version behind each button.
        choice: The button that was chosen; in ABX 0 says that X is A. None for ratings.
        ratings: Of each button that is no open reference, for ratings.
        listened_s: Time from the first sound to the answer.
        switches: How often another button was listened to.
    """

    plays: tuple[str, ...]
    choice: int | None = None
    ratings: tuple[int, ...] = ()
    listened_s: float = 0.0
    switches: int = 0

    @property
    def is_right(self) -> bool:
        """Whether, in ABX, the choice is what X was."""
        return self.choice is not None and self.plays[self.choice] == self.plays[2]


@dataclass(frozen=True, slots=True)
class Session:
    """A test that is going on or over.

    Attributes:
        plan: What was chosen beforehand.
        answers: One a trial, in order.
        finished_at: When it ended, as ISO 8601 with its zone; empty before.
    """

    plan: Plan
    answers: tuple[Answer, ...] = ()
    finished_at: str = ""

    def __post_init__(self) -> None:
        """Refuse answers to other questions."""
        if len(self.finished_at) > _MAX_WORDS:
            raise ValueError("a listening test ended at an impossible time")
        if len(self.answers) > self.plan.num_trials:
            raise ValueError("there are more answers than trials")
        for number, answer in enumerate(self.answers):
            _check_answer(self.plan, number, answer)

    @property
    def is_complete(self) -> bool:
        """Whether all trials were answered; another test proves nothing."""
        return len(self.answers) == self.plan.num_trials

    @property
    def counts(self) -> bool:
        """Whether it shows anything."""
        return self.is_complete and not self.plan.without_sound

    @property
    def num_right(self) -> int:
        """Right answers so far, of an ABX test."""
        return sum(answer.is_right for answer in self.answers)

    def answered(self, answer: Answer) -> "Session":
        """The test with one answer more."""
        return replace(self, answers=(*self.answers, answer))

    def finished(self, at: str) -> "Session":
        """The test with the time at which it ended, ISO 8601 with its zone."""
        return replace(self, finished_at=at)

    def preferred(self) -> tuple[int, ...]:
        """How often each compared sound was chosen, in their order."""
        chosen = Counter(a.plays[a.choice] for a in self.answers if a.choice is not None)
        return tuple(chosen[each.version_id] for each in self.plan.compared)

    def ratings(self) -> tuple[tuple[int, ...], ...]:
        """All ratings of each rated sound, in the order of `Plan.rated`."""
        num_open = self.plan.num_open
        return tuple(
            tuple(a.ratings[a.plays[num_open:].index(each.version_id)] for a in self.answers)
            for each in self.plan.rated
        )

    @property
    def num_missed(self) -> int:
        """Trials in which the hidden reference was rated as if something were wrong with it."""
        if not self.plan.has_reference:
            return 0
        return sum(rating < REFERENCE_RATING for rating in self.ratings()[0])

    @property
    def is_marked(self) -> bool:
        """Whether that was so in more than 15 % of the trials (ITU-R BS.1534-3)."""
        return self.num_missed > _MISSED_PART * len(self.answers)


def as_compared(version_id: str, name: str, gain_db: float, sound: str = "") -> Compared:
    """What is kept of a version: of a stem no name in the language of the day."""
    kept = version_id if version_id in VERSION_NAMES else name
    return Compared(version_id, kept[:MAX_NAME], gain_db, sound)


def anchor_id(hz: int) -> str:
    """The version_id of an anchor."""
    return f"{_ANCHOR}{hz}"


def _check_answer(plan: Plan, number: int, answer: Answer) -> None:
    if not (0 <= answer.listened_s <= _MAX_LISTENED_S and 0 <= answer.switches <= _MAX_SWITCHES):
        raise ValueError(f"trial {number + 1} took an impossible time")
    if answer.plays != plan.plays(number):
        raise ValueError(f"trial {number + 1} was not drawn from the seed")
    if plan.question is Question.RATING:
        rated = len(answer.ratings) == len(plan.rated) and answer.choice is None
        if not rated or not all(0 <= rating <= MAX_RATING for rating in answer.ratings):
            raise ValueError(f"trial {number + 1} has odd ratings")
    elif answer.choice is None or not 0 <= answer.choice < len(plan.compared) or answer.ratings:
        raise ValueError(f"trial {number + 1} has an odd answer")
