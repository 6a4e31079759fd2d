"""Music that was placed in the film, as values: clips, their fades, and the lanes they lie in."""

import re
from dataclasses import dataclass, field, replace
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

    Where a clip was cut within its fade, each half has a part of it. The outer end of a fade is
    that of the clip: there it is silence, if nothing is missing.

    Attributes:
        duration_s: How long it takes in the clip.
        shape: Its curve.
        outer_s: So much of it is missing at its outer end.
        inner_s: And at the other one, where the clip ends before the fade does.
    """

    duration_s: float = 0.0
    shape: FadeShape = FadeShape.EQUAL_POWER
    outer_s: float = 0.0
    inner_s: float = 0.0

    @property
    def is_part(self) -> bool:
        """Whether some of it is missing."""
        return self.outer_s > 0 or self.inner_s > 0

    @property
    def whole_s(self) -> float:
        """How long it takes with what is missing."""
        return self.outer_s + self.duration_s + self.inner_s

    @property
    def shares(self) -> tuple[float, float]:
        """What of the whole is there, from its outer end on: from and to a share."""
        whole_s = self.whole_s or 1.0
        return self.outer_s / whole_s, (self.outer_s + self.duration_s) / whole_s

    def cut(self, at_s: float) -> tuple["Fade", "Fade"]:
        """Its outer and its inner part, of clips that meet so far from its outer end."""
        if at_s >= self.duration_s:
            return self, Fade(shape=self.shape)
        rest_s = self.duration_s - at_s
        return (
            replace(self, duration_s=at_s, inner_s=rest_s + self.inner_s),
            replace(self, duration_s=rest_s, outer_s=self.outer_s + at_s),
        )

    def within(self, room_s: float) -> "Fade":
        """As much of it as there is room for.

        One that a cut has ended early goes on as far as it can; others get shorter and steeper.
        """
        if self.inner_s > 0:
            duration_s = min(self.duration_s + self.inner_s, room_s)
            inner_s = self.duration_s + self.inner_s - duration_s
            return replace(self, duration_s=duration_s, inner_s=inner_s)
        if self.duration_s <= room_s:
            return self
        outer_s = self.outer_s * room_s / self.duration_s
        return replace(self, duration_s=room_s, outer_s=outer_s)


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
