"""Waveform peaks: a pyramid of minimum, maximum and RMS for drawing at any zoom.

Level n has one bin for every 256 * 4^n samples, counted from sample 0, as int16 with full scale at
32767. File: a 32-byte little-endian header (magic, version, channels, sample rate, number of
samples), then the levels from fine to coarse, each (channels, 3, bins) int16.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.media.atomic import atomic_output
from engine.types import Samples

Bins = NDArray[np.int16]
"""One level: (channels, 3, num_bins) int16; the middle axis is minimum, maximum, RMS."""

BIN_SAMPLES = 256
_FACTOR = 4
_FULL_SCALE = 32767
_HEADER = struct.Struct("<4sIIIQ8x")
_MAGIC = b"RPPK"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class PeakWindow:
    """Peaks of one channel, one value a bin, full scale at +-1.

    Attributes:
        minimum: (num_bins,) float32.
        maximum: (num_bins,) float32.
        rms: (num_bins,) float32.
    """

    minimum: Samples
    maximum: Samples
    rms: Samples


class Peaks:
    """The peaks of one sound, memory-mapped from a file.

    Attributes:
        channels: Number of channels.
        num_samples: Frames of the sound.
        sample_rate_hz: Frames a second of the sound.
        levels: From fine to coarse.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
        if len(header) != _HEADER.size:
            raise ValueError(f"{path} is no peaks file")
        magic, version, self.channels, self.sample_rate_hz, self.num_samples = _HEADER.unpack(
            header
        )
        if magic != _MAGIC or version != _VERSION:
            raise ValueError(f"{path} is no peaks file of version {_VERSION}")
        self.levels = tuple(self._map(path))

    def window(self, channel: int, start_sample: int, end_sample: int, num_bins: int) -> PeakWindow:
        """Peaks of a stretch, for drawing one column a bin.

        A bin covers at least its own samples, and whole bins of the finest level that is no finer
        than needed; what lies outside the sound is silence. Equal stretches give equal bins
        wherever the window begins, so a waveform does not flicker when it is scrolled by bins.

        Args:
            channel: Number of the channel.
            start_sample: First sample, may be negative.
            end_sample: Sample behind the last one, may lie behind the end.
            num_bins: Number of bins.
        """
        level, size = self._level_for((end_sample - start_sample) / num_bins)
        all_bounds, filled = _bounds(start_sample, end_sample, num_bins, size, level.shape[2])
        low, high, rms = np.zeros((3, num_bins), np.float32)
        if filled.any():
            bounds = all_bounds[filled].ravel()
            view = level[channel, :, bounds[0] : bounds[-1]].astype(np.float32) / _FULL_SCALE
            weights = _bin_sizes(self.num_samples, size, bounds[0], bounds[-1])
            low[filled] = _reduce(np.minimum, view[0], bounds)
            high[filled] = _reduce(np.maximum, view[1], bounds)
            power = _reduce(np.add, view[2] ** 2 * weights, bounds)
            rms[filled] = np.sqrt(power / _reduce(np.add, weights, bounds))
        return PeakWindow(low, high, rms)

    def extremes(self, start_sample: int, end_sample: int, num_bins: int) -> Samples:
        """Lowest and highest sample of all channels, in the bins of `window`.

        Much cheaper than `window` for each channel: this is what is drawn 60 times a second.

        Args:
            start_sample: First sample, may be negative.
            end_sample: Sample behind the last one, may lie behind the end.
            num_bins: Number of bins.

        Returns:
            (num_bins, 2) float32, full scale at +-1; 0 where there is no sound.
        """
        level, size = self._level_for((end_sample - start_sample) / num_bins)
        bounds, filled = _bounds(start_sample, end_sample, num_bins, size, level.shape[2])
        shown = np.zeros((num_bins, 2), np.float32)
        if filled.any():
            inside = bounds[filled].ravel()
            view = level[:, :2, inside[0] : inside[-1]]
            shown[filled, 0] = _reduce(np.minimum, view[:, 0].min(axis=0), inside)
            shown[filled, 1] = _reduce(np.maximum, view[:, 1].max(axis=0), inside)
        return shown / np.float32(_FULL_SCALE)

    def _level_for(self, samples_per_bin: float) -> tuple[Bins, int]:
        size = BIN_SAMPLES
        chosen = 0
        while chosen + 1 < len(self.levels) and size * _FACTOR <= samples_per_bin:
            chosen += 1
            size *= _FACTOR
        return self.levels[chosen], size

    def _map(self, path: Path) -> Iterator[Bins]:
        offset = _HEADER.size
        for num_bins in _level_sizes(self.num_samples):
            shape = (self.channels, 3, num_bins)
            yield np.memmap(path, "<i2", "r", offset, shape)
            offset += 2 * self.channels * 3 * num_bins


