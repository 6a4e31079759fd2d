"""Music that was placed in the film, as values: clips, their fades, and the lanes they lie in."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from app.gain_curves import FadeShape
from engine.types import AudioRef

LEAST_CLIP_S = 0.05
MAX_CLIPS = 200
MAX_GAIN_POINTS = 500
MIN_GAIN_DB = -60.0
MAX_GAIN_DB = 12.0
MAX_DUCK_DB = 30.0

_MUSIC_LANE = re.compile(r"placed ([1-9]\d{0,2})")


@dataclass(frozen=True, slots=True)
class Fade:
    """How a clip begins or ends.

    Attributes:
        duration_s: How long it takes.
        shape: Its curve.
    """

    duration_s: float = 0.0
    shape: FadeShape = FadeShape.EQUAL_POWER


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a track, placed in the film.

    Attributes:
        clip_id: Its name in every edit, unique in a project.
        lane_id: The lane it lies in.
        track: File of the track.
        sound: The whole track at the rate and with the channels of the film; None while the file
            is missing.
        start_s: Where it begins in the film.
        track_start_s: What of the track is heard there.
        duration_s: How long it is.
        gain_db: Its own gain in dB, besides that of its lane.
        fade_in, fade_out: At its ends; together no longer than the clip.
    """

    clip_id: int
    lane_id: str
    track: Path
    sound: AudioRef | None
    start_s: float
    track_start_s: float
    duration_s: float
    gain_db: float = 0.0
    fade_in: Fade = field(default_factory=Fade)
    fade_out: Fade = field(default_factory=Fade)

    def __post_init__(self) -> None:
        """Refuse what lies nowhere."""
        times_s = (self.start_s, self.track_start_s, self.duration_s)
        if not all(0 <= time_s < float("inf") for time_s in times_s) or not self.duration_s:
            raise ValueError(f"no clip can lie at {times_s}")
        if self.fade_in.duration_s + self.fade_out.duration_s > self.duration_s + 1e-6:
            raise ValueError("the fades are longer than the clip")

    @property
    def end_s(self) -> float:
        """Where it ends in the film."""
        return self.start_s + self.duration_s

    @property
    def track_end_s(self) -> float:
        """Where it ends in the track."""
        return self.track_start_s + self.duration_s

    @property
    def track_duration_s(self) -> float:
        """Length of the track; without it, so much as the clip needs."""
        return self.sound.duration_s if self.sound is not None else self.track_end_s

    def meets(self, start_s: float, end_s: float) -> bool:
        """Whether it sounds anywhere from one time to before another."""
        return self.start_s < end_s and start_s < self.end_s


def music_lane_id(number: int) -> str:
    """The lane_id of a lane of placed music, counted from 1."""
    return f"placed {number}"


def music_lane_number(lane_id: str) -> int | None:
    """Which lane of placed music it is; None if it is none."""
    found = _MUSIC_LANE.fullmatch(lane_id)
    return int(found[1]) if found else None
