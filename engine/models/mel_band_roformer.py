"""Mel-band RoFormer: a RoFormer over overlapping bands that are equally wide on the mel scale.

Source: Wang, Lu, Won, "Mel-Band RoFormer for Music Source Separation" (arXiv 2310.01809), section
2.1. Bands are the triangles of a mel filter bank made binary; where bands overlap, their masks are
averaged.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.roformer import BandLayout, RoFormer, RoFormerOptions

_HZ_PER_MEL = 200 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_MELS_PER_E = 27 / np.log(6.4)
"""Slaney's scale: straight up to 1 kHz, from there 27 mels for each factor of 6.4."""


class MelBandRoFormer(RoFormer):
    """The published network; arguments are those of its configuration: see `RoFormerOptions`."""

    def __init__(
        self,
        *,
        num_bands: int = 60,
        sample_rate: int = 44_100,
        mask_estimator_depth: int = 1,
        **options: Any,
    ) -> None:
        published = RoFormerOptions.published(options)
        super().__init__(
            published,
            mel_bands(num_bands, published.stft_n_fft, sample_rate),
            hidden_layers=mask_estimator_depth,
            norm_each=True,
        )


def mel_bands(num_bands: int, n_fft: int, sample_rate_hz: int) -> BandLayout:
    """The bins under each triangle of a mel filter bank, from 0 to half the rate.

    The lowest bin is always in the first band, the highest in the last one.

    Raises:
        ValueError: There are so many bands that a bin or a band has none.
    """
    bins_hz = np.arange(n_fft // 2 + 1) * sample_rate_hz / n_fft
    corners_hz = _mel_to_hz(np.linspace(0, _hz_to_mel(sample_rate_hz / 2), num_bands + 2))
    inside = (corners_hz[:-2, None] < bins_hz) & (bins_hz < corners_hz[2:, None])
    inside[0, 0] = inside[-1, -1] = True
    if not inside.any(axis=0).all() or not inside.any(axis=1).all():
        raise ValueError(f"{num_bands} mel bands do not cover {len(bins_hz)} bins")
    return BandLayout(len(bins_hz), tuple(tuple(np.flatnonzero(row).tolist()) for row in inside))


def _hz_to_mel(frequency_hz: float) -> float:
    if frequency_hz < _LOG_FROM_HZ:
        return frequency_hz / _HZ_PER_MEL
    return float(_LOG_FROM_MEL + np.log(frequency_hz / _LOG_FROM_HZ) * _MELS_PER_E)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _LOG_FROM_HZ * np.exp((np.maximum(mels, _LOG_FROM_MEL) - _LOG_FROM_MEL) / _MELS_PER_E)
    return np.where(mels < _LOG_FROM_MEL, mels * _HZ_PER_MEL, above)
