"""Separation quality in dB, channels together, over the whole sound.

What is not defined is said: against a silent reference there is no SDR, so it is NaN, and means
leave it out. Everything else is finite, within `LIMIT_DB`: the truth itself comes out at the upper
end. A silent estimate has an SDR of 0 dB, since its error is the whole reference, and an SI-SDR at
the lower end, since nothing of the reference is in it.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.signal import correlate

from engine.types import Samples

LIMIT_DB = 200.0
"""More than 64 bits can tell apart."""


def sdr_db(reference: Samples, estimate: Samples) -> float:
    """Signal-to-distortion ratio: energy of the reference over energy of the error, all channels.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples).

    Returns:
        NaN if the reference is silent.

    Source: Mitsufuji et al., "Music Demixing Challenge 2021", eq. 1. The SDR of BSSEval version 4
    is the same; that of version 3 forgives a filter and is higher.
    """
    ref, est = reference.astype(np.float64), estimate.astype(np.float64)
    energy = float(np.sum(ref**2))
    return _ratio_db(energy, float(np.sum((ref - est) ** 2))) if energy > 0 else math.nan


def si_sdr_db(reference: Samples, estimate: Samples) -> float:
    """Scale-invariant SDR, all channels together, no mean removed.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples).

    Returns:
        NaN if the reference is silent.

    Source: Le Roux et al., "SDR - half-baked or well done?" (arXiv 1811.02508), eq. 5.
    """
    ref, est = reference.astype(np.float64), estimate.astype(np.float64)
    energy = float(np.sum(ref**2))
    if energy <= 0:
        return math.nan
    target = ref * (float(np.sum(est * ref)) / energy)
    return _ratio_db(float(np.sum(target**2)), float(np.sum((est - target) ** 2)))


def lag_samples(reference: Samples, estimate: Samples) -> int:
    """How many samples the estimate comes later, by the peak of the cross-correlation.

    Silence has no lag: 0.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples).
    """
    ref, est = reference.mean(0), estimate.mean(0)
    if not ref.any() or not est.any():
        return 0
    correlation = correlate(est, ref, method="fft")
    return int(np.argmax(np.abs(correlation))) - (int(ref.size) - 1)


@dataclass(frozen=True, slots=True)
class Metrics:
    """What `reprise evaluate metrics` prints; the fields are its JSON keys."""

    sdr_db: float
    si_sdr_db: float
    si_sdr_gain_db: float | None
    lag_samples: int
    length_difference_samples: int


def measure(reference: Samples, estimate: Samples, mix: Samples | None = None) -> Metrics:
    """Compare an estimate with the truth over their common length.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples), may be longer or shorter.
        mix: (channels, num_samples), what the estimate was made from, for the gain.
    """
    common = min(s.shape[1] for s in (reference, estimate, mix) if s is not None)
    ref, est = reference[:, :common], estimate[:, :common]
    si_sdr = si_sdr_db(ref, est)
    return Metrics(
        sdr_db=sdr_db(ref, est),
        si_sdr_db=si_sdr,
        si_sdr_gain_db=None if mix is None else si_sdr - si_sdr_db(ref, mix[:, :common]),
        lag_samples=lag_samples(ref, est),
        length_difference_samples=estimate.shape[1] - reference.shape[1],
    )


def _ratio_db(signal: float, noise: float) -> float:
    """Within `LIMIT_DB` whatever is 0; nothing over nothing is the lower end."""
    if signal <= 0:
        return -LIMIT_DB
    if noise <= 0:
        return LIMIT_DB
    return float(np.clip(10 * np.log10(signal / noise), -LIMIT_DB, LIMIT_DB))
