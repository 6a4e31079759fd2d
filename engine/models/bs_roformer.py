"""Band-split RoFormer: complex masks from attention over time and over frequency bands.

Source: Lu, Wang, Kong, Hung, "Music Source Separation with Band-Split RoPE Transformer"
(arXiv 2309.02612). Module names follow the key layout that all published checkpoints use, so they
load strictly; the computation is arranged for speed: bands of equal width are one batched product,
and the rotary tables are made once a call instead of once a block.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

PUBLISHED_BANDS = (2,) * 24 + (4,) * 12 + (12,) * 8 + (24,) * 8 + (48,) * 8 + (128, 129)
"""Bins a band of the published networks: 62 bands over 1025 bins."""

_TRAINING_OPTIONS = frozenset(
    {
        "multi_stft_resolution_loss_weight",
        "multi_stft_resolutions_window_sizes",
        "multi_stft_hop_size",
        "multi_stft_normalized",
        "multi_stft_window_fn",
        "use_torch_checkpoint",
        "sage_attention",
    }
)


class Rotation(NamedTuple):
    """Cosine and sine of the rotary angles, each (sequence, dim_head)."""

    cos: Tensor
    sin: Tensor


class RotaryEmbedding(nn.Module):
    """Angles of the rotary position embedding; shared by all blocks of one axis."""

    freqs: Tensor

    def __init__(self, dim_head: int, theta: float = 10_000.0) -> None:
        super().__init__()
        exponents = torch.arange(0, dim_head, 2).float() / dim_head
        self.register_buffer("freqs", theta**-exponents)

    def forward(self, length: int) -> Rotation:
        """Angles for positions 0 .. length - 1, each frequency for a pair of neighbours."""
        positions = torch.arange(length, device=self.freqs.device, dtype=torch.float32)
        angles = torch.outer(positions, self.freqs.float()).repeat_interleave(2, dim=-1)
        return Rotation(angles.cos(), angles.sin())


def rotate(x: Tensor, rotation: Rotation) -> Tensor:
    """Rotate neighbouring pairs of the last axis.

    Args:
        x: (..., sequence, dim_head).
        rotation: Angles for the sequence.
    """
    even, odd = x[..., 0::2], x[..., 1::2]
    quarter = torch.stack((-odd, even), dim=-1).flatten(-2)
    return x * rotation.cos.to(x.dtype) + quarter * rotation.sin.to(x.dtype)


class RMSNorm(nn.Module):
    """Scales vectors of the last axis to length sqrt(dim), then by a learned gain."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) -> (..., dim)."""
        scale: Tensor = self.gamma * x.shape[-1] ** 0.5
        return functional.normalize(x, dim=-1) * scale


