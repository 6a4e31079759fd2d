"""Two pieces of music come out at the level at which they are in the mix."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.devices import Runner, choose_device
from engine.models.separation import SeparationModel
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separation import NetworkSeparation
from engine.types import Audio, Quality, Samples

RATE_HZ = 8000


class TooLoud(nn.Module):
    """Tells lows from highs and gives both at a gain of its own."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self._gain = gain

    def extra_repr(self) -> str:
        """Tells networks apart."""
        return str(self._gain)

    def forward(self, mix: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, 2, channels, samples)."""
        spectrum = torch.fft.rfft(mix)
        middle = spectrum.shape[-1] // 2
        low = torch.cat((spectrum[..., :middle], torch.zeros_like(spectrum[..., middle:])), -1)
        lows = torch.fft.irfft(low, mix.shape[-1])
        return self._gain * torch.stack((lows, mix - lows), 1)


def separator(store: ArtifactStore, network: nn.Module) -> MixedMusicSeparator:
    model = SeparationModel(network, "too loud", repr(network), RATE_HZ, 2, ("a", "b"), RATE_HZ)
    return MixedMusicSeparator(
        NetworkSeparation(model, Runner(network, choose_device("cpu")), store), store
    )


def noise(seconds: float) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, (2, round(seconds * RATE_HZ))).astype(np.float32)


@given(st.floats(0.5, 3))
def test_levels_are_set_right_and_nothing_is_turned_over(
    tmp_path_factory: pytest.TempPathFactory, gain: float
) -> None:
    store = ArtifactStore(tmp_path_factory.mktemp("cache"))
    mix = store.put("mix", Audio(noise(2), RATE_HZ))
    found = separator(store, TooLoud(gain))(mix, Quality.DRAFT, PlainContext())
    music = store.map(found.music1) + store.map(found.music2)
    effects = store.map(found.effects)
    np.testing.assert_allclose(music + effects, store.map(mix), atol=1e-6)
    # A twentieth too loud or too quiet is left alone.
    assert np.std(effects) < 0.06 * np.std(store.map(mix))


def test_silence_stays_silence(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    mix = store.put("mix", Audio(np.zeros((2, RATE_HZ), np.float32), RATE_HZ))
    found = separator(store, TooLoud(1))(mix, Quality.DRAFT, PlainContext())
    assert not store.map(found.effects).any()
