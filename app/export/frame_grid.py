"""The frame rates that editors know, and times on the grid of one."""

from dataclasses import dataclass
from fractions import Fraction

_SOUND_RATE = Fraction(25)
_KNOWN = (
    *(Fraction(24000, 1001), Fraction(24), Fraction(25)),
    *(Fraction(30000, 1001), Fraction(30), Fraction(50)),
    *(Fraction(60000, 1001), Fraction(60)),
)


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """Frames of one length.

    Attributes:
        rate: Frames a second, exactly.
    """

    rate: Fraction

    def frames(self, time_s: float) -> int:
        """The frame nearest to a time."""
        return round(time_s * self.rate)

    def time(self, time_s: float) -> Fraction:
        """The time of that frame in seconds, exactly."""
        return self.frames(time_s) / self.rate

    def timecode(self, time_s: float) -> str:
        """Hours, minutes, seconds and frames of that frame; none are dropped: 01:00:59:23."""
        frames_a_second = round(self.rate)
        seconds, frame = divmod(self.frames(time_s), frames_a_second)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frame:02}"


def grid_of(frame_rate_hz: float) -> FrameGrid:
    """The grid of an editor's timeline for a film: the known rate nearest to its own.

    Args:
        frame_rate_hz: Of the film; 0 if there is no picture.
    """
    if not frame_rate_hz:
        return FrameGrid(_SOUND_RATE)
    return FrameGrid(min(_KNOWN, key=lambda rate: abs(float(rate) - frame_rate_hz)))
