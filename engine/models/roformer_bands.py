"""From bins to bands and back: the two ends of a RoFormer.

Source: arXiv 2309.02612, sections 3.1 and 3.3; the overlapping bands are those of Wang, Lu, Won,
"Mel-Band RoFormer for Music Source Separation" (arXiv 2310.01809).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.roformer_blocks import RMSNorm
from engine.models.tile_threads import on_each


class Run(NamedTuple):
    """Neighbouring bands of equal width."""

    first: int
    bands_in_run: int
    width: int

    @property
    def bands(self) -> slice:
        """Where the bands stand among all bands."""
        return slice(self.first, self.first + self.bands_in_run)


def equal_runs(widths: Sequence[int]) -> list[Run]:
    """Group neighbouring bands of equal width."""
    runs: list[Run] = []
    first = 0
    for width, same in groupby(widths):
        runs.append(Run(first, len(list(same)), width))
        first += runs[-1].bands_in_run
    return runs


def each(networks: nn.ModuleList, inputs: Sequence[Tensor]) -> list[Tensor]:
    """What the first network makes of the first input, the second of the second, ..."""
    pairs = zip(networks, inputs, strict=True)
    if torch.is_grad_enabled() or inputs[0].device.type != "cpu":
        return [network(x) for network, x in pairs]
    return on_each(lambda pair: pair[0](pair[1]), pairs)


class BandSplit(nn.Module):
    """One normalised projection a band."""

    def __init__(self, dim: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = list(widths)
        self.to_features = nn.ModuleList(
            nn.Sequential(RMSNorm(width), nn.Linear(width, dim)) for width in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frames, sum of widths) -> (batch, bands, frames, dim)."""
        parts = torch.split(x, self.widths, dim=-1)
        return torch.stack(each(self.to_features, parts), dim=1)


class MaskEstimator(nn.Module):
    """One gated perceptron a band: from features to real and imaginary parts of a mask."""

    def __init__(self, dim: int, widths: Sequence[int], hidden_layers: int, expansion: int) -> None:
        super().__init__()
        self.runs = equal_runs(widths)
        self.to_freqs = nn.ModuleList(
            nn.Sequential(
                _perceptron([dim, *[dim * expansion] * hidden_layers, 2 * width]), nn.GLU(dim=-1)
            )
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
        """(batch, bands, frames, dim) -> (batch, frames, sum of widths)."""
        # Many small products keep a processor busy, but no accelerator.
        masks = self.one_by_one(x) if x.device.type == "cpu" else self.in_runs(x)
        return torch.cat(list(masks), dim=-1)

    def one_by_one(self, x: Tensor) -> Iterable[Tensor]:
        """The mask of each band, (batch, frames, width)."""
        return each(self.to_freqs, x.unbind(1))

    def in_runs(self, x: Tensor) -> Iterator[Tensor]:
        """The masks of bands of equal width from one batched product a layer."""
        batch, _, frames, _ = x.shape
        rows = x.transpose(0, 1).flatten(1, 2)
        for run in self.runs:
            perceptrons, _ = _columns(self.to_freqs[run.bands])
            hidden = rows[run.bands]
            for layers in _columns(perceptrons):
                is_linear = isinstance(layers[0], nn.Linear)
                hidden = _linear_bank(hidden, layers) if is_linear else layers[0](hidden)
            masks = functional.glu(hidden, dim=-1).transpose(0, 1)
            yield masks.reshape(batch, frames, -1)


def _linear_bank(x: Tensor, layers: Sequence[nn.Module]) -> Tensor:
    """Apply n linear layers of equal shape to n inputs at once: (n, rows, in) -> (n, rows, out)."""
    weight = torch.stack([layer.get_parameter("weight") for layer in layers])
    bias = torch.stack([layer.get_parameter("bias") for layer in layers])
    return torch.baddbmm(bias.unsqueeze(1), x, weight.transpose(1, 2))


def _columns(rows: Iterable[Any]) -> list[tuple[nn.Module, ...]]:
    """The first layers of all rows, then the second ones, ..."""
    return list(zip(*rows, strict=True))


def _perceptron(dims: Sequence[int]) -> nn.Sequential:
    """Linear layers with tanh between them."""
    layers: list[nn.Module] = []
    for a, b in pairwise(dims):
        layers += [nn.Linear(a, b), nn.Tanh()]
    return nn.Sequential(*layers[:-1])
