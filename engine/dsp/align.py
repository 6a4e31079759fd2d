"""Where a known track lies inside a mix: first roughly anywhere, then to a fraction of a sample.

The search correlates signals whose every point in time and frequency was set to magnitude one (the
phase transform of Knapp and Carter, "The generalized correlation method for estimation of time
delay", 1976, taken over short windows): what is loud in the mix cannot drown what is not, and the
background of the correlation is Gaussian noise, so that a peak can be judged by its height.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from engine.dsp.resample import resample_blocks, resampled_length
from engine.dsp.side_by_side import on_each, threads
from engine.types import Samples

SEARCH_RATE_HZ = 6000
BLOCK_S = 8.0
MIN_STRENGTH = 8.0
"""Least height of a peak over the deviation of its background; chance gives 6 in an hour."""
_MAX_DRIFT = 3e-4
_PEAKS_A_BLOCK = 4
_WINDOW = 1024
_LOWEST_BIN = 12
_WHITEN_CHUNK = 512 * _WINDOW
_PARTITION = 1 << 20
_MEDIAN_STEP = 8
_CELL_S = 0.25
_CELL_REACH = 4
_FINE_WINDOW_S = 1.5
_FINE_WINDOWS = 16
_FINE_REACH_S = 0.005
_FINE_STRENGTH = 6.0
_RESAMPLE_MARGIN = 1024

Signal = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Placement:
    """A stretch of a mix in which a track may sound.

    Attributes:
        mix_start_s: Where the stretch begins in the mix.
        mix_end_s: Where it ends.
        track_start_s: Position in the track at `mix_start_s`.
        speed: Seconds of track a second of mix.
        strength: Height of the correlation's peak over the deviation of its background.
        strongest_s: Time in the mix around which that peak is highest.
    """

    mix_start_s: float
    mix_end_s: float
    track_start_s: float
    speed: float
    strength: float
    strongest_s: float

    def track_time_s(self, mix_time_s: float) -> float:
        """Position in the track at a time of the mix."""
        return self.track_start_s + (mix_time_s - self.mix_start_s) * self.speed

    def between(self, start_s: float, end_s: float) -> "Placement":
        """The same alignment over another stretch of the mix."""
        return replace(
            self,
            mix_start_s=start_s,
            mix_end_s=end_s,
            track_start_s=self.track_time_s(start_s),
        )


@dataclass(frozen=True, slots=True)
class _Peak:
    """A peak of one block's correlation: position in the mix, track minus mix, and height."""

    block_start: int
    lag: int
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


def find_placements(
    mix: Signal, track: Signal, check: Callable[[], None] = lambda: None
) -> tuple[Placement, ...]:
    """Every stretch of a mix where a track may sound, strongest first; stretches may overlap.

    Args:
        mix: (num_samples,) from `search_signal`.
        track: (num_samples,) from `search_signal`.
        check: Called once a block; may raise to cancel.
    """
    block = min(round(BLOCK_S * SEARCH_RATE_HZ), len(mix))
    if block < _WINDOW or len(track) < _WINDOW:
        return ()
    correlator = _Correlator(track, block)
    chains: list[list[_Peak]] = []
    for start in _block_starts(len(mix), block):
        check()
        for peak in correlator.peaks(mix[start : start + block], start):
            _append(chains, peak, 2 * block)
    placements = [_placement(chain, mix, track, block) for chain in chains]
    return tuple(sorted(placements, key=lambda p: -p.strength))


