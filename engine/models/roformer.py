"""The RoFormer networks: complex masks from attention over time and over frequency bands.

Source: Lu, Wang, Kong, Hung, "Music Source Separation with Band-Split RoPE Transformer"
(arXiv 2309.02612). Which bins make a band is the `BandLayout`; the rest is the same for all
published networks, and so are the names of the weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.roformer_bands import BandSplit, MaskEstimator
from engine.models.roformer_blocks import (
    Attention,
    Block,
    FeedForward,
    RMSNorm,
    RotaryEmbedding,
    Transformer,
    in_tiles,
)
from engine.published_configs import architecture


@dataclass(frozen=True, slots=True)
class BandLayout:
    """Which bins of a spectrum make which band.

    Attributes:
        bins: All bins that there are.
        bands: The bins of each band.
    """

    bins: int
    bands: tuple[tuple[int, ...], ...]

    @property
    def order(self) -> list[int]:
        """The bins of all bands, one band after the other."""
        return [index for band in self.bands for index in band]

    @property
    def overlaps(self) -> bool:
        """Whether it is more than a cut of the spectrum into pieces."""
        return self.order != list(range(self.bins))


@dataclass(frozen=True, slots=True)
class Stft:
    """A short-time Fourier transform with a Hann window and its inverse.

    Attributes:
        n_fft: Samples a transform.
        hop_samples: Distance of frames.
        window_samples: Length of the window.
        normalized: Whether the transform keeps energy.
    """

    n_fft: int
    hop_samples: int
    window_samples: int
    normalized: bool

    @property
    def bins(self) -> int:
        """Frequencies from 0 to half the rate."""
        return self.n_fft // 2 + 1

    def forward(self, samples: Tensor) -> Tensor:
        """(..., samples) -> (..., bins, frames), complex."""
        spectrum = torch.stft(
            samples.flatten(0, -2), **self._options(samples.device), return_complex=True
        )
        return spectrum.view(*samples.shape[:-1], *spectrum.shape[1:])

    def inverse(self, spectrum: Tensor, num_samples: int) -> Tensor:
        """(..., bins, frames) complex -> (..., num_samples)."""
        options = self._options(spectrum.device)
        samples = torch.istft(spectrum.flatten(0, -3), **options, length=num_samples)
        return samples.view(*spectrum.shape[:-2], num_samples)

    def _options(self, device: torch.device) -> dict[str, Any]:
        return {
            "n_fft": self.n_fft,
            "hop_length": self.hop_samples,
            "win_length": self.window_samples,
            "window": torch.hann_window(self.window_samples, device=device),
            "normalized": self.normalized,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RoFormerOptions:
    """What all published networks have; names and defaults are those of their configurations.

    Attributes:
        dim: Width of the residual stream.
        depth: Pairs of transformers.
        stereo: Whether two channels go in and out; else one.
        num_stems: Stems that come out.
        time_transformer_depth: Blocks of each transformer over time.
        freq_transformer_depth: Blocks of each transformer over bands.
        dim_head: Width of a head of attention.
        heads: Heads of attention.
        attn_dropout: Of attention, in training.
        ff_dropout: Of the perceptrons, in training.
        dim_freqs_in: Bins of the spectrum.
        stft_n_fft: Samples a transform.
        stft_hop_length: Samples from frame to frame.
        stft_win_length: Samples of the window.
        stft_normalized: Whether the transform keeps energy.
        zero_dc: Whether the lowest bin is silenced.
        mlp_expansion_factor: Width of the perceptrons that estimate masks, in `dim`.
        skip_connection: Whether each layer gets the sum of what all layers before it gave.
    """

    dim: int
    depth: int
    stereo: bool = False
    num_stems: int = 1
    time_transformer_depth: int = 2
    freq_transformer_depth: int = 2
    dim_head: int = 64
    heads: int = 8
    attn_dropout: float = 0.0
    ff_dropout: float = 0.0
    dim_freqs_in: int = 1025
    stft_n_fft: int = 2048
    stft_hop_length: int = 512
    stft_win_length: int = 2048
    stft_normalized: bool = False
    zero_dc: bool = False
    mlp_expansion_factor: int = 4
    skip_connection: bool = False

    @classmethod
    def published(cls, options: Mapping[str, Any]) -> Self:
        """From a configuration, which may say as well how it was trained.

        Raises:
            BadCheckpointError: It is of a variant that is not known here.
            TypeError: It has an option that means nothing here.
        """
        return cls(**architecture(options))

    @property
    def stft(self) -> Stft:
        """The spectrum."""
        lengths = self.stft_n_fft, self.stft_hop_length, self.stft_win_length
        return Stft(*lengths, self.stft_normalized)

    def transformer(self, depth: int, rotary: RotaryEmbedding, norm: nn.Module) -> Transformer:
        """One stack of blocks."""
        return Transformer(
            [
                Block(
                    Attention(self.dim, self.heads, self.dim_head, self.attn_dropout, rotary),
                    FeedForward(self.dim, self.ff_dropout),
                )
                for _ in range(depth)
            ],
            norm,
        )


class RoFormer(nn.Module):
    """Masks for the spectrum of a mix, one a stem.

    Args:
        options: What all published networks have.
        layout: Bins of the bands.
        hidden_layers: Of the perceptrons that estimate masks.
        norm_each: Whether each stack of blocks ends with a norm; else there is one at the very end.

    Raises:
        ValueError: Bands, spectrum and `dim_freqs_in` have different numbers of bins.
    """

    def __init__(
        self, options: RoFormerOptions, layout: BandLayout, *, hidden_layers: int, norm_each: bool
    ) -> None:
        super().__init__()
        self.audio_channels = 2 if options.stereo else 1
        self.num_stems = options.num_stems
        self.layout = layout
        self.stft = options.stft
        self.zero_dc = options.zero_dc
        self.skip_connection = options.skip_connection
        if not layout.bins == options.dim_freqs_in == self.stft.bins:
            raise ValueError(
                f"bands hold {layout.bins} bins, dim_freqs_in is {options.dim_freqs_in}, "
                f"n_fft {options.stft_n_fft} gives {self.stft.bins}"
            )

        def norm(*, wanted: bool) -> nn.Module:
            return RMSNorm(options.dim) if wanted else nn.Identity()

        rotaries = RotaryEmbedding(options.dim_head), RotaryEmbedding(options.dim_head)
        self._rotaries = rotaries  # A tuple: only the attention blocks have published names.
        depths = options.time_transformer_depth, options.freq_transformer_depth
        self.layers = nn.ModuleList(
            nn.ModuleList(
                options.transformer(depth, rotary, norm(wanted=norm_each))
                for depth, rotary in zip(depths, rotaries, strict=True)
            )
            for _ in range(options.depth)
        )
        self.final_norm = norm(wanted=not norm_each)
        widths = [2 * self.audio_channels * len(band) for band in layout.bands]
        self.band_split = BandSplit(options.dim, widths)
        self.mask_estimators = nn.ModuleList(
            MaskEstimator(options.dim, widths, hidden_layers, options.mlp_expansion_factor)
            for _ in range(options.num_stems)
        )

    def begin_with_even_shares(self) -> None:
        """Make a fresh network give each stem about the same part of the mix.

        A training then begins at a gain of 0 dB instead of at silence.
        """
        for estimator in self.mask_estimators:
            cast("MaskEstimator", estimator).begin_at(1 / self.num_stems)

    def forward(self, mix: Tensor) -> Tensor:
        """Split a mix.

        Args:
            mix: (batch, channels, samples), any length from 1.

        Returns:
            (batch, stems, channels, samples), as long as the input.
        """
        if mix.shape[1] != self.audio_channels:
            raise ValueError(f"expected {self.audio_channels} channels, got {mix.shape[1]}")
        num_samples = mix.shape[-1]
        # Reflection at the edges needs more samples than it pads.
        mix = functional.pad(mix, (0, max(0, self.stft.bins - num_samples)))
        spectrum = self.stft.forward(mix)
        stems = spectrum.unsqueeze(1) * self.masks(spectrum)
        if self.zero_dc:
            stems = stems.index_fill(-2, torch.zeros(1, dtype=torch.long, device=mix.device), 0)
        return self.stft.inverse(stems, mix.shape[-1])[..., :num_samples]

    def masks(self, spectrum: Tensor) -> Tensor:
        """(batch, channels, bins, frames) -> (batch, stems, channels, bins, frames), complex."""
        # Bins outermost, then channels, then real and imaginary part.
        features = torch.view_as_real(spectrum).permute(0, 3, 2, 1, 4)
        order = torch.tensor(self.layout.order, device=spectrum.device)
        if self.layout.overlaps:
            features = features.index_select(2, order)
        hidden = self._transform(self.band_split(features.flatten(2)))
        masks = torch.stack([estimator(hidden) for estimator in self.mask_estimators], dim=1)
        masks = masks.float().view(*masks.shape[:-1], len(order), self.audio_channels, 2)
        if self.layout.overlaps:
            masks = self._averaged(masks, order)
        return torch.view_as_complex(masks).permute(0, 1, 4, 3, 2)

    def _averaged(self, masks: Tensor, order: Tensor) -> Tensor:
        """The mean over all bands that have a bin: axis 3 from bins of bands to bins."""
        bins = self.layout.bins
        total = masks.new_zeros(*masks.shape[:3], bins, *masks.shape[4:])
        count = torch.bincount(order, minlength=bins).view(-1, 1, 1)
        return total.index_add(3, order, masks) / count

    def _transform(self, x: Tensor) -> Tensor:
        """(batch, bands, frames, dim) -> the same, after attention over both axes."""
        time_rotary, band_rotary = self._rotaries
        times, bands = time_rotary(x.shape[2]), band_rotary(x.shape[1])
        earlier: list[Tensor] = []
        for over_time, over_bands in (cast("nn.ModuleList", pair) for pair in self.layers):
            if self.skip_connection:
                x = torch.stack([x, *earlier]).sum(0)
            x = in_tiles(partial(over_time, rotation=times), x)
            x = in_tiles(partial(over_bands, rotation=bands), x.transpose(1, 2)).transpose(1, 2)
            if self.skip_connection:
                earlier.append(x)
        return in_tiles(self.final_norm, x)
