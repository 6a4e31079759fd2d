"""Everything that is worked on, as a tree of frozen values.

Knows neither Qt nor the engine's networks. Arrays are artifact keys; a snapshot is a reference.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.clips import Clip
from app.gain_curves import GainPoint
from app.review.listening import Session
from engine.types import AudioRef, OstChoice, OstWish, Quality, Region, RestoreResult, StemName

_STEMS = {stem.value: stem for stem in StemName}


@dataclass(frozen=True, slots=True)
class Media:
    """The video that is open.

    Attributes:
        path: Where it lies.
        mix: Its sound as decoded.
        frame_rate_hz: Pictures a second; 0 when there is no picture.
        width, height: Size of the picture as shown, in pixels.
        has_sound: It has a sound track; else its mix is silence, for music to be placed in.
    """

    path: Path
    mix: AudioRef
    frame_rate_hz: float = 0.0
    width: int = 0
    height: int = 0
    has_sound: bool = True

    @property
    def has_picture(self) -> bool:
        """Whether there is anything to see."""
        return self.frame_rate_hz > 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of sound and how it is heard.

    Attributes:
        lane_id: Its name in every edit, unique in a project; a stem's lane is named like the stem.
        gain_db: Gain in dB; `-inf` is silence.
        muted: Not heard, unless soloed.
        soloed: While any lane is soloed, only those are heard.
        as_spectrogram: Its frequencies are shown instead of its waveform.
        envelope: Gain over time besides `gain_db`, ascending by time.
        duck_db: So much softer it is while somebody speaks.
    """

    lane_id: str
    gain_db: float = 0.0
    muted: bool = False
    soloed: bool = False
    as_spectrogram: bool = False
    envelope: tuple[GainPoint, ...] = ()
    duck_db: float = 0.0

    @property
    def stem(self) -> StemName | None:
        """The stem that it plays; None for any other sound."""
        return _STEMS.get(self.lane_id)

    @property
    def is_silent(self) -> bool:
        """Whether an export has nothing of it; what is soloed concerns only who listens here."""
        return self.muted or self.gain_db == -math.inf


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore that has come in.

    Attributes:
        result: What the engine found.
        choice: The music that the user wants kept; None leaves it to the engine, which takes only
            a part of the other one out when it is not sure.
        amount: How much of the added music is taken out, from 0 (none of it) to 1 (all of it).
        speech: What the user says is speech; None leaves it to the engine. The sounds of the
            result are of other regions until they have been separated again.
        attempt_id: The one of the history that it came from; 0 if nobody knows.
    """

    result: RestoreResult
    choice: OstChoice | None = None
    amount: float = 1.0
    speech: tuple[Region, ...] | None = None
    attempt_id: int = 0

    def __post_init__(self) -> None:
        """Refuse a choice between musics that are not there, and amounts that there cannot be."""
        if self.choice is not None and not has_two_musics(self.result):
            raise ValueError("a choice needs music1 and music2 to choose from")
        if not 0 <= self.amount <= 1:
            raise ValueError(f"no {self.amount} of a music can be taken out")
        if self.amount < 1 and not self.may_leave_some:
            raise ValueError("nothing can hold what is not taken out")
        if self.speech is not None and not self.result.may_change_speech:
            raise ValueError("speech that is not apart cannot be changed")

    @property
    def kept(self) -> OstChoice | None:
        """The music that is kept as things stand; None when there is nothing to choose."""
        decision = self.result.decision
        return self.choice or (decision.ost if decision is not None else None)

    @property
    def may_leave_some(self) -> bool:
        """Whether there is a lane that can hold what is not taken out of the added music."""
        stems = self.result.stems
        others = {StemName.DIALOGUE, StemName.EFFECTS, StemName.REST}
        is_known = StemName.RESTORED in stems and not others & set(stems)
        return StemName.BGM in stems and (StemName.OST in stems or is_known)

    @property
    def spoken(self) -> tuple[Region, ...]:
        """Where there is speech, by the user's word or else the engine's."""
        return self.result.speech if self.speech is None else self.speech

    @property
    def is_behind(self) -> bool:
        """Whether the sounds are still those of other speech regions."""
        return self.spoken != self.result.speech

    @property
    def is_preview(self) -> bool:
        """Whether it is of a stretch alone."""
        return self.result.region is not None


@dataclass(frozen=True, slots=True)
class Rival:
    """Another film or sound that is compared by ear: the true original, or somebody else's work.

    Attributes:
        path: Where it lies.
        sound: What it sounds like, at the rate of the mix.
    """

    path: Path
    sound: AudioRef


@dataclass(frozen=True, slots=True)
class Attempt:
    """A restore that was made once, as it came; its sounds may have gone from the cache since.

    Attributes:
        attempt_id: Its name in every wish, unique in a project.
        result: What the engine found.
        quality: That it was made with.
        made_s: When, in seconds since 1970.
        ost: The music that was to be kept; where it is not divided, `"second"` leaves speech alone.
    """

    attempt_id: int
    result: RestoreResult
    quality: Quality
    made_s: float
    ost: OstWish = "auto"


@dataclass(frozen=True, slots=True)
class Marker:
    """A place that the user wants to find again.

    Attributes:
        marker_id: Its name in every edit, unique in a project.
        time_s: Where it stands.
        text: What the user calls it.
    """

    marker_id: int
    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that is worked on.

    Attributes:
        media: The video; None before one is open.
        lanes: From top to bottom.
        track: The known track that lies under the mix, if the user named one.
        restore: The newest restore.
        selection: From the in point to the out point; None is all.
        markers: In the order of their times.
        lost: A restore whose sounds have gone from the cache, while they are made again.
        sessions: Blind listening tests, oldest first.
        rivals: Other files to compare with.
        history: The restores that were made, the newest first.
        clips: Music that was placed, in the order of lanes and times.
        heard_speech: Where somebody speaks in the mix, looked for where music has to make room
            and no restore tells it; None before that.
        listener_files: Signed reports and projects with the tests of other listeners.
    """

    media: Media | None = None
    lanes: tuple[Lane, ...] = ()
    track: Path | None = None
    restore: Restore | None = None
    selection: Region | None = None
    markers: tuple[Marker, ...] = ()
    lost: Restore | None = None
    sessions: tuple[Session, ...] = ()
    rivals: tuple[Rival, ...] = ()
    history: tuple[Attempt, ...] = ()
    clips: tuple[Clip, ...] = ()
    heard_speech: tuple[Region, ...] | None = None
    listener_files: tuple[Path, ...] = ()

    @property
    def has_result(self) -> bool:
        """Whether there is something to export: a whole restore, or placed music."""
        if self.media is None or self.lost is not None:
            return False
        return bool(self.clips) if self.restore is None else not self.restore.is_preview

    @property
    def speech(self) -> tuple[Region, ...] | None:
        """Where somebody speaks, as far as is known; None where nobody has listened.

        A restore of the whole that has separated speech tells it, even if there is none; what one
        by a known track says of speech is of stretches alone.
        """
        told = self.restore or self.lost
        if told is not None and not told.is_preview and StemName.DIALOGUE in told.result.stems:
            return told.result.speech
        if self.media is not None and not self.media.has_sound:
            return ()
        return self.heard_speech


def sound_alike(one: Restore | None, other: Restore | None) -> bool:
    """Whether all stems of two restores sound the same, whatever else is known of them."""
    heard = (
        (each.result.stems, each.result.region, each.choice, each.amount) if each else None
        for each in (one, other)
    )
    return next(heard) == next(heard)


def opened(media: Media, track: Path | None = None) -> Project:
    """A fresh project for a video: its mix in one lane, and a track that was named before."""
    return Project(media=media, lanes=(Lane(StemName.MIX),), track=track)


def has_two_musics(result: RestoreResult) -> bool:
    """Whether two musics were told apart, of which one can be chosen."""
    return {StemName.MUSIC1, StemName.MUSIC2} <= set(result.stems)


def change_lane(project: Project, lane_id: str, change: Callable[[Lane], Lane]) -> Project:
    """The project with another state of one lane."""
    lanes = tuple(change(lane) if lane.lane_id == lane_id else lane for lane in project.lanes)
    return replace(project, lanes=lanes)
