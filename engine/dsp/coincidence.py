"""How much better two things in time go together than chance would have it.

Chance is measured on the material itself: a curve against all rotations of the other one, events
against all times near them. So no measure needs training, and a link that is not there gives zero
on average, whatever the sound or the picture is like.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from engine.dsp.onsets import Curve


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measure of a link.

    Attributes:
        effect: Strength of the link, 0 on average if there is none.
        precision: 1 / variance of `effect` without a link; 0 if there was nothing to go by.
    """

    effect: float
    precision: float


NO_EVIDENCE = Evidence(0.0, 0.0)
_FLAT = 1e-9  # what rounding leaves of a constant curve


def pool(parts: Iterable[Evidence]) -> Evidence:
    """Mean of measures from separate stretches, weighted by their precision."""
    known = [part for part in parts if part.precision > 0]
    total = sum(part.precision for part in known)
    if not known:
        return NO_EVIDENCE
    return Evidence(sum(part.effect * part.precision for part in known) / total, total)


def event_evidence(events_s: Curve, curve: Curve, rate_hz: float) -> Evidence:
    """Do events fall on high values of a curve, compared with the second around each of them?

    Args:
        events_s: (num_events,) times.
        curve: (num_frames,) frame k spans [k, k + 1) / rate_hz.
        rate_hz: Frames a second.
    """
    near, around = 0.035 * rate_hz, 0.5 * rate_hz
    smooth = gaussian_filter1d(curve, near)
    centred = smooth - gaussian_filter1d(smooth, around)
    spread = np.sqrt(gaussian_filter1d(centred**2, around))
    loudest = float(spread.max(initial=0.0))
    index = (events_s * rate_hz).astype(int)
    index = index[index < curve.size]
    if loudest <= _FLAT or index.size == 0:
        return NO_EVIDENCE
    standing_out = np.clip(centred / np.maximum(spread, 0.2 * loudest), -3, 3)
    variance = float(standing_out.var())
    effect = float(standing_out[index].mean() - standing_out.mean())
    return Evidence(effect, index.size / max(variance, 0.1))


def curve_evidence(first: Curve, second: Curve, lag: int) -> Evidence:
    """Do two curves rise and fall together, compared with all rotations of one of them?

    Args:
        first: (num_frames,).
        second: (num_frames,).
        lag: Frames by which they may be apart.
    """
    if first.size == 0:
        return NO_EVIDENCE
    spreads = float(first.std()), float(second.std())
    if min(spreads) <= _FLAT:
        return NO_EVIDENCE
    one, two = (first - first.mean()) / spreads[0], (second - second.mean()) / spreads[1]
    by_rotation = irfft(rfft(one) * rfft(two).conj(), one.size) / one.size
    best = maximum_filter1d(by_rotation, 2 * lag + 1, mode="wrap")
    variance = max(float(best.var()), 1 / one.size)
    return Evidence(float(best[0] - best.mean()), 1 / variance)


def time_scale(curve: Curve, fine: float, coarse: float) -> Curve:
    """What of a curve is slower than `fine` and faster than `coarse`, both in frames."""
    return np.asarray(gaussian_filter1d(curve, fine) - gaussian_filter1d(curve, coarse))
