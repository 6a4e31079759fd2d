"""Spectrograms for the timeline, computed tile by tile from the samples as they are looked at."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.sounds import MappedSound, Sound
from engine.context import RunContext
from engine.types import Samples
from widgets.frequency_axis import FrequencyAxis, top_hz
from widgets.lanes import Levels, SpectrogramTile
from widgets.waveform_tiles import TILE_WIDTH

FLOOR_DB, TOP_DB = -90.0, -15.0
"""Levels of a sine, relative to full scale, that are shown as nothing and as loudest."""

MOST_FRAMES = 4
"""Spectra a column at most."""

_LONGEST_S, _SHORTEST_S = 0.046, 0.006
_COLUMNS_A_FRAME = 8
_BATCH = 32
_SILENCE = 1e-20

Starts = NDArray[np.int64]


def spectrogram_tile(
    sound: Sound, tile: SpectrogramTile, cache: Path, context: RunContext
) -> Levels:
    """Compute a tile of a sound; one at the end is narrower.

    A column shows the mean power of up to `MOST_FRAMES` spectra spread evenly over its time, so
    that a film of any length costs the same from afar: there a column stands for seconds, of which
    these are samples. From near there is one spectrum a column, and the nearer, the shorter is the
    stretch that it is of.

    Args:
        sound: What is shown.
        tile: Which part, at what size.
        cache: Folder of the artifacts.
        context: Asked every few columns whether to go on.

    Raises:
        ArtifactMissingError: A file of the sound is not there any more.
    """
    rate_hz, mapped = sound.sample_rate_hz, MappedSound(sound, cache)
    size = frame_samples(rate_hz, tile.px_per_s)
    bands = bands_of(rate_hz, size, tile.height)
    first = tile.index * TILE_WIDTH
    last = min(first + TILE_WIDTH, math.ceil(sound.num_samples / rate_hz * tile.px_per_s))
    values = np.zeros((tile.height, max(last - first, 0)), np.uint8)
    for begin in range(first, last, _BATCH):
        context.raise_if_cancelled()
        columns = np.arange(begin, min(begin + _BATCH, last))
        starts = frame_starts(columns, rate_hz / tile.px_per_s, size)
        power = _mean_power(mapped, starts, size)
        values[:, columns - first] = _levels(bands.of(power)).T
    return Levels(values, top_hz(rate_hz))


def frame_samples(sample_rate_hz: int, px_per_s: float) -> int:
    """Length of a spectrum's stretch: a power of two, the shorter the closer the view."""
    wanted_s = min(max(_COLUMNS_A_FRAME / px_per_s, _SHORTEST_S), _LONGEST_S)
    return 1 << max(5, round(math.log2(wanted_s * sample_rate_hz)))


def frame_starts(columns: NDArray[np.int64], column_samples: float, size: int) -> Starts:
    """Where the stretches of some columns begin, (num_columns, frames a column)."""
    frames = min(max(math.ceil(column_samples / size), 1), MOST_FRAMES)
    middles = columns[:, np.newaxis] + (np.arange(frames) + 0.5) / frames
    return np.rint(middles * column_samples - size / 2).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """What the rows of a spectrogram take of the bins of a spectrum.

    Most rows take few bins, so only these are kept. A matrix would be multiplied in threads of the
    linear algebra, which go on to wait busily for more, on the cores that painting needs.

    Attributes:
        bins: (num_taken,) the bins that are taken, row by row.
        weights: (num_taken,) how much of each; of a row 1 in all.
        starts: (num_rows,) where each row begins in these.
    """

    bins: NDArray[np.intp]
    weights: Samples
    starts: NDArray[np.intp]

    def of(self, power: Samples) -> Samples:
        """The rows of spectra (num_spectra, num_bins), as (num_spectra, num_rows)."""
        return np.add.reduceat(power[:, self.bins] * self.weights, self.starts, axis=1)


@lru_cache(maxsize=16)
def bands_of(sample_rate_hz: int, size: int, height: int) -> Bands:
    """The rows of a spectrogram, the highest first.

    Rows are triangles around frequencies that are spaced as the ear does it, and at least as wide
    as a bin: low rows lie between bins, high ones are the mean of many.

    Args:
        sample_rate_hz: Of the sound.
        size: Samples that a spectrum is of.
        height: Number of rows.
    """
    axis = FrequencyAxis(top_hz(sample_rate_hz))
    middles_hz = np.array([axis.hz_at((row + 0.5) / height) for row in reversed(range(height))])
    bins_hz = np.arange(size // 2 + 1) * (sample_rate_hz / size)
    widths_hz = np.maximum(np.abs(np.gradient(middles_hz)), bins_hz[1])
    distance = np.abs(bins_hz - middles_hz[:, np.newaxis]) / widths_hz[:, np.newaxis]
    weights = np.maximum(1 - distance, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    rows, bins = np.nonzero(weights)
    starts = np.searchsorted(rows, np.arange(height))
    return Bands(bins, np.asarray(weights[rows, bins], np.float32), starts)


def _mean_power(mapped: MappedSound, starts: Starts, size: int) -> Samples:
    """Mean spectra of columns, (num_columns, num_bins); a sine of full scale has power 1."""
    window = _window(size)
    spectra = np.fft.rfft(mapped.windows(starts.ravel(), size) * window)
    power = np.square(spectra.real) + np.square(spectra.imag)
    return np.asarray(power.mean(axis=0).reshape(*starts.shape, -1).mean(axis=1), np.float32)


@lru_cache(maxsize=16)
def _window(size: int) -> Samples:
    hann = np.hanning(size + 1)[:-1]
    return np.asarray(hann * (2 / hann.sum()), np.float32)


def _levels(power: Samples) -> NDArray[np.uint8]:
    level_db = 10 * np.log10(power + np.float32(_SILENCE))
    shown = (level_db - FLOOR_DB) * (255 / (TOP_DB - FLOOR_DB))
    return np.asarray(np.clip(shown, 0, 255), np.uint8)
