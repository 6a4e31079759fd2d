"""BSRoFormer against numbers of the published network, and its own promises."""

import json
import zlib
from pathlib import Path
from typing import Any

import bs_roformer
import numpy as np
import pytest
import torch

from engine.models.bs_roformer import PUBLISHED_BANDS, BSRoFormer
from tests.helpers import roformers

PARITY = json.loads((Path(__file__).parents[2] / "data/bs_roformer_parity.json").read_text())
TINY = roformers.TINY["bs_roformer"]


def weights_by_rule(model: BSRoFormer) -> dict[str, torch.Tensor]:
    """The weights of the parity file's rule."""
    state = model.state_dict()
    for key, value in state.items():
        if key.endswith("rotary_embed.freqs"):
            continue
        x = np.random.default_rng(zlib.crc32(key.encode())).standard_normal(tuple(value.shape))
        x = x.astype(np.float32)
        if key.endswith(".gamma"):
            x = 1 + 0.1 * x
        elif key.endswith("weight") and x.ndim >= 2:
            x = x / x.shape[-1] ** 0.5
        else:
            x = 0.1 * x
        state[key] = torch.from_numpy(x.astype(np.float32))
    return state


@pytest.mark.parametrize("case", PARITY["cases"], ids=["stereo", "mono"])
def test_reproduces_the_published_network(case: dict[str, Any]) -> None:
    model = BSRoFormer(**case["config"]).eval()
    assert {k: list(v.shape) for k, v in model.state_dict().items()} == case["state_dict"]
    model.load_state_dict(weights_by_rule(model), strict=True)
    for run in case["runs"]:
        shape = run["batch"], model.audio_channels, run["samples"]
        mix = np.random.default_rng(run["seed"]).standard_normal(shape).astype(np.float32) * 0.1
        with torch.inference_mode():
            out = model(torch.from_numpy(mix))
        assert out.shape == (run["batch"], model.num_stems, *shape[1:])
        out = out[..., : run["output_samples"]]
        expected = torch.tensor(run["every_997th_sample"])
        tolerance = 1e-5 * out.abs().max().item()
        torch.testing.assert_close(out[..., ::997], expected, rtol=0, atol=tolerance)
        energy = out.double().square().sum((-2, -1))
        torch.testing.assert_close(
            energy, torch.tensor(run["energy_per_stem"]).double(), rtol=1e-4, atol=0
        )


@pytest.fixture
def tiny() -> BSRoFormer:
    torch.manual_seed(0)
    return BSRoFormer(**TINY).eval()


@pytest.mark.parametrize("num_samples", [1, 15, 32, 33, 64, 1000, 1001])
def test_output_is_as_long_as_the_input(tiny: BSRoFormer, num_samples: int) -> None:
    assert tiny(torch.randn(1, 2, num_samples)).shape == (1, 2, 2, num_samples)


def test_batch_of_two_is_twice_batch_of_one(tiny: BSRoFormer) -> None:
    mix = torch.randn(2, 2, 700)
    one_by_one = torch.cat([tiny(mix[:1]), tiny(mix[1:])])
    torch.testing.assert_close(tiny(mix), one_by_one, rtol=0, atol=1e-6)


def test_zero_dc_takes_the_lowest_bin_away(tiny: BSRoFormer) -> None:
    mix = torch.randn(1, 2, 800) + 1.0
    with_dc = tiny(mix)
    spectrum = tiny.stft.forward(mix)
    lowest = (spectrum.unsqueeze(1) * tiny.masks(spectrum)).clone()
    lowest[..., 1:, :] = 0
    tiny.zero_dc = True
    expected = tiny.stft.inverse(lowest, 800)
    torch.testing.assert_close(with_dc - tiny(mix), expected, rtol=0, atol=1e-5)


def test_a_pair_of_layers_with_skip_connection_differs() -> None:
    torch.manual_seed(0)
    plain = BSRoFormer(**{**TINY, "depth": 2}).eval()
    skip = BSRoFormer(**{**TINY, "depth": 2, "skip_connection": True}).eval()
    skip.load_state_dict(plain.state_dict())
    mix = torch.randn(1, 2, 300)
    assert not torch.allclose(plain(mix), skip(mix), atol=1e-4)


def test_a_training_begins_with_even_shares(tiny: BSRoFormer) -> None:
    mix = torch.randn(1, 2, 2000)
    tiny.begin_with_even_shares()
    stems = tiny(mix)
    likeness = torch.cosine_similarity(stems.flatten(2), mix.flatten(1).expand(1, 2, -1), dim=-1)
    assert likeness.min() > 0.8
    share = (stems * mix.unsqueeze(1)).sum((-2, -1)) / mix.square().sum()
    torch.testing.assert_close(share, torch.full_like(share, 0.5), rtol=0.2, atol=0)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:A window was not provided")
@pytest.mark.parametrize("change", [{}, {"stereo": False, "num_stems": 1}, {"num_stems": 5}])
def test_is_the_network_of_the_published_package(change: dict[str, Any]) -> None:
    config = {**TINY, **change}
    torch.manual_seed(0)
    reference = bs_roformer.BSRoformer(**config, flash_attn=True).eval()
    model = BSRoFormer(**config).eval()
    model.load_state_dict(reference.state_dict(), strict=True)
    mix = 0.1 * torch.randn(2, model.audio_channels, 16 * 200)
    with torch.inference_mode():
        expected = reference(mix).view(2, model.num_stems, model.audio_channels, -1)
        found = model(mix)
    tolerance = 1e-5 * expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


def test_the_number_of_threads_changes_no_bit() -> None:
    torch.manual_seed(0)
    model = BSRoFormer(**TINY).eval()
    mix = torch.randn(1, 2, 40_000)
    threads, outputs = torch.get_num_threads(), []
    for count in (2, 3):
        torch.set_num_threads(count)
        with torch.inference_mode():
            outputs.append(model(mix))
    torch.set_num_threads(threads)
    assert torch.equal(*outputs)


def test_weights_can_be_given_to_a_network_that_has_no_memory_yet(tiny: BSRoFormer) -> None:
    with torch.device("meta"):
        empty = BSRoFormer(**TINY).eval()
    assert all(parameter.is_meta for parameter in empty.parameters())
    state = tiny.state_dict()
    empty.load_state_dict(state, strict=True, assign=True)
    mix = torch.randn(1, 2, 500)
    torch.testing.assert_close(empty(mix), tiny(mix))
    taken = {tensor.data_ptr() for tensor in empty.state_dict().values()}
    assert taken == {tensor.data_ptr() for tensor in state.values()}


def test_wrong_channel_count_is_named(tiny: BSRoFormer) -> None:
    with pytest.raises(ValueError, match="expected 2 channels, got 1"):
        tiny(torch.zeros(1, 1, 100))


def test_published_bands_cover_the_spectrum() -> None:
    assert (len(PUBLISHED_BANDS), sum(PUBLISHED_BANDS)) == (62, 1025)


def test_bands_that_do_not_make_the_spectrum_are_refused() -> None:
    with pytest.raises(ValueError, match="bands hold 3 bins, dim_freqs_in is 33"):
        BSRoFormer(**{**TINY, "freqs_per_bands": (1, 2)})
