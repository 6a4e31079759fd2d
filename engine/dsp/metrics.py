"""Separation quality in dB, with silent references handled."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import correlate

from engine.types import Samples

_TINY = 1e-10


def sdr_db(reference: Samples, estimate: Samples) -> float:
    """Signal-to-distortion ratio: energy of the reference over energy of the error, all channels.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples).

    Source: Mitsufuji et al., "Music Demixing Challenge 2021", eq. 1.
    """
    ref, est = reference.astype(np.float64), estimate.astype(np.float64)
    return _ratio_db(float(np.sum(ref**2)), float(np.sum((ref - est) ** 2)))


def si_sdr_db(reference: Samples, estimate: Samples) -> float:
    """Scale-invariant SDR, all channels together, no mean removed.

    Args:
        reference: (channels, num_samples).
        estimate: (channels, num_samples).

    Source: Le Roux et al., "SDR - half-baked or well done?" (arXiv 1811.02508), eq. 5.
    """
    ref, est = reference.astype(np.float64), estimate.astype(np.float64)
    energy = float(np.sum(ref**2))
    target = ref * (float(np.sum(est * ref)) / energy if energy > 0 else 0.0)
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
    return 10 * float(np.log10((signal + _TINY) / (noise + _TINY)))