def refine(
    placement: Placement, mix: Samples, track: Samples, track_rate_hz: int, mix_rate_hz: int
) -> Placement:
    """Align to a fraction of a sample and follow a clock that runs at another speed.

    Args:
        placement: From `find_placements`.
        mix: (channels, num_samples) float32.
        track: (channels, num_samples) float32, at its own rate.
        track_rate_hz: The track's rate.
        mix_rate_hz: The mix's rate.
    """
    for _ in range(2):
        placement = _snapped(placement, track_rate_hz, mix_rate_hz)
        measured = _delays(placement, mix, track, track_rate_hz, mix_rate_hz)
        if not measured:
            break
        times, delays = np.array(measured).T
        # A speed of exactly 1 is the rule and only given up for a drift that can be heard.
        doubt_s = 1 / mix_rate_hz if placement.speed == 1.0 else 0.0
        offset, slope = _line(times - placement.mix_start_s, delays, doubt_s)
        placement = replace(
            placement,
            track_start_s=placement.track_start_s - offset * placement.speed,
            speed=placement.speed * (1 - slope),
        )
        if placement.speed == 1.0:
            break
    return placement


def _delays(
    placement: Placement, mix: Samples, track: Samples, track_rate_hz: int, mix_rate_hz: int
) -> list[tuple[float, float]]:
    """Times in the mix and how much later than placed the track is there, both in seconds."""
    window = round(_FINE_WINDOW_S * mix_rate_hz)
    first = round(placement.mix_start_s * mix_rate_hz)
    last = max(first, round(placement.mix_end_s * mix_rate_hz) - window)
    reach = round(_FINE_REACH_S * mix_rate_hz)

    def measured(start: int) -> tuple[float, float, float]:
        heard = _cut(mix, start, start + window)
        known = read_aligned(placement, track, track_rate_hz, mix_rate_hz, start, start + window)
        delay, strength = _delay(heard.mean(0), known.mean(0), reach)
        return (start + window / 2) / mix_rate_hz, delay / mix_rate_hz, strength

    starts = np.unique(np.linspace(first, last, _FINE_WINDOWS).round().astype(int)).tolist()
    found = on_each(measured, starts)
    return [(time_s, delay_s) for time_s, delay_s, strength in found if strength >= _FINE_STRENGTH]


def read_aligned(
    placement: Placement,
    track: Samples,
    track_rate_hz: int,
    mix_rate_hz: int,
    start: int,
    stop: int,
) -> Samples:
    """The track as it lies under samples start to stop of the mix; silence outside the file.

    At equal rate and speed the samples are the file's own, to the nearest one.

    Returns:
        (track channels, stop - start) float32.
    """
    position = placement.track_time_s(start / mix_rate_hz) * track_rate_hz
    step = placement.speed * track_rate_hz / mix_rate_hz
    if step == 1.0:
        nearest = round(position)
        return _cut(track, nearest, nearest + stop - start)
    lead = int(np.ceil(_RESAMPLE_MARGIN / step))
    begin = int(np.floor(position - lead * step))
    span = int(np.ceil((stop - start + 2 * lead) * step)) + 1
    source = np.ascontiguousarray(_cut(track, begin, begin + span).T)
    resampled = soxr.resample(source, step * mix_rate_hz, mix_rate_hz).T
    advance = (position - begin) / step
    whole = int(np.floor(advance))
    return _advanced(resampled, advance - whole)[:, whole : whole + stop - start]


def _snapped(placement: Placement, track_rate_hz: int, mix_rate_hz: int) -> Placement:
    """Moved to where `read_aligned` reads, which at equal rates is on whole samples."""
    if placement.speed * track_rate_hz != mix_rate_hz:
        return placement
    position = placement.track_time_s(0.0) * track_rate_hz
    shift_s = (round(position) - position) / track_rate_hz
    return replace(placement, track_start_s=placement.track_start_s + shift_s)


def _cut(samples: Samples, start: int, stop: int) -> Samples:
    """Samples start to stop, with zeros where the sound has none."""
    total = samples.shape[1]
    inside = samples[:, min(max(start, 0), total) : min(max(stop, 0), total)]
    before = min(max(-start, 0), stop - start)
    after = stop - start - before - inside.shape[1]
    return np.pad(inside, ((0, 0), (before, after)))


