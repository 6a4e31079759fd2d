"""Band-split RoFormer: a RoFormer over bands that cut the spectrum into pieces.

Source: Lu, Wang, Kong, Hung, "Music Source Separation with Band-Split RoPE Transformer"
(arXiv 2309.02612).
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any

from engine.models.roformer import BandLayout, RoFormer, RoFormerOptions

PUBLISHED_BANDS = (2,) * 24 + (4,) * 12 + (12,) * 8 + (24,) * 8 + (48,) * 8 + (128, 129)
"""Bins a band of the published networks: 62 bands over 1025 bins."""


class BSRoFormer(RoFormer):
    """The published network; arguments are those of its configuration: see `RoFormerOptions`."""

    def __init__(
        self,
        *,
        freqs_per_bands: Iterable[int] = PUBLISHED_BANDS,
        mask_estimator_depth: int = 2,
        **options: Any,
    ) -> None:
        super().__init__(
            RoFormerOptions.published(options),
            pieces(freqs_per_bands),
            hidden_layers=mask_estimator_depth - 1,
            norm_each=False,
        )


def pieces(widths: Iterable[int]) -> BandLayout:
    """Bands of these widths side by side."""
    edges = list(accumulate(widths, initial=0))
    return BandLayout(edges[-1], tuple(tuple(range(a, b)) for a, b in pairwise(edges)))
