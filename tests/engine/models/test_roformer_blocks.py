"""The blocks of a RoFormer against plain formulas, and tiles against the whole."""

import pytest
import torch
from torch.nn import functional

from engine.models.roformer_blocks import (
    Attention,
    Block,
    FeedForward,
    RMSNorm,
    RotaryEmbedding,
    attend,
    in_tiles,
    rotate,
)


def test_rotation_turns_neighbouring_pairs_by_position_times_frequency() -> None:
    rotary = RotaryEmbedding(6)
    torch.testing.assert_close(rotary.freqs, 10_000.0 ** -(torch.arange(3) / 3))
    x = torch.randn(2, 5, 3, 6)
    turned = rotate(x, rotary(5))
    for position in range(5):
        for pair, frequency in enumerate(rotary.freqs.tolist()):
            angle = torch.tensor(position * frequency)
            even, odd = x[:, position, :, 2 * pair], x[:, position, :, 2 * pair + 1]
            found = turned[:, position, :, 2 * pair : 2 * pair + 2]
            expected = (
                even * angle.cos() - odd * angle.sin(),
                odd * angle.cos() + even * angle.sin(),
            )
            torch.testing.assert_close(found, torch.stack(expected, -1), rtol=0, atol=1e-6)


def test_rotation_keeps_a_reduced_precision() -> None:
    x = torch.randn(1, 4, 2, 8)
    turned = rotate(x.bfloat16(), RotaryEmbedding(8)(4))
    assert turned.dtype == torch.bfloat16
    torch.testing.assert_close(turned.float(), rotate(x, RotaryEmbedding(8)(4)), rtol=0, atol=0.05)


@pytest.mark.parametrize("length", [1, 3, 62, 128, 129])
def test_attention_of_any_length_is_the_softmax_formula(length: int) -> None:
    q, k, v = torch.randn(3, 2, 4, length, 8, dtype=torch.float64)
    weights = (q @ k.transpose(-1, -2) / 8**0.5).softmax(-1)
    torch.testing.assert_close(attend(q, k, v), weights @ v)


def test_dropout_of_short_and_long_attention_takes_about_its_share() -> None:
    torch.manual_seed(0)
    for length in (100, 140):
        ones = torch.ones(1, 8, length, 4)
        # All weights are 1 / length, so a sum over what is kept says how much is.
        kept = attend(ones, ones, ones, dropout=0.25) * 0.75
        assert 0.7 < kept.mean() < 0.8
        assert kept.std() > 0


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e3])
def test_norm_has_one_length_whatever_comes_in(scale: float) -> None:
    norm = RMSNorm(16)
    length = norm(scale * torch.randn(5, 16)).norm(dim=-1)
    expected = torch.full((5,), 4.0)
    if scale < 1e-12:  # Below its floor a vector stays as short as it is.
        assert (length < 1e-6).all()
    else:
        torch.testing.assert_close(length, expected)
    assert (norm(torch.zeros(1, 16)) == 0).all()


def test_the_kernel_of_gpus_is_the_same_norm() -> None:
    x, norm = torch.randn(7, 24), RMSNorm(24)
    fused = functional.rms_norm(x, (24,), norm.gamma, 1e-24 / 24)
    torch.testing.assert_close(norm(x), fused)
    assert (functional.rms_norm(torch.zeros(1, 24), (24,), norm.gamma, 1e-24 / 24) == 0).all()


@pytest.mark.parametrize("length", [5, 700, 2500])
@pytest.mark.parametrize("turned", [False, True])
def test_tiles_give_what_the_whole_gives(length: int, turned: bool) -> None:
    torch.manual_seed(1)
    rotary = RotaryEmbedding(4)
    block = Block(Attention(8, 2, 4, 0.0, rotary), FeedForward(8, 0.0))
    rotation = rotary(length)
    x = torch.randn(2, 7, length, 8)
    if turned:  # The same numbers in another order of memory.
        x = x.transpose(1, 2).contiguous().transpose(1, 2)
    whole = in_tiles(lambda part: block(part, rotation), x)
    assert whole.requires_grad
    with torch.inference_mode():
        tiled = in_tiles(lambda part: block(part, rotation), x)
    assert tiled.data_ptr() == x.data_ptr()
    torch.testing.assert_close(tiled, whole.detach(), rtol=0, atol=1e-5)