class Attention(nn.Module):
    """Pre-norm self-attention with rotary positions and a sigmoid gate a head."""

    def __init__(
        self, dim: int, heads: int, dim_head: int, dropout: float, rotary: RotaryEmbedding
    ) -> None:
        super().__init__()
        inner = heads * dim_head
        self.heads = heads
        self.dropout = dropout
        self.rotary_embed = rotary
        self.norm = RMSNorm(dim)
        self.to_qkv = nn.Linear(dim, 3 * inner, bias=False)
        self.to_gates = nn.Linear(dim, heads)
        self.to_out = nn.Sequential(nn.Linear(inner, dim, bias=False), nn.Dropout(dropout))

    def forward(self, x: Tensor, rotation: Rotation) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        x = self.norm(x)
        qkv = self.to_qkv(x).view(*x.shape[:2], 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        out = functional.scaled_dot_product_attention(
            rotate(q, rotation),
            rotate(k, rotation),
            v,
            dropout_p=self.dropout if self.training else 0.0,
        )
        gates = self.to_gates(x).sigmoid().transpose(1, 2).unsqueeze(-1)
        merged: Tensor = self.to_out((out * gates).transpose(1, 2).flatten(-2))
        return merged


class FeedForward(nn.Module):
    """Pre-norm two-layer perceptron, four times as wide inside."""

    def __init__(self, dim: int, dropout: float, expansion: int = 4) -> None:
        super().__init__()
        self.net = nn.Sequential(
            RMSNorm(dim),
            nn.Linear(dim, dim * expansion),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(dim * expansion, dim),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) -> (..., dim)."""
        out: Tensor = self.net(x)
        return out


class Block(nn.ModuleList):
    """Attention, then feed-forward, each added to its input."""

    def __init__(self, attention: Attention, feed_forward: FeedForward) -> None:
        super().__init__([attention, feed_forward])

    def forward(self, x: Tensor, rotation: Rotation) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        attention, feed_forward = self
        x = x + attention(x, rotation)
        out: Tensor = x + feed_forward(x)
        return out


class Transformer(nn.Module):
    """Blocks over one axis."""

    def __init__(
        self,
        dim: int,
        depth: int,
        heads: int,
        dim_head: int,
        attn_dropout: float,
        ff_dropout: float,
        rotary: RotaryEmbedding,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Block(
                Attention(dim, heads, dim_head, attn_dropout, rotary), FeedForward(dim, ff_dropout)
            )
            for _ in range(depth)
        )

    def forward(self, x: Tensor, rotation: Rotation) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        for block in self.layers:
            x = block(x, rotation)
        return x


class Run(NamedTuple):
    """Neighbouring bands of equal width."""

    first: int
    bands_in_run: int
    width: int

    @property
    def bands(self) -> slice:
        """Where the bands stand among all bands."""
        return slice(self.first, self.first + self.bands_in_run)

    @property
    def features(self) -> int:
        """Features of all its bands together."""
        return self.bands_in_run * self.width


def equal_runs(widths: Sequence[int]) -> list[Run]:
    """Group neighbouring bands of equal width."""
    runs: list[Run] = []
    first = 0
    for width, same in groupby(widths):
        runs.append(Run(first, len(list(same)), width))
        first += runs[-1].bands_in_run
    return runs


def _linear_bank(x: Tensor, layers: Sequence[nn.Module]) -> Tensor:
    """Apply n linear layers of equal shape to n inputs at once: (n, rows, in) -> (n, rows, out)."""
    weight = torch.stack([layer.get_parameter("weight") for layer in layers])
    bias = torch.stack([layer.get_parameter("bias") for layer in layers])
    return torch.baddbmm(bias.unsqueeze(1), x, weight.transpose(1, 2))


class BandSplit(nn.Module):
    """One normalised projection a band."""

    def __init__(self, dim: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.runs = equal_runs(widths)
        self.to_features = nn.ModuleList(
            nn.Sequential(RMSNorm(width), nn.Linear(width, dim)) for width in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frames, sum of widths) -> (batch, frames, bands, dim)."""
        batch, frames, _ = x.shape
        parts = torch.split(x, [run.features for run in self.runs], dim=-1)
        outputs = [self._project(part, run) for part, run in zip(parts, self.runs, strict=True)]
        return torch.cat(outputs).transpose(0, 1).reshape(batch, frames, len(self.to_features), -1)

    def _project(self, x: Tensor, run: Run) -> Tensor:
        """(batch, frames, features of the run) -> (bands of the run, batch * frames, dim)."""
        rows = x.reshape(-1, run.bands_in_run, run.width).transpose(0, 1)
        norms, linears = _columns(self.to_features[run.bands])
        gamma = torch.stack([norm.get_parameter("gamma") for norm in norms]).unsqueeze(1)
        rows = functional.normalize(rows, dim=-1) * (run.width**0.5 * gamma)
        return _linear_bank(rows, linears)


class MaskEstimator(nn.Module):
    """One gated perceptron a band: from features to real and imaginary parts of a mask."""

    def __init__(self, dim: int, widths: Sequence[int], depth: int, expansion: int) -> None:
        super().__init__()
        self.runs = equal_runs(widths)
        self.to_freqs = nn.ModuleList(
            nn.Sequential(_perceptron(dim, dim * expansion, 2 * width, depth), nn.GLU(dim=-1))
            for width in widths
        )

    def begin_at(self, value: float) -> None:
        """Make the mask of a fresh network `value` and a little noise everywhere."""
        perceptrons, _ = _columns(self.to_freqs)
        for last in _columns(perceptrons)[-1]:
            real_and_imaginary = last.get_parameter("bias").detach().chunk(2)[0].view(-1, 2)
            # The other half gates with sigmoid(0).
            nn.init.zeros_(last.get_parameter("bias"))
            real_and_imaginary[:, 0] = 2 * value

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frames, bands, dim) -> (batch, frames, sum of widths)."""
        batch, frames, _, _ = x.shape
        rows = x.flatten(0, 1).transpose(0, 1)
        outputs = [self._estimate(rows[run.bands], run) for run in self.runs]
        return torch.cat(outputs, dim=-1).view(batch, frames, -1)

    def _estimate(self, x: Tensor, run: Run) -> Tensor:
        """(bands of the run, rows, dim) -> (rows, features of the run)."""
        perceptrons, _ = _columns(self.to_freqs[run.bands])
        for layers in _columns(perceptrons):
            x = _linear_bank(x, layers) if isinstance(layers[0], nn.Linear) else layers[0](x)
        return functional.glu(x, dim=-1).transpose(0, 1).flatten(1)


class BSRoFormer(nn.Module):
    """The published network; argument names are those of its configuration files.

    Attributes:
        num_stems: Stems that come out.
        audio_channels: Channels that go in and out.
    """

    window: Tensor

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
        flash_attn: bool = True,
        dim_freqs_in: int = 1025,
        stft_n_fft: int = 2048,
        stft_hop_length: int = 512,
        stft_win_length: int = 2048,
        stft_normalized: bool = False,
        zero_dc: bool = False,
        mask_estimator_depth: int = 2,
        mlp_expansion_factor: int = 4,
        skip_connection: bool = False,
        **training_options: object,
    ) -> None:
        super().__init__()
        bands = tuple(freqs_per_bands)
        if unknown := training_options.keys() - _TRAINING_OPTIONS:
            raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
        if linear_transformer_depth:
            raise ValueError("no published checkpoint has linear_transformer_depth > 0")
        if not sum(bands) == dim_freqs_in == stft_n_fft // 2 + 1:
            raise ValueError(
                f"bands hold {sum(bands)} bins, dim_freqs_in is {dim_freqs_in}, "
                f"n_fft {stft_n_fft} gives {stft_n_fft // 2 + 1}"
            )
        del flash_attn  # scaled_dot_product_attention chooses its kernel itself
        self.audio_channels = 2 if stereo else 1
        self.num_stems = num_stems
        self.n_fft = stft_n_fft
        self.hop_samples = stft_hop_length
        self.normalized = stft_normalized
        self.zero_dc = zero_dc
        self.skip_connection = skip_connection
        self.register_buffer("window", torch.hann_window(stft_win_length), persistent=False)

        rotaries = RotaryEmbedding(dim_head), RotaryEmbedding(dim_head)
        depths = time_transformer_depth, freq_transformer_depth
        self.layers = nn.ModuleList(
            nn.ModuleList(
                Transformer(dim, n, heads, dim_head, attn_dropout, ff_dropout, rotary)
                for n, rotary in zip(depths, rotaries, strict=True)
            )
            for _ in range(depth)
        )
        self.final_norm = RMSNorm(dim)
        widths = [2 * self.audio_channels * bins for bins in bands]
        self.band_split = BandSplit(dim, widths)
        self.mask_estimators = nn.ModuleList(
            MaskEstimator(dim, widths, mask_estimator_depth, mlp_expansion_factor)
            for _ in range(num_stems)
        )
        self._rotaries = rotaries

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
        mix = functional.pad(mix, (0, max(0, self.n_fft // 2 + 1 - num_samples)))
        spectrum = self._stft(mix)
        masks = self._masks(spectrum)
        stems = spectrum.unsqueeze(1) * masks
        if self.zero_dc:
            stems = stems.index_fill(-2, torch.zeros(1, dtype=torch.long, device=mix.device), 0)
        return self._istft(stems, mix.shape[-1])[..., :num_samples]

    def _masks(self, spectrum: Tensor) -> Tensor:
        """(batch, channels, bins, frames) -> (batch, stems, channels, bins, frames), complex."""
        # Bins outermost, then channels, then real and imaginary part.
        features = torch.view_as_real(spectrum).permute(0, 3, 2, 1, 4).flatten(2)
        hidden = self._transform(self.band_split(features))
        masks = torch.stack([estimator(hidden) for estimator in self.mask_estimators], dim=1)
        masks = masks.float().reshape(*masks.shape[:3], -1, self.audio_channels, 2)
        return torch.view_as_complex(masks).permute(0, 1, 4, 3, 2)

    def _transform(self, x: Tensor) -> Tensor:
        """(batch, frames, bands, dim) -> the same, after attention over both axes."""
        batch, frames, bands, _ = x.shape
        time_rotary, band_rotary = self._rotaries
        over_time, over_bands = time_rotary(frames), band_rotary(bands)
        earlier: list[Tensor] = []
        for time_transformer, freq_transformer in (cast("nn.ModuleList", p) for p in self.layers):
            if self.skip_connection:
                x = torch.stack([x, *earlier]).sum(0)
            x = time_transformer(x.transpose(1, 2).reshape(batch * bands, frames, -1), over_time)
            x = x.view(batch, bands, frames, -1).transpose(1, 2).reshape(batch * frames, bands, -1)
            x = freq_transformer(x, over_bands).view(batch, frames, bands, -1)
            if self.skip_connection:
                earlier.append(x)
        out: Tensor = self.final_norm(x)
        return out

    def _stft(self, x: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, channels, bins, frames), complex."""
        spectrum = torch.stft(
            x.flatten(0, 1),
            self.n_fft,
            self.hop_samples,
            len(self.window),
            self.window,
            normalized=self.normalized,
            return_complex=True,
        )
        return spectrum.view(*x.shape[:2], *spectrum.shape[1:])

    def _istft(self, spectrum: Tensor, num_samples: int) -> Tensor:
        """(..., bins, frames) complex -> (..., num_samples)."""
        samples = torch.istft(
            spectrum.reshape(-1, *spectrum.shape[-2:]),
            self.n_fft,
            self.hop_samples,
            len(self.window),
            self.window,
            normalized=self.normalized,
            length=num_samples,
        )
        return samples.view(*spectrum.shape[:-2], num_samples)


def _columns(rows: Iterable[Any]) -> list[tuple[nn.Module, ...]]:
    """The first layers of all rows, then the second ones, ..."""
    return list(zip(*rows, strict=True))


def _perceptron(dim_in: int, dim_hidden: int, dim_out: int, depth: int) -> nn.Sequential:
    """`depth` linear layers with tanh between them."""
    dims = [dim_in, *[dim_hidden] * (depth - 1), dim_out]
    layers: list[nn.Module] = []
    for a, b in pairwise(dims):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers[:-1])
