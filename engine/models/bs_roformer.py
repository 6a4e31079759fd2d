"""Band-split RoFormer: a RoFormer over bands that cut the spectrum into pieces.

Source: Lu, Wang, Kong, Hung, "Music Source Separation with Band-Split RoPE Transformer"
(arXiv 2309.02612).
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise

from engine.models.roformer import BandLayout, RoFormer, Sizes, Stft, refuse_unknown

PUBLISHED_BANDS = (2,) * 24 + (4,) * 12 + (12,) * 8 + (24,) * 8 + (48,) * 8 + (128, 129)
"""Bins a band of the published networks: 62 bands over 1025 bins."""


class BSRoFormer(RoFormer):
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
        freqs_per_bands: Iterable[int] = PUBLISHED_BANDS,
        dim_head: int = 64,
        heads: int = 8,
        attn_dropout: float = 0.0,
        ff_dropout: float = 0.0,
        dim_freqs_in: int = 1025,
        stft_n_fft: int = 2048,
        stft_hop_length: int = 512,
        stft_win_length: int = 2048,
        stft_normalized: bool = False,
        zero_dc: bool = False,
        mask_estimator_depth: int = 2,
        mlp_expansion_factor: int = 4,
        skip_connection: bool = False,
        **without_effect: object,
    ) -> None:
        refuse_unknown(without_effect)
        if linear_transformer_depth:
            raise ValueError("no published checkpoint has linear_transformer_depth > 0")
        stft = Stft(stft_n_fft, stft_hop_length, stft_win_length, stft_normalized)
        bands = tuple(freqs_per_bands)
        if not sum(bands) == dim_freqs_in == stft.bins:
            raise ValueError(
                f"bands hold {sum(bands)} bins, dim_freqs_in is {dim_freqs_in}, "
                f"n_fft {stft_n_fft} gives {stft.bins}"
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
            pieces(bands),
            stft,
            audio_channels=2 if stereo else 1,
            num_stems=num_stems,
            hidden_layers=mask_estimator_depth - 1,
            mlp_expansion_factor=mlp_expansion_factor,
            norm_each=False,
            zero_dc=zero_dc,
            skip_connection=skip_connection,
        )


def pieces(widths: Iterable[int]) -> BandLayout:
    """Bands of these widths side by side."""
    edges = list(accumulate(widths, initial=0))
    return BandLayout(edges[-1], tuple(tuple(range(a, b)) for a, b in pairwise(edges)))
