"""Where the sound is that leaves the loudspeaker now.

The audio callback notes when each stretch will be heard; the window asks what is heard at a time.
"""

from collections import deque
from dataclasses import dataclass

_REMEMBERED_MARKS = 256


@dataclass(frozen=True, slots=True, order=True)
class Epoch:
    """What changes with every jump; within one epoch positions go one way only.

    Attributes:
        seek: Number of the seek that led here.
        lap: Number of loop wraps and changes of speed since.
    """

    seek: int = 0
    lap: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """One stretch of sound and when it is heard.

    Attributes:
        heard_s: Stream time at which its first sample leaves the device.
        position: First sample.
        num_samples: How long it is heard.
        epoch: Where it belongs.
        speed: Samples of the sound in each sample that is heard; negative is backwards.
    """

    heard_s: float
    position: int
    num_samples: int
    epoch: Epoch
    speed: int = 1


@dataclass(frozen=True, slots=True)
class Heard:
    """What leaves the device at some moment; `position` in samples, with a fraction."""

    position: float
    epoch: Epoch
    speed: int = 1

    def is_before(self, other: "Heard") -> bool:
        """Whether it is heard earlier; within one epoch the speed is the same."""
        way = 1 if self.speed > 0 else -1
        return (self.epoch, way * self.position) < (other.epoch, way * other.position)


class AudioClock:
    """Turns stream times into positions; written by the audio thread, read by the window's.

    Attributes:
        sample_rate_hz: Rate of the positions.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._marks: deque[Mark] = deque(maxlen=_REMEMBERED_MARKS)
        self._last: Heard | None = None

    def note(self, mark: Mark) -> None:
        """Remember a stretch that has been handed to the device."""
        self._marks.append(mark)

    def heard(self, now_s: float) -> Heard | None:
        """What is heard at stream time `now_s`; None before the first mark.

        Never goes back, although devices report times that jitter.
        """
        # One C call under the interpreter lock: the audio thread cannot append in between.
        marks = tuple(self._marks)
        if not marks:
            return None
        mark = next((m for m in reversed(marks) if m.heard_s <= now_s), marks[0])
        passed = (now_s - mark.heard_s) * self.sample_rate_hz
        passed = min(max(passed, 0.0), float(mark.num_samples))
        heard = Heard(mark.position + mark.speed * passed, mark.epoch, mark.speed)
        last = self._last
        if last is not None and heard.is_before(last):
            return last
        self._last = heard
        return heard
