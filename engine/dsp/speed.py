"""At what speed a track plays in a mix, to some hundred-thousandths.

A correlation over 4 s is blurred by a speed that is wrong by a ten-thousandth: so the right speed
stands out, and every block of the mix votes for it, wherever in the block the track lies exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from scipy.fft import irfft, next_fast_len, rfft

from engine.dsp.align import Signal
from engine.dsp.correlate import SEARCH_RATE_HZ, search_signal
from engine.types import Samples

_BLOCK = 4 * SEARCH_RATE_HZ
_REACH = SEARCH_RATE_HZ
"""How far from where it is looked for the track may lie."""
_STEP = 1e-4
_FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class SpeedFound:
    """The speed with most votes.

    Attributes:
        speed: Seconds of track a second of mix.
        deviations: How far its votes are above those of the other speeds.
    """

    speed: float
    deviations: float


def best_speed(
    mix: Signal,
    track: Samples,
    track_rate_hz: int,
    start_s: float,
    between: tuple[float, float],
    check: Callable[[], None] = lambda: None,
) -> SpeedFound:
    """The speed at which a track agrees best with a stretch of a mix.

    Args:
        mix: (num_samples,) from `search_signal`, at least some seconds.
        track: (channels, num_samples) float32, at its own rate.
        track_rate_hz: Its rate.
        start_s: Position in the track at the mix's first sample, to half a second.
        between: The slowest and the fastest speed to try, seconds of track a second of mix.
        check: Called once a speed; may raise to cancel.
    """
    slowest, fastest = between
    speeds = slowest + _STEP * np.arange(round((fastest - slowest) / _STEP) + 1)
    reach_s = _REACH / SEARCH_RATE_HZ
    first = max(0, round((start_s - reach_s * fastest) * track_rate_hz))
    length_s = len(mix) / SEARCH_RATE_HZ + 2 * reach_s
    excerpt = track[:, first : first + round(length_s * fastest * track_rate_hz)]
    # So small a change of speed leaves as white what was made white once.
    rate_hz = round(track_rate_hz * (slowest + fastest) / 2)
    whitened = search_signal([excerpt], excerpt.shape[1], rate_hz)
    votes = []
    for speed in speeds.tolist():
        check()
        known = soxr.resample(whitened, speed * track_rate_hz / rate_hz, 1.0)
        lag_s = (first / track_rate_hz - start_s) / speed
        votes.append(_agreement(mix, known, round(lag_s * SEARCH_RATE_HZ)))
    usual = float(np.median(votes))
    spread = float(np.median(np.abs(np.array(votes) - usual))) / 0.6745 + _FLAT
    best = int(np.argmax(votes))
    return SpeedFound(float(speeds[best]), (votes[best] - usual) / spread)


def _agreement(mix: Signal, known: Signal, begins: int) -> float:
    """How far the correlation's peak stands out, summed over blocks; `known` begins that late."""
    total = 0.0
    for start in range(0, max(1, len(mix) - _BLOCK // 2), _BLOCK):
        block = mix[start : start + _BLOCK]
        low = max(0, start - begins - _REACH)
        near = known[low : low + len(block) + 2 * _REACH]
        if len(near) <= len(block):
            continue
        length = next_fast_len(len(near), real=True)
        correlation = irfft(rfft(near, length) * rfft(block, length).conj(), length)
        heights = np.abs(correlation[: len(near) - len(block)])
        total += float(heights.max() / (np.median(heights) + 1e-12))
    return total
