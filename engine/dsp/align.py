"""A known track under a mix: from a rough place to a fraction of a sample, and read there."""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from engine.dsp.side_by_side import on_each
from engine.types import Samples

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

    def later(self, seconds: float) -> "Placement":
        """The same track so much later in the mix."""
        return replace(
            self,
            mix_start_s=self.mix_start_s + seconds,
            mix_end_s=self.mix_end_s + seconds,
            strongest_s=self.strongest_s + seconds,
        )


def refine(
    placement: Placement, mix: Samples, track: Samples, track_rate_hz: int, mix_rate_hz: int
) -> Placement:
    """Align to a fraction of a sample and follow a clock that runs at another speed.

    Args:
        placement: From `engine.dsp.passages`.
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
        heard = cut(mix, start, start + window)
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
        return cut(track, nearest, nearest + stop - start)
    lead = int(np.ceil(_RESAMPLE_MARGIN / step))
    begin = int(np.floor(position - lead * step))
    span = int(np.ceil((stop - start + 2 * lead) * step)) + 1
    source = np.ascontiguousarray(cut(track, begin, begin + span).T)
    resampled = soxr.resample(source, step * mix_rate_hz, mix_rate_hz).T
    advance = (position - begin) / step
    whole = int(np.floor(advance))
    return advanced(resampled, advance - whole)[:, whole : whole + stop - start]


def _snapped(placement: Placement, track_rate_hz: int, mix_rate_hz: int) -> Placement:
    """Moved to where `read_aligned` reads, which at equal rates is on whole samples."""
    if placement.speed * track_rate_hz != mix_rate_hz:
        return placement
    position = placement.track_time_s(0.0) * track_rate_hz
    shift_s = (round(position) - position) / track_rate_hz
    return replace(placement, track_start_s=placement.track_start_s + shift_s)


def cut(samples: Samples, start: int, stop: int) -> Samples:
    """Samples start to stop, with zeros where the sound has none."""
    total = samples.shape[1]
    inside = samples[:, min(max(start, 0), total) : min(max(stop, 0), total)]
    before = min(max(-start, 0), stop - start)
    after = stop - start - before - inside.shape[1]
    return np.pad(inside, ((0, 0), (before, after)))


def advanced(samples: Samples, fraction: float) -> Samples:
    """Samples moved to the left by less than one sample, by a linear phase."""
    length = next_fast_len(samples.shape[1], real=True)
    turn = np.exp(2j * np.pi * np.arange(length // 2 + 1) / length * fraction)
    return irfft(rfft(samples, length) * turn.astype(np.complex64), length)


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
