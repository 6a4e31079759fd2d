"""RoFormers so small that a test may run them many times."""

from collections.abc import Mapping
from typing import Any

_SIZES: dict[str, Any] = {
    "dim": 8,
    "stereo": True,
    "num_stems": 2,
    "time_transformer_depth": 1,
    "freq_transformer_depth": 1,
    "heads": 2,
    "dim_head": 4,
}

TINY: Mapping[str, dict[str, Any]] = {
    "bs_roformer": {
        **_SIZES,
        "depth": 1,
        "stft_n_fft": 64,
        "stft_win_length": 64,
        "stft_hop_length": 16,
        "dim_freqs_in": 33,
        "freqs_per_bands": (1, 2, 2, 4, 8, 16),
    },
    "mel_band_roformer": {
        **_SIZES,
        "depth": 2,
        "linear_transformer_depth": 0,
        "stft_n_fft": 128,
        "stft_win_length": 128,
        "stft_hop_length": 32,
        "dim_freqs_in": 65,
        "num_bands": 8,
        "mask_estimator_depth": 2,
    },
}
"""Options by the name of the builder."""
