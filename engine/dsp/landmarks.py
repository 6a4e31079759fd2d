"""Landmarks: the points of a spectrogram that stand out from their surroundings.

They keep their places through codecs, equalisers and other sound, and their frequencies are
counted in steps of one per cent, so that a change of pitch moves all of them by the same steps.

Source: Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from engine.dsp.resample import resample_freely
from engine.dsp.side_by_side import threads
from engine.types import Samples

RATE_HZ = 12_000
HOP_SAMPLES = 256
FRAME_S = HOP_SAMPLES / RATE_HZ
STEP = 0.01
"""Frequencies are counted in steps of so much, as a natural logarithm."""
NUM_STEPS = 320
_WINDOW = 4096
"""Long enough to part the tones of faint music from those of what lies over it."""
_LOWEST_HZ = 200.0
_NEAR_FRAMES, _NEAR_BINS = 3, 4
"""A landmark is the highest of so many frames and bins on either side."""
_AROUND = 31
_BLOCK_FRAMES = 2048
_FLOOR = 2.5e-7
_RANKED_FRAMES = round(1 / FRAME_S)

Frames = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """The landmarks of a sound in the order of time.

    Attributes:
        frames: (n,) when, in frames of `FRAME_S`.
        steps: (n,) float32, frequency in steps of `STEP` above 200 Hz, 0 to `NUM_STEPS`.
        ranks: (n,) how many of the same second stand out more.
        num_frames: Length of the sound.
    """

    frames: Frames
    steps: NDArray[np.float32]
    ranks: Frames
    num_frames: int

    def strongest(self, per_s: int) -> "Landmarks":
        """At most so many of each second."""
        return self._only(self.ranks < per_s * _RANKED_FRAMES * FRAME_S)

    def between(self, first: int, last: int) -> "Landmarks":
        """Those of frames first to last, counted from `first`."""
        inside = slice(*np.searchsorted(self.frames, (first, last)))
        part = self._only(inside)
        return Landmarks(part.frames - np.int32(first), part.steps, part.ranks, last - first)

    def _only(self, which: NDArray[np.bool_] | slice) -> "Landmarks":
        return Landmarks(self.frames[which], self.steps[which], self.ranks[which], self.num_frames)


def find_landmarks(blocks: Iterable[Samples], sample_rate_hz: int, per_s: int) -> Landmarks:
    """The landmarks of a sound of any length.

    Args:
        blocks: (channels, n) float32, in order.
        sample_rate_hz: Their rate.
        per_s: At most so many a second.
    """
    mono = (block.mean(0, keepdims=True, dtype=np.float32) for block in blocks)
    low = _Counted(resample_freely(mono, sample_rate_hz, RATE_HZ))
    found = [_peaks(levels, first) for first, levels in _spectrogram(low.blocks())]
    frames, steps, heights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    num_frames = -(-low.num_samples // HOP_SAMPLES)
    every = Landmarks(frames, steps, _ranks(frames, heights), num_frames)
    # A window around what comes after the end still holds some sound.
    return every.strongest(per_s).between(0, num_frames)


class _Counted:
    """Passes mono blocks on.

    Attributes:
        num_samples: How long they were so far.
    """

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._blocks = blocks
        self.num_samples = 0

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Blocks (n,)."""
        for block in self._blocks:
            self.num_samples += block.shape[1]
            yield block[0]


def _spectrogram(
    blocks: Iterable[NDArray[np.float32]],
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Log magnitudes (frames, bins) with `_AROUND` frames before and after, and the first frame."""
    margin = _AROUND * HOP_SAMPLES
    step = _BLOCK_FRAMES * HOP_SAMPLES
    needed = 2 * margin + _WINDOW + step - HOP_SAMPLES
    held = np.zeros(margin + _WINDOW // 2, np.float32)
    first = 0
    for block in blocks:
        held = np.concatenate((held, block))
        while len(held) >= needed:
            yield first, _levels(held[:needed])
            held = held[step:]
            first += _BLOCK_FRAMES
    yield first, _levels(np.pad(held, (0, margin + _WINDOW)))


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    framed = sliding_window_view(samples, _WINDOW)[::HOP_SAMPLES]
    taper = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    magnitudes = np.abs(rfft(framed * taper, workers=threads()))[:, : _highest_bin() + _AROUND]
    levels: NDArray[np.float32] = np.log(magnitudes + np.float32(_FLOOR * _WINDOW))
    return levels


def _highest_bin() -> int:
    return int(_LOWEST_HZ * np.exp(STEP * NUM_STEPS) * _WINDOW / RATE_HZ)


def _peaks(
    levels: NDArray[np.float32], first: int
) -> tuple[Frames, NDArray[np.float32], NDArray[np.float32]]:
    """Frames, steps and heights of the local maxima, without the margins."""
    highest = maximum_filter1d(levels, 2 * _NEAR_FRAMES + 1, axis=0)
    highest = maximum_filter1d(highest, 2 * _NEAR_BINS + 1, axis=1)
    is_peak = levels == highest
    is_peak &= levels > np.log(2 * _FLOOR * _WINDOW)
    is_peak[:_AROUND] = is_peak[-_AROUND:] = False
    lowest = int(np.ceil(_LOWEST_HZ * _WINDOW / RATE_HZ))
    is_peak[:, :lowest] = is_peak[:, _highest_bin() :] = False
    around = uniform_filter1d(uniform_filter1d(levels, _AROUND, axis=0), _AROUND, axis=1)
    frame, bin_ = np.nonzero(is_peak)
    below, middle, above = (levels[frame, bin_ + i] for i in (-1, 0, 1))
    offset = 0.5 * (below - above) / np.minimum(below - 2 * middle + above, -1e-6)
    hertz = (bin_ + np.clip(offset, -0.5, 0.5)) * (RATE_HZ / _WINDOW)
    steps = (np.log(hertz / _LOWEST_HZ) / STEP).astype(np.float32)
    frames = (frame + (first - _AROUND)).astype(np.int32)
    return frames, steps, middle - around[frame, bin_]


def _ranks(frames: Frames, heights: NDArray[np.float32]) -> Frames:
    """How many of the same second are higher."""
    second = frames // _RANKED_FRAMES
    order = np.lexsort((-heights, second))
    begins = np.searchsorted(second, second)
    ranks = np.empty(len(frames), np.int32)
    ranks[order] = np.arange(len(frames), dtype=np.int32)
    return ranks - begins.astype(np.int32)
