"""Where the blocks of a mix agree with a known track, anywhere in it.

The search correlates signals whose every point in time and frequency was set to magnitude one (the
phase transform of Knapp and Carter, "The generalized correlation method for estimation of time
delay", 1976, taken over short windows): what is loud in the mix cannot drown what is not, and the
background of the correlation is Gaussian noise, so that a peak can be judged by its height.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, next_fast_len, rfft

from engine.dsp.align import Signal, cut
from engine.dsp.resample import resample_blocks, resampled_length
from engine.types import Samples

SEARCH_RATE_HZ = 6000
BLOCK_S = 8.0
MIN_STRENGTH = 8.0
"""Least height of a peak over the deviation of its background; chance gives 6 in an hour."""
_PEAKS_A_BLOCK = 8
"""Two bars that are played again and again begin twice in a block, and agree with their like."""
_LEAST_SHARE = 0.4
"""Of the height of a block's highest peak; what agrees less is no passage of its own."""
_PEAK_REACH_S = 0.05
_WINDOW = 1024
_LOWEST_BIN = 12
_WHITEN_CHUNK = 512 * _WINDOW
_PARTITION = 1 << 18
"""What fits into a core's cache is transformed more than twice as fast."""
_MEDIAN_STEP = 8
_MEDIAN_OF_PAIRS = 1.1774
"""Of the length of two independent normal values, in their deviations."""


@dataclass(frozen=True, slots=True)
class Peak:
    """A place of the track that agrees with a block of the mix, in samples at `SEARCH_RATE_HZ`.

    Attributes:
        block_start: Where the block begins.
        lag: Position in the track less that in the mix.
        strength: Height over the deviation of the correlation's background.
    """

    block_start: int
    lag: float
    strength: float


def search_signal(blocks: Iterable[Samples], num_samples: int, sample_rate_hz: int) -> Signal:
    """Make sound fit for searching: mono, at `SEARCH_RATE_HZ`, whitened.

    Args:
        blocks: (channels, n) float32, in order.
        num_samples: Their length together.
        sample_rate_hz: Their rate.

    Returns:
        (resampled length,) float32.
    """
    length = resampled_length(num_samples, sample_rate_hz, SEARCH_RATE_HZ)
    mono = (block.mean(0, keepdims=True, dtype=np.float32) for block in blocks)
    low = np.zeros(length, np.float32)
    position = 0
    for block in resample_blocks(mono, sample_rate_hz, SEARCH_RATE_HZ, length):
        low[position : position + block.shape[1]] = block[0]
        position += block.shape[1]
    chunks = [_whitened(low, start) for start in range(0, length, _WHITEN_CHUNK)]
    return np.concatenate(chunks) if chunks else low


def find_peaks(mix: Signal, track: Signal, check: Callable[[], None] = lambda: None) -> list[Peak]:
    """Where each block of a mix agrees with a track, of either sign.

    Args:
        mix: (num_samples,) from `search_signal`.
        track: (num_samples,) from `search_signal`.
        check: Called once a block; may raise to cancel.

    Returns:
        Block by block, in each at most 8, highest first; none at all if one of both is shorter than
        a sixth of a second.
    """
    block = block_samples(mix)
    if block < _WINDOW or len(track) < _WINDOW:
        return []
    correlator = _Correlator(track, block)
    found: list[Peak] = []
    for start in _block_starts(len(mix), block):
        check()
        found += correlator.peaks(mix[start : start + block], start)
    return found


def block_samples(mix: Signal) -> int:
    """Length of the blocks in which a mix is looked at."""
    return min(round(BLOCK_S * SEARCH_RATE_HZ), len(mix))


def _whitened(low: Signal, start: int) -> Signal:
    """One chunk with unit magnitude at every point of time and frequency, silence kept silent."""
    hop = _WINDOW // 2
    stop = min(start + _WHITEN_CHUNK, len(low))
    framed = cut(low[None], start - hop, stop + 2 * _WINDOW)[0]
    taper = np.sqrt(np.hanning(_WINDOW + 1)[:-1]).astype(np.float32)
    spectra = rfft(sliding_window_view(framed, _WINDOW)[::hop] * taper)
    magnitude = np.abs(spectra)
    spectra /= magnitude + np.float32(1e-3 * np.sqrt(np.mean(magnitude**2)) + 1e-9)
    spectra[:, :_LOWEST_BIN] = 0
    frames = irfft(spectra, _WINDOW) * taper
    flat = (frames[1:, :hop] + frames[:-1, hop:]).reshape(-1)
    return flat[: stop - start]


def _block_starts(num_samples: int, block: int) -> list[int]:
    """Half over each other, the last one as near to the end as it can be.

    So what sounds for half a block at least fills half of one.
    """
    whole = range(0, num_samples - block, max(1, block // 2))
    return [*whole, num_samples - block]


class _Correlator:
    """Correlates short blocks with a long track, partition by partition."""

    def __init__(self, track: Signal, block: int) -> None:
        self._block = block
        padded = np.pad(track, (block, block))
        self._length = next_fast_len(min(_PARTITION, len(padded)), real=True)
        self._valid = self._length - block + 1
        self._partitions = [
            rfft(padded[start : start + self._length], self._length)
            for start in range(0, len(track) + block, self._valid)
        ]
        self._lags = len(track) + block

    def peaks(self, samples: Signal, block_start: int) -> Iterator[Peak]:
        """The highest peaks over the background for one block of the mix, of either sign."""
        correlation = self._correlation(samples)
        # A peak between two samples is as high as both together: what is correlated holds all
        # frequencies to the same part, and so is a sinc.
        heights = np.hypot(correlation[:-1], correlation[1:])
        sounding = heights[::_MEDIAN_STEP]
        sounding = sounding[sounding > 0]
        background = float(np.median(sounding)) / _MEDIAN_OF_PAIRS if sounding.size else 0.0
        reach = round(_PEAK_REACH_S * SEARCH_RATE_HZ)
        least = MIN_STRENGTH
        for _ in range(_PEAKS_A_BLOCK if background > 0 else 0):
            best = int(np.argmax(heights))
            strength = float(heights[best]) / background
            if strength < least:
                return
            least = max(least, _LEAST_SHARE * strength)
            left, right = np.abs(correlation[best : best + 2]).tolist()
            lag = best + right / (left + right) - self._block - block_start
            yield Peak(block_start, lag, strength)
            heights[max(0, best - reach) : best + reach] = 0

    def _correlation(self, samples: Signal) -> Signal:
        """At every lag, from a block before the track on."""
        spectrum = rfft(samples, self._length).conj()
        values = np.empty(len(self._partitions) * self._valid, np.float32)
        for index, partition in enumerate(self._partitions):
            part = irfft(partition * spectrum, self._length)
            values[index * self._valid :][: self._valid] = part[: self._valid]
        return values[: self._lags]