def _advanced(samples: Samples, fraction: float) -> Samples:
    """Samples moved to the left by less than one sample, by a linear phase."""
    length = next_fast_len(samples.shape[1], real=True)
    turn = np.exp(2j * np.pi * np.arange(length // 2 + 1) / length * fraction)
    return irfft(rfft(samples, length) * turn.astype(np.complex64), length)


def _whitened(low: Signal, start: int) -> Signal:
    """One chunk with unit magnitude at every point of time and frequency, silence kept silent."""
    hop = _WINDOW // 2
    stop = min(start + _WHITEN_CHUNK, len(low))
    framed = _cut(low[None], start - hop, stop + 2 * _WINDOW)[0]
    taper = np.sqrt(np.hanning(_WINDOW + 1)[:-1]).astype(np.float32)
    spectra = rfft(sliding_window_view(framed, _WINDOW)[::hop] * taper)
    magnitude = np.abs(spectra)
    spectra /= magnitude + np.float32(1e-3 * np.sqrt(np.mean(magnitude**2)) + 1e-9)
    spectra[:, :_LOWEST_BIN] = 0
    frames = irfft(spectra, _WINDOW) * taper
    flat = (frames[1:, :hop] + frames[:-1, hop:]).reshape(-1)
    return flat[: stop - start]


def _block_starts(num_samples: int, block: int) -> list[int]:
    """Side by side, the last one as near to the end as it can be."""
    whole = range(0, num_samples - block, block)
    return [*whole, num_samples - block]


class _Correlator:
    """Correlates short blocks with a long track, partition by partition."""

    def __init__(self, track: Signal, block: int) -> None:
        self._block = block
        padded = np.pad(track, (block, block))
        self._length = next_fast_len(min(_PARTITION, len(padded)), real=True)
        self._valid = self._length - block + 1
        self._partitions = [
            (start - block, rfft(padded[start : start + self._length], self._length))
            for start in range(0, len(track) + block, self._valid)
        ]
        self._lags = len(track) + block

    def peaks(self, samples: Signal, block_start: int) -> list[_Peak]:
        """The highest peaks over the background for one block of the mix, of either sign."""
        spectrum = rfft(samples, self._length).conj()
        heights = np.empty(len(self._partitions) * self._valid, np.float32)
        for index, (_, partition) in enumerate(self._partitions):
            correlation = irfft(partition * spectrum, self._length, workers=threads())
            heights[index * self._valid :][: self._valid] = np.abs(correlation[: self._valid])
        heights = heights[: self._lags]
        sounding = heights[::_MEDIAN_STEP]
        sounding = sounding[sounding > 0]
        background = float(np.median(sounding)) / 0.6745 if sounding.size else 0.0
        found: list[_Peak] = []
        reach = SEARCH_RATE_HZ // 20
        while background > 0 and len(found) < _PEAKS_A_BLOCK:
            best = int(np.argmax(heights))
            strength = float(heights[best]) / background
            if strength < MIN_STRENGTH:
                break
            found.append(_Peak(block_start, best - self._block - block_start, strength))
            heights[max(0, best - reach) : best + reach] = 0
        return found


def _append(chains: list[list[_Peak]], peak: _Peak, reach: int) -> None:
    """Continue the chain with about the same lag, or begin one."""
    for chain in chains:
        distance = peak.block_start - chain[-1].block_start
        if 0 < distance <= reach and abs(peak.lag - chain[-1].lag) <= 3 + _MAX_DRIFT * distance:
            chain.append(peak)
            return
    chains.append([peak])


def _placement(chain: list[_Peak], mix: Signal, track: Signal, block: int) -> Placement:
    starts = np.array([peak.block_start for peak in chain], float)
    lags = np.array([peak.lag for peak in chain], float)
    slope = float(np.polyfit(starts, lags, 1)[0]) if len(chain) >= 4 else 0.0
    slope = slope if abs(slope) * (starts[-1] - starts[0]) > 3 else 0.0
    centre = starts.mean() + block / 2
    middle = float(np.median(lags - slope * (starts + block / 2 - centre)))
    first, last = _extent(mix, track, chain, block)
    offset = middle + slope * (first - centre)
    strongest = max(chain, key=lambda peak: peak.strength)
    return Placement(
        mix_start_s=first / SEARCH_RATE_HZ,
        mix_end_s=last / SEARCH_RATE_HZ,
        track_start_s=(first + offset) / SEARCH_RATE_HZ,
        speed=1.0 + slope,
        strength=float(np.mean([peak.strength for peak in chain])),
        strongest_s=(strongest.block_start + block / 2) / SEARCH_RATE_HZ,
    )


def _extent(mix: Signal, track: Signal, chain: list[_Peak], block: int) -> tuple[int, int]:
    """Where the agreement begins and ends: the run of short cells with the greatest sum."""
    first = max(0, chain[0].block_start - block)
    last = min(len(mix), chain[-1].block_start + 2 * block)
    cell = round(_CELL_S * SEARCH_RATE_HZ)
    edges = np.arange(first, last, cell)
    centres = [peak.block_start + block / 2 for peak in chain]
    lags = np.interp(edges, centres, [peak.lag for peak in chain]).round().astype(int)
    sums = np.array(
        [
            _agreement(mix[edge : min(edge + cell, last)], track, edge + lag)
            for edge, lag in zip(edges.tolist(), lags.tolist(), strict=True)
        ]
    )
    inner = (edges >= chain[0].block_start) & (edges < chain[-1].block_start + block)
    score = np.cumsum(sums - 0.3 * np.quantile(sums[inner], 0.9))
    lowest = np.minimum.accumulate(np.concatenate(([0.0], score[:-1])))
    end = int(np.argmax(score - lowest))
    begin = int(np.argmin(np.concatenate(([0.0], score))[: end + 1]))
    return int(edges[begin]), min(int(edges[end]) + cell, last)


def _agreement(heard: Signal, track: Signal, start: int) -> float:
    """Correlation of a cell with the track from about sample `start` on."""
    known = _cut(track[None], start - _CELL_REACH, start + len(heard) + _CELL_REACH)[0]
    return float(np.abs(sliding_window_view(known, len(heard)) @ heard).max())


def _delay(heard: Signal, known: Signal, reach: int) -> tuple[float, float]:
    """How many samples `heard` is behind `known`, and how far the peak stands out."""
    length = next_fast_len(2 * len(heard), real=True)
    # Without a taper the cut edges of both, which always coincide, would outweigh faint trebles.
    taper = np.hanning(len(heard)).astype(np.float32)
    cross = rfft(heard * taper, length) * rfft(known * taper, length).conj()
    cross /= np.abs(cross) + 1e-12 + 1e-6 * np.abs(cross).mean()
    correlation = np.roll(irfft(cross, length), length // 2)
    near = np.abs(correlation[length // 2 - reach - 1 : length // 2 + reach + 2])
    best = 1 + int(np.argmax(near[1:-1]))
    left, middle, right = (float(near[best + i]) for i in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    background = float(np.median(np.abs(correlation))) / 0.6745
    return best - 1 - reach + shift, middle / background if background > 0 else 0.0


def _line(
    times: NDArray[np.float64], delays: NDArray[np.float64], sample_s: float
) -> tuple[float, float]:
    """Delay at time 0 and its slope; the slope only if the measurements leave no doubt."""
    middle = float(np.median(delays))
    if len(times) < 4:
        return middle, 0.0
    gaps = times[:, None] - times[None, :]
    pairs = np.abs(gaps) > np.ptp(times) / 4
    slope = float(np.median((delays[:, None] - delays[None, :])[pairs] / gaps[pairs]))
    left = delays - slope * times
    offset = float(np.median(left))
    spread = 1.4826 * float(np.median(np.abs(left - offset)))
    doubt = 4 * spread / np.sqrt(len(times)) + sample_s
    if abs(slope) * np.ptp(times) <= doubt:
        return middle, 0.0
    return offset, slope
