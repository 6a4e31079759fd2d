"""Where the sound is that leaves the loudspeaker now.

The audio callback notes when each stretch will be heard; the window asks what is heard at a time.
"""

from collections import deque
from dataclasses import dataclass

_REMEMBERED_MARKS = 256


@dataclass(frozen=True, slots=True, order=True)
class Epoch:
    """What changes with every jump; within one epoch positions only grow.

    Attributes:
        seek: Number of the seek that led here.
        lap: Number of loop wraps since.
    """

    seek: int = 0
    lap: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """One stretch of sound and when it is heard.

    Attributes:
        heard_s: Stream time at which its first sample leaves the device.
        position: First sample.
        num_samples: Its length.
        epoch: Where it belongs.
    """

    heard_s: float
    position: int
    num_samples: int
    epoch: Epoch


@dataclass(frozen=True, slots=True)
class Heard:
    """What leaves the device at some moment; `position` in samples, with a fraction."""

    position: float
    epoch: Epoch


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
        heard = Heard(mark.position + min(max(passed, 0.0), float(mark.num_samples)), mark.epoch)
        last = self._last
        if last is not None and (heard.epoch, heard.position) < (last.epoch, last.position):
            return last
        self._last = heard
        return heard
