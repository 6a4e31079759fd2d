"""What the Review page shows: frozen values, made by the controllers, drawn by the panel."""

from dataclasses import dataclass
from enum import StrEnum

from engine.translation import tr


class Question(StrEnum):
    """What a blind test asks.

    ABX: is X the same as A or as B? Preference: which one is best? Rating: how good is each, from
    0 to 100?
    """

    ABX = "abx"
    PREFERENCE = "preference"
    RATING = "rating"


ANCHORS = {3500: tr("Low anchor (3.5 kHz)"), 7000: tr("Middle anchor (7 kHz)")}
"""What the anchors of ITU-R BS.1534 are called, by where the reference is cut off."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """A sound that can be heard alone.

    Attributes:
        version_id: Its name in every signal.
        letter: For its badge.
        name: What the user reads.
        color_token: Name of a colour in `widgets.theme.Theme`.
        loudness_lufs: Integrated loudness where it is compared; None while it is measured, `-inf`
            is silence.
        gain_db: What makes it as loud as the others.
        can_be_removed: It is another file that is compared with.
    """

    version_id: str
    letter: str
    name: str
    color_token: str
    loudness_lufs: float | None = None
    gain_db: float = 0.0
    can_be_removed: bool = False


@dataclass(frozen=True, slots=True)
class CompareView:
    """What can be compared.

    Attributes:
        versions: In the order of their keys, from 0 on.
        heard: version_id of the one that is heard; empty for the lanes as they are set.
        is_matched: They are played equally loud.
        stretch: Where loudness is measured, in words.
        is_silent: There is no sound device.
        has_placed_music: There is music in the film that no version has.
    """

    versions: tuple[VersionView, ...] = ()
    heard: str = ""
    is_matched: bool = True
    stretch: str = ""
    is_silent: bool = False
    has_placed_music: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether the loudness of all is known."""
        return all(version.loudness_lufs is not None for version in self.versions)


@dataclass(frozen=True, slots=True)
class BlindTestWish:
    """The blind test that the user wants.

    Attributes:
        question: What is asked.
        version_ids: What is compared.
        num_trials: How often.
        listener: Whoever answers.
        has_reference: The first one is how it should be; for ratings.
        anchors_hz: So much of the reference is rated as well, unnamed; see `ANCHORS`.
        without_sound: Go on although there is no sound device.
    """

    question: Question
    version_ids: tuple[str, ...]
    num_trials: int
    listener: str
    has_reference: bool = False
    anchors_hz: tuple[int, ...] = ()
    without_sound: bool = False


@dataclass(frozen=True, slots=True)
class TrialView:
    """A trial of a blind test.

    Attributes:
        question: What is asked.
        number: Of the trial, from 1 on.
        num_trials: How many there are.
        letters: On the buttons, in order; in ABX the third one is X.
        num_open: So many of the first ones are not asked about: the reference.
        heard: Index of the button that is listened to.
        can_answer: All of them have been listened to.
        is_silent: Nobody can listen: there is no sound device.
        stretch: What is looped, in words.
    """

    question: Question
    number: int
    num_trials: int
    letters: tuple[str, ...]
    num_open: int = 0
    heard: int = 0
    can_answer: bool = False
    is_silent: bool = False
    stretch: str = ""

    @property
    def first_key(self) -> int:
        """The number that is the key of the first button; a reference has 0, the others theirs."""
        return 0 if self.num_open else 1


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a test showed, in words.

    Attributes:
        title: What was compared, by whom.
        lines: What came of it.
    """

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note at a time.

    Attributes:
        marker_id: Of the marker that it is.
        time_s: Where it stands.
        text: What it says.
    """

    marker_id: int
    time_s: float
    text: str
