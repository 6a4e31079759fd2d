"""Gains that change with time: fades, envelopes drawn by hand, music that makes room for speech.

All of them end up as one kind of curve, in samples and linear gain, which is what a mixer needs.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.types import Region

DUCK_ATTACK_S = 0.3
"""So long before speech begins the music starts to give way."""
DUCK_RELEASE_S = 0.6
"""So long after speech ended the music is back."""
_DUCK_HOLD_S = 0.4
"""Music does not come up for a pause that is hardly longer than its way up and down."""

_FADE_STEPS = 64
_EXPONENTIAL_DB = 60.0
_LARGEST_STEP_DB = 0.5


class FadeShape(StrEnum):
    """How a fade gets from silence to full level."""

    LINEAR = "linear"
    EQUAL_POWER = "equal_power"
    S_CURVE = "s_curve"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class GainPoint:
    """A point of an envelope.

    Attributes:
        time_s: When.
        gain_db: The gain there; between two points it is linear in dB.
    """

    time_s: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class GainCurve:
    """A linear gain: straight between its points, as at the outer ones beyond them.

    Attributes:
        points: Sample and gain, ascending by sample; at least one.
    """

    points: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        """Refuse what is no function of time."""
        samples = [sample for sample, _ in self.points]
        if not samples or samples != sorted(samples):
            raise ValueError("a curve needs points in the order of their times")

    def shifted(self, num_samples: int) -> "GainCurve":
        """The same so many samples later."""
        return GainCurve(tuple((sample + num_samples, gain) for sample, gain in self.points))

    def scaled(self, ratio: float) -> "GainCurve":
        """The same for sound at another rate."""
        return GainCurve(tuple((round(sample * ratio), gain) for sample, gain in self.points))

    def reader(self) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
        """A function that gives the gains at samples, in an array of their shape."""
        samples, gains = (np.array(column, np.float64) for column in zip(*self.points, strict=True))

        def read(at: NDArray[np.int64]) -> NDArray[np.float32]:
            return np.interp(at, samples, gains).astype(np.float32)

        return read


def linear_gain(gain_db: float) -> float:
    """Decibels as a factor; `-inf` is 0."""
    return math.pow(10.0, gain_db / 20) if gain_db > -math.inf else 0.0


def fade_gain(shape: FadeShape, share: float) -> float:
    """The linear gain of a fade in when a share of it, from 0 to 1, is over."""
    match shape:
        case FadeShape.LINEAR:
            return share
        case FadeShape.EQUAL_POWER:
            return math.sin(share * math.pi / 2)
        case FadeShape.S_CURVE:
            return (1 - math.cos(share * math.pi)) / 2
        case FadeShape.EXPONENTIAL:
            least = linear_gain(-_EXPONENTIAL_DB)
            return (linear_gain(_EXPONENTIAL_DB * (share - 1)) - least) / (1 - least)


def fade_points(
    shape: FadeShape, start: int, num_samples: int, *, is_out: bool
) -> list[tuple[int, float]]:
    """The points of a fade over `num_samples` samples from `start` on; none if that is nothing."""
    if num_samples <= 0:
        return []
    shares = [step / _FADE_STEPS for step in range(_FADE_STEPS + 1)]
    return [
        (start + round(share * num_samples), fade_gain(shape, 1 - share if is_out else share))
        for share in shares
    ]


def envelope_curve(points: Sequence[GainPoint], sample_rate_hz: int) -> GainCurve | None:
    """An envelope as a curve; None if it has no points."""
    if not points:
        return None
    found = [_in_samples(points[0], sample_rate_hz)]
    for left, right in pairwise(points):
        # Straight lines between linear gains would bulge between far ones.
        steps = math.ceil(abs(right.gain_db - left.gain_db) / _LARGEST_STEP_DB) or 1
        for step in range(1, steps + 1):
            share = step / steps
            time_s = left.time_s + share * (right.time_s - left.time_s)
            gain_db = left.gain_db + share * (right.gain_db - left.gain_db)
            found.append(_in_samples(GainPoint(time_s, gain_db), sample_rate_hz))
    return GainCurve(tuple(found))


def ducking(speech: Iterable[Region], duck_db: float) -> tuple[GainPoint, ...]:
    """The envelope of music that is softer by `duck_db` while somebody speaks."""
    points: list[GainPoint] = []
    for start_s, end_s in _spoken(speech):
        points += [
            GainPoint(start_s - DUCK_ATTACK_S, 0.0),
            GainPoint(start_s, -duck_db),
            GainPoint(end_s, -duck_db),
            GainPoint(end_s + DUCK_RELEASE_S, 0.0),
        ]
    return tuple(points) if duck_db > 0 else ()


def _spoken(speech: Iterable[Region]) -> list[tuple[float, float]]:
    """Stretches of speech, those joined between which music would hardly come up."""
    least_s = DUCK_ATTACK_S + DUCK_RELEASE_S + _DUCK_HOLD_S
    found: list[tuple[float, float]] = []
    for region in sorted(speech, key=lambda region: region.start_s):
        if found and region.start_s - found[-1][1] < least_s:
            found[-1] = found[-1][0], max(found[-1][1], region.end_s)
        else:
            found.append((region.start_s, region.end_s))
    return found


def envelope_gain_db(points: Sequence[GainPoint], time_s: float) -> float:
    """The gain of an envelope at a time, in dB; 0 where there are no points."""
    if not points:
        return 0.0
    times_s, gains_db = zip(*((point.time_s, point.gain_db) for point in points), strict=True)
    return float(np.interp(time_s, times_s, gains_db))


def _in_samples(point: GainPoint, sample_rate_hz: int) -> tuple[int, float]:
    return round(point.time_s * sample_rate_hz), linear_gain(point.gain_db)
