"""Mel-band RoFormer: its bands against librosa, its output against the published network."""

import re
from typing import Any

import librosa
import numpy as np
import pytest
import torch
from bs_roformer import MelBandRoformer

from engine.models.mel_band_roformer import MelBandRoFormer, mel_bands
from tests.helpers import roformers

TINY = roformers.TINY["mel_band_roformer"]


@pytest.mark.filterwarnings("ignore:Empty filters detected")
@pytest.mark.parametrize("sample_rate_hz", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("n_fft", [512, 2048])
@pytest.mark.parametrize("num_bands", [30, 60, 64, 128])
def test_bands_are_the_triangles_of_librosa(
    sample_rate_hz: int, n_fft: int, num_bands: int
) -> None:
    filters = librosa.filters.mel(sr=sample_rate_hz, n_fft=n_fft, n_mels=num_bands)
    filters[0, 0] = filters[-1, -1] = 1
    expected = filters > 0
    if not expected.any(axis=0).all() or not expected.any(axis=1).all():
        with pytest.raises(ValueError, match="do not cover"):
            mel_bands(num_bands, n_fft, sample_rate_hz)
        return
    layout = mel_bands(num_bands, n_fft, sample_rate_hz)
    found = np.zeros_like(expected)
    for row, band in zip(found, layout.bands, strict=True):
        row[list(band)] = True
    np.testing.assert_array_equal(found, expected)


def test_published_bands() -> None:
    layout = mel_bands(60, 2048, 44_100)
    widths = [len(band) for band in layout.bands]
    assert (widths[:3], widths[-1], sum(widths)) == ([7, 6, 6], 130, 1979)


def published(config: dict[str, Any]) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
    """The network of the package, and its weights under the names that checkpoints have.

    The package leaves a gap in front for a transformer that no checkpoint has.
    """
    torch.manual_seed(0)
    network = MelBandRoformer(**config, flash_attn=True).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    state = {
        re.sub(
            r"^(layers\.\d+)\.(\d)", lambda found: f"{found[1]}.{int(found[2]) - 1}", key
        ): tensor
        for key, tensor in network.state_dict().items()
    }
    return network, state


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:A window was not provided")
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"stereo": False, "num_stems": 1},
        {"num_stems": 6, "mask_estimator_depth": 1, "time_transformer_depth": 2},
        {"num_bands": 60, "stft_n_fft": 2048, "stft_win_length": 2048, "dim_freqs_in": 1025},
    ],
    ids=["stereo", "mono", "six stems", "published bands"],
)
def test_reproduces_the_published_network(change: dict[str, Any]) -> None:
    config = {**TINY, **change}
    reference, state = published(config)
    model = MelBandRoFormer(**config).eval()
    assert model.state_dict().keys() == state.keys()
    model.load_state_dict(state, strict=True)
    mix = 0.1 * torch.randn(2, model.audio_channels, 32 * 99)
    with torch.inference_mode():
        expected = reference(mix).view(2, model.num_stems, model.audio_channels, -1)
        found = model(mix)
    tolerance = 1e-5 * expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


def test_a_mask_of_one_everywhere_gives_the_mix_back() -> None:
    model = MelBandRoFormer(**{**TINY, "num_stems": 1}).eval()
    with torch.no_grad():
        for estimator in model.mask_estimators:
            for parameter in estimator.parameters():
                parameter.zero_()
        model.begin_with_even_shares()
        mix = torch.randn(1, 2, 777)
        torch.testing.assert_close(model(mix)[:, 0], mix, rtol=0, atol=1e-5)


def test_more_bands_than_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="64 mel bands do not cover 65 bins"):
        MelBandRoFormer(**{**TINY, "num_bands": 64})