def build_peaks(blocks: Iterable[Samples], channels: int, sample_rate_hz: int, path: Path) -> Peaks:
    """Build the pyramid of a sound that comes block by block, and store it.

    Args:
        blocks: The sound in order: (channels, any length) float32 each.
        channels: Number of channels.
        sample_rate_hz: Frames a second.
        path: The file; it appears whole or not at all.

    Raises:
        OutputError: The file cannot be written.
    """
    builder = PeaksBuilder(channels, sample_rate_hz)
    for block in blocks:
        builder.add(block)
    return builder.store(path)


class PeaksBuilder:
    """Builds the pyramid of a sound that somebody else reads.

    Attributes:
        num_samples: Frames added so far.
    """

    def __init__(self, channels: int, sample_rate_hz: int) -> None:
        self.num_samples = 0
        self._channels, self._sample_rate_hz = channels, sample_rate_hz
        self._parts = [np.zeros((channels, 3, 0), np.float32)]
        self._rest = np.zeros((channels, 0), np.float32)

    def add(self, block: Samples) -> None:
        """Append a block (channels, any length) float32."""
        self.num_samples += block.shape[1]
        samples = np.concatenate([self._rest, block], axis=1) if self._rest.shape[1] else block
        whole = samples.shape[1] // BIN_SAMPLES * BIN_SAMPLES
        self._parts.append(_bins(samples[:, :whole]))
        self._rest = samples[:, whole:]

    def store(self, path: Path) -> Peaks:
        """Write the file; it appears whole or not at all.

        Raises:
            OutputError: It cannot be written.
        """
        last = [_partial_bin(self._rest)] if self._rest.shape[1] else []
        finest = np.concatenate([*self._parts, *last], axis=2)
        form = self._channels, self._sample_rate_hz, self.num_samples
        with atomic_output(path) as part, part.open("wb") as file:
            file.write(_HEADER.pack(_MAGIC, _VERSION, *form))
            for level in _pyramid(finest, self.num_samples):
                scaled = np.clip(np.rint(level * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE)
                file.write(scaled.astype("<i2").tobytes())
        return Peaks(path)


def _bins(samples: Samples) -> Samples:
    """(channels, 3, bins) of whole bins of samples."""
    folded = samples.reshape(samples.shape[0], -1, BIN_SAMPLES)
    power = np.einsum("cbs,cbs->cb", folded, folded) / np.float32(BIN_SAMPLES)
    return np.stack([folded.min(axis=2), folded.max(axis=2), np.sqrt(power)], axis=1)


def _partial_bin(samples: Samples) -> Samples:
    """(channels, 3, 1) of the samples that are left over."""
    rms = np.sqrt(np.mean(samples**2, axis=1))
    return np.stack([samples.min(axis=1), samples.max(axis=1), rms], axis=1)[:, :, None]


def _pyramid(finest: Samples, num_samples: int) -> Iterator[Samples]:
    """All levels, each from the one before, (channels, 3, bins) float32."""
    level, size = finest, BIN_SAMPLES
    yield level
    while level.shape[2] > 1:
        starts = np.arange(0, level.shape[2], _FACTOR)
        weights = _bin_sizes(num_samples, size, 0, level.shape[2])
        power = np.add.reduceat(level[:, 2] ** 2 * weights, starts, axis=1)
        rms = np.sqrt(power / np.add.reduceat(weights, starts))
        low = np.minimum.reduceat(level[:, 0], starts, axis=1)
        high = np.maximum.reduceat(level[:, 1], starts, axis=1)
        level, size = np.stack([low, high, rms], axis=1).astype(np.float32), size * _FACTOR
        yield level


def _level_sizes(num_samples: int) -> Iterator[int]:
    """Number of bins of each level."""
    num_bins = -(-num_samples // BIN_SAMPLES)
    yield num_bins
    while num_bins > 1:
        num_bins = -(-num_bins // _FACTOR)
        yield num_bins


def _bin_sizes(num_samples: int, size: int, first: int, last: int) -> NDArray[np.float64]:
    """Samples in each bin from `first` to `last`: all full but the last of the sound."""
    return np.minimum(size, num_samples - np.arange(first, last) * size).astype(np.float64)


def _bounds(
    start_sample: int, end_sample: int, num_bins: int, size: int, num_stored: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """First stored bin and the one behind the last of each bin, (num_bins, 2); if there are any."""
    edges = start_sample + np.arange(num_bins + 1) * (end_sample - start_sample) // num_bins
    first = np.clip(edges[:-1] // size, 0, num_stored)
    last = np.clip(-(-edges[1:] // size), first, num_stored)
    return np.stack([first, last], axis=1), last > first


def _reduce(
    function: np.ufunc, values: NDArray[np.floating], bounds: NDArray[np.int64]
) -> NDArray[np.floating]:
    """Apply to each [first, last) of the flattened pairs `bounds`, counted from the first one."""
    # reduceat cannot name the end of the array, so that gets a column of its own.
    padded = np.append(values, values[-1:])
    return np.asarray(function.reduceat(padded, bounds - bounds[0])[::2])
