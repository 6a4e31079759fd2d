"""What each place of a mix tells of the level at which a track sounds in it.

Measured against the phase of the track, so that other notes at the same place do not count, and
most where the rest of the mix is faint.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from engine.dsp.half_overlap import Spectra, local_mean, power

OVERLAP = 2.5
"""Neighbouring frames and bins tell the same: so many count as one."""
_GAIN_FRAMES = 33
_REST_FRAMES, _REST_BINS = 3, 9
_FLOOR = 1e-3
"""Power of the rest at least, relative to the mean of the mix: what a codec left out is no rest."""
_SILENT = 1e-20


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """Evidence on the complex level of a track, whose gain of the moment counts as 1.

    Attributes:
        pull: (frames, bins) complex; over any places, their sum over that of the precision is the
            level there.
        precision: (frames, bins), one over its variance but for `OVERLAP`.
    """

    pull: NDArray[np.complex64]
    precision: NDArray[np.float32]


def level_evidence(
    mix: Spectra, track: Spectra, bgm: Spectra, gain: NDArray[np.float64]
) -> LevelEvidence:
    """Look at the middle of a mix.

    Args:
        mix: (mix channels, frames, bins).
        track: (track channels, frames, bins).
        bgm: (mix channels, frames, bins), the track as it was fitted to the mix.
        gain: (frames,), of that fit; only its slow changes count.
    """
    slow = np.sqrt(np.maximum(0, uniform_filter1d(gain**2, _GAIN_FRAMES, mode="nearest")))
    source = track.mean(0) * slow[:, None].astype(np.float32)
    heard = mix.mean(0)
    left = local_mean(power(heard - bgm.mean(0)), _REST_FRAMES, _REST_BINS)
    left += np.float32(_FLOOR) * power(heard).mean()
    weights = np.divide(1, left, out=np.zeros_like(left), where=left > _SILENT)
    return LevelEvidence(weights * heard * source.conj(), weights * power(source))
