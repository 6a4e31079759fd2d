"""Mel-band RoFormer: a RoFormer over overlapping bands that are equally wide on the mel scale.

Source: Wang, Lu, Won, "Mel-Band RoFormer for Music Source Separation" (arXiv 2310.01809), section
2.1. Bands are the triangles of a mel filter bank made binary; where bands overlap, their masks are
averaged.
"""

import numpy as np
from numpy.typing import NDArray

from engine.models.roformer import BandLayout, RoFormer, Sizes, Stft, refuse_unknown

_HZ_PER_MEL = 200 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_MELS_PER_E = 27 / np.log(6.4)
"""Slaney's scale: straight up to 1 kHz, from there 27 mels for each factor of 6.4."""


class MelBandRoFormer(RoFormer):
    """The published network; argument names are those of its configuration files."""

    def __init__(
        self,
        dim: int,
        *,
        depth: int,
        stereo: bool = False,
        num_stems: int = 1,
        time_transformer_depth: int = 2,
        freq_transformer_depth: int = 2,
        linear_transformer_depth: int = 0,
        num_bands: int = 60,
        dim_head: int = 64,
        heads: int = 8,
        attn_dropout: float = 0.0,
        ff_dropout: float = 0.0,
        dim_freqs_in: int = 1025,
        sample_rate: int = 44_100,
        stft_n_fft: int = 2048,
        stft_hop_length: int = 512,
        stft_win_length: int = 2048,
        stft_normalized: bool = False,
        zero_dc: bool = False,
        mask_estimator_depth: int = 1,
        mlp_expansion_factor: int = 4,
        skip_connection: bool = False,
        **without_effect: object,
    ) -> None:
        refuse_unknown(without_effect)
        if linear_transformer_depth:
            raise ValueError("no published checkpoint has linear_transformer_depth > 0")
        stft = Stft(stft_n_fft, stft_hop_length, stft_win_length, stft_normalized)
        if dim_freqs_in != stft.bins:
            raise ValueError(
                f"dim_freqs_in is {dim_freqs_in}, n_fft {stft_n_fft} gives {stft.bins}"
            )
        super().__init__(
            Sizes(
                dim=dim,
                depth=depth,
                time_transformer_depth=time_transformer_depth,
                freq_transformer_depth=freq_transformer_depth,
                dim_head=dim_head,
                heads=heads,
                attn_dropout=attn_dropout,
                ff_dropout=ff_dropout,
            ),
            mel_bands(num_bands, stft_n_fft, sample_rate),
            stft,
            audio_channels=2 if stereo else 1,
            num_stems=num_stems,
            hidden_layers=mask_estimator_depth,
            mlp_expansion_factor=mlp_expansion_factor,
            norm_each=True,
            zero_dc=zero_dc,
            skip_connection=skip_connection,
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
