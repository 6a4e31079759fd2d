"""Pairs of landmarks as keys: what is looked up in the index of a library.

A key holds where the first landmark lies, how far the second is above it, and how much later. In
steps of one per cent a change of pitch moves the first number alone, and one of tempo the last.

Source: Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.dsp.landmarks import NUM_STEPS, STEP, Frames, Landmarks

_NEAREST, _FARTHEST = 2, 63
_REACH_STEPS = 31
_GAPS = 64
NUM_KEYS = NUM_STEPS * _GAPS * _GAPS

Keys = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a track before it was laid into a mix.

    Attributes:
        tempo: Seconds of track a second of mix.
        pitch: Frequency in the mix over that in the track.
    """

    tempo: float = 1.0
    pitch: float = 1.0

    @property
    def steps(self) -> float:
        """How many steps higher landmarks lie in the mix."""
        return math.log(self.pitch) / STEP


AS_IT_IS = Change()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of landmarks.

    Attributes:
        frames: (n,) when the first one is.
        steps: (n,) float32, where it is.
        gap_steps: (n,) float32, how much higher the second is.
        gap_frames: (n,) how much later it is.
    """

    frames: Frames
    steps: NDArray[np.float32]
    gap_steps: NDArray[np.float32]
    gap_frames: Frames


def pair_up(landmarks: Landmarks, fan_out: int | None = None) -> Pairs:
    """Each landmark with those soon after it and not far above or below.

    Args:
        landmarks: Of a track or a mix.
        fan_out: At most so many partners each, the nearest in time; all by default.
    """
    first, second = _partners(landmarks, fan_out)
    return Pairs(
        landmarks.frames[first],
        landmarks.steps[first],
        landmarks.steps[second] - landmarks.steps[first],
        landmarks.frames[second] - landmarks.frames[first],
    )


def _partners(landmarks: Landmarks, fan_out: int | None) -> tuple[Frames, Frames]:
    frames, steps = landmarks.frames, landmarks.steps
    partners = np.zeros(len(frames), np.int32)
    found: list[tuple[Frames, Frames]] = [(np.zeros(0, np.int32), np.zeros(0, np.int32))]
    for ahead in range(1, len(frames)):
        gap = frames[ahead:] - frames[:-ahead]
        if gap.min() > _FARTHEST:
            break
        is_near = (gap >= _NEAREST) & (gap <= _FARTHEST)
        is_near &= np.abs(steps[ahead:] - steps[:-ahead]) <= _REACH_STEPS
        if fan_out is not None:
            is_near &= partners[:-ahead] < fan_out
        first = np.flatnonzero(is_near).astype(np.int32)
        partners[first] += 1
        found.append((first, first + np.int32(ahead)))
    firsts, seconds = zip(*found, strict=True)
    return np.concatenate(firsts), np.concatenate(seconds)


def keys_of(pairs: Pairs, change: Change = AS_IT_IS) -> tuple[Keys, NDArray[np.intp]]:
    """Keys that the pairs of a mix have in the track, if the track was changed like that.

    Returns:
        (n,) keys, 0 to `NUM_KEYS`, and (n,) which pairs they belong to; some have none.
    """
    step = np.rint(pairs.steps - np.float32(change.steps)).astype(np.int32)
    higher = np.rint(pairs.gap_steps).astype(np.int32) + np.int32(_GAPS // 2)
    later = np.rint(pairs.gap_frames * change.tempo).astype(np.int32)
    is_key = (step >= 0) & (step < NUM_STEPS) & (later < _GAPS)
    keys = (step * np.int32(_GAPS) + higher) * np.int32(_GAPS) + later
    which = np.flatnonzero(is_key)
    return keys[which], which
