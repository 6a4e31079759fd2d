"""Transformer blocks with rotary positions, shared by the band-split and the Mel-band RoFormer.

Source: Lu, Wang, Kong, Hung, "Music Source Separation with Band-Split RoPE Transformer"
(arXiv 2309.02612), section 3.2. Module names follow the key layout that all published checkpoints
use. The arithmetic is the published one; this makes it fast:

- Without gradients the residual stream is worked on tile by tile, in place, each tile on one core.
  What a block makes on its way is several times as big as the stream; of a tile it stays in the
  cache and in memory that is used again. Asking for fresh memory costs as much as most steps.
- A rotation is one complex product with a table that all blocks of an axis share.
- Attention over a few positions is two batched products: fused kernels are made for long sequences.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.models.tile_threads import on_each

_TILE_ROWS = 2**10
"""Rows (vectors of `dim` numbers) a tile on a processor: a few MB in each step."""

_TILE_ROWS_ACCELERATOR = 2**17
"""Rows a tile elsewhere: there it only limits memory."""

_SHORT = 128
"""Longest sequence whose scores a processor multiplies all at once."""

_NORM_EPS = 1e-12


class RotaryEmbedding(nn.Module):
    """Rotary positions (Su et al., arXiv 2104.09864); shared by all blocks of one axis."""

    freqs: Tensor

    def __init__(self, dim_head: int, theta: float = 10_000.0) -> None:
        super().__init__()
        # Always real numbers: arithmetic on the device "meta" first imports half of torch.
        exponents = torch.arange(0, dim_head, 2, device="cpu").float() / dim_head
        self.register_buffer("freqs", theta**-exponents)

    def forward(self, length: int) -> Tensor:
        """Rotations at positions 0 .. length - 1: (length, dim_head / 2), complex, modulus 1."""
        positions = torch.arange(length, device=self.freqs.device, dtype=torch.float32)
        angles = torch.outer(positions, self.freqs.float())
        return torch.polar(torch.ones_like(angles), angles)


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Rotate neighbouring pairs of the last axis.

    Args:
        x: (batch, sequence, ..., dim_head).
        rotation: (sequence, dim_head / 2), complex.
    """
    pairs = torch.view_as_complex(x.float().view(*x.shape[:-1], -1, 2))
    table = rotation.view(len(rotation), *[1] * (x.ndim - 3), -1)
    return torch.view_as_real(pairs * table).flatten(-2).to(x.dtype)


def attend(q: Tensor, k: Tensor, v: Tensor, dropout: float = 0.0) -> Tensor:
    """Softmax attention of (batch, heads, sequence, dim_head), all three of the same shape."""
    if q.device.type != "cpu" or q.shape[-2] > _SHORT:
        return functional.scaled_dot_product_attention(q, k, v, dropout_p=dropout)
    shape = q.shape
    q, k, v = (x.flatten(0, 1) for x in (q, k, v))
    # A first summand with factor 0 is never read.
    scores = torch.baddbmm(
        q.new_empty(1, 1, 1), q, k.transpose(1, 2), beta=0, alpha=q.shape[-1] ** -0.5
    )
    weights = functional.dropout(scores.softmax(-1), dropout, training=dropout > 0)
    return torch.bmm(weights, v).view(shape)


class RMSNorm(nn.Module):
    """Scales vectors of the last axis to length sqrt(dim), then by a learned gain."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(..., dim) -> (..., dim)."""
        dim = x.shape[-1]
        if x.is_cuda:
            # One kernel; its floor stands under the mean square instead of under the length.
            return functional.rms_norm(x, (dim,), self.gamma, _NORM_EPS**2 / dim)
        scale: Tensor = self.gamma * dim**0.5
        return functional.normalize(x, dim=-1, eps=_NORM_EPS) * scale


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

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        x = self.norm(x)
        batch, length, _ = x.shape
        qkv = self.to_qkv(x).view(batch, length, 3, self.heads, -1)
        q, k = rotate(qkv[:, :, :2], rotation).permute(2, 0, 3, 1, 4)
        v = qkv[:, :, 2].transpose(1, 2)
        out = attend(q, k, v, self.dropout if self.training else 0.0)
        gates = self.to_gates(x).sigmoid().unsqueeze(-1)
        merged: Tensor = self.to_out((out.transpose(1, 2) * gates).flatten(-2))
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

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        attention, feed_forward = self
        x = x + attention(x, rotation)
        out: Tensor = x + feed_forward(x)
        return out


class Transformer(nn.Module):
    """Blocks over one axis; the published names count them in `layers`."""

    def __init__(self, blocks: list[Block], norm: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(blocks)
        self.norm = norm

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """(batch, sequence, dim) -> (batch, sequence, dim)."""
        for block in self.layers:
            x = block(x, rotation)
        out: Tensor = self.norm(x)
        return out


def in_tiles(network: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply a network to sequences that do not know of each other.

    Without gradients tile by tile, into the memory of `x`.

    Args:
        network: Maps (batch, sequence, dim) to the same shape.
        x: (items, batch, sequence, dim), in any order of memory.

    Returns:
        As `x`.
    """
    if torch.is_grad_enabled():
        return network(x.flatten(0, 1)).view(x.shape)

    def update(tile: Tensor) -> None:
        tile.copy_(network(tile.contiguous()))

    on_cpu = x.device.type == "cpu"
    length = (_TILE_ROWS if on_cpu else _TILE_ROWS_ACCELERATOR) // x.shape[-2]
    tiles = [tile for item in x for tile in torch.split(item, max(1, length))]
    if on_cpu:
        on_each(update, tiles)
    else:
        for tile in tiles:
            update(tile)
    return x
