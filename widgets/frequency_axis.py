"""Frequency to height and back: pure geometry of a spectrogram."""

import math
from dataclasses import dataclass

HIGHEST_HZ = 20_000.0
_PER_HZ = 0.00437
"""Of the ERB-rate scale of Glasberg and Moore: nearly linear to 200 Hz, logarithmic from 1 kHz."""
_MARKS = ((100.0, "100"), (1000.0, "1k"), (10_000.0, "10k"))


@dataclass(frozen=True, slots=True)
class FrequencyMark:
    """A frequency that is named.

    Attributes:
        part: Its height, from 0 at the bottom to 1 at the top.
        label: In Hz: 100, 1k, 10k.
    """

    part: float
    label: str


@dataclass(frozen=True, slots=True)
class FrequencyAxis:
    """Frequencies as the ear spaces them, from 0 at the bottom.

    Attributes:
        top_hz: Frequency at the upper edge.
    """

    top_hz: float

    def part_at(self, frequency_hz: float) -> float:
        """Height of a frequency, from 0 at the bottom to 1 at the top."""
        return math.log1p(_PER_HZ * frequency_hz) / math.log1p(_PER_HZ * self.top_hz)

    def hz_at(self, part: float) -> float:
        """Frequency of a height."""
        return math.expm1(part * math.log1p(_PER_HZ * self.top_hz)) / _PER_HZ

    def marks(self) -> tuple[FrequencyMark, ...]:
        """The frequencies to name, as far as the axis reaches."""
        return tuple(
            FrequencyMark(self.part_at(hz), name) for hz, name in _MARKS if hz < self.top_hz
        )


def top_hz(sample_rate_hz: int) -> float:
    """Highest frequency that is shown of a sound: what is in it, as far as people hear."""
    return min(sample_rate_hz / 2, HIGHEST_HZ)
