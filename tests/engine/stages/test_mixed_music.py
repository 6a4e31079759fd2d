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


class BadBeginning(TooLoud):
    """Confuses the two in the first quarter of what it hears."""

    def forward(self, mix: Tensor) -> Tensor:
        """See `TooLoud`."""
        stems = super().forward(mix)
        quarter = mix.shape[-1] // 4
        return torch.cat((stems.flip(1)[..., :quarter], stems[..., quarter:]), -1)


def separator(
    store: ArtifactStore,
    network: nn.Module,
    names: tuple[str, str] = ("a", "b"),
    order_accuracy: float = 0.0,
) -> MixedMusicSeparator:
    model = SeparationModel(
        network,
        "too loud",
        repr(network),
        RATE_HZ,
        2,
        names,
        RATE_HZ,
        order_accuracy=order_accuracy,
    )
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


def lows_of(samples: Samples) -> Samples:
    return np.asarray(TooLoud(1)(torch.from_numpy(samples).unsqueeze(0))[0, 0])


def likeness(a: Samples, b: Samples) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize(
    ("names", "lows_first"),
    [(("ost", "bgm"), True), (("bgm", "ost"), False), (("BGM ", "Ost"), False)],
)
def test_the_first_music_is_the_one_called_ost(
    tmp_path: Path, names: tuple[str, str], lows_first: bool
) -> None:
    store = ArtifactStore(tmp_path)
    sound = noise(3)
    mix = store.put("mix", Audio(sound, RATE_HZ))
    found = separator(store, TooLoud(1), names)(mix, Quality.STANDARD, PlainContext())
    lows, highs = (found.music1, found.music2) if lows_first else (found.music2, found.music1)
    assert likeness(store.map(lows), lows_of(sound)) > 0.99
    assert likeness(store.map(highs), sound - lows_of(sound)) > 0.99


def test_likeness_never_swaps_what_the_network_calls_by_name(tmp_path: Path) -> None:
    # Over the quarter that two chunks share the second one is wrong, so likeness swaps all of it.
    store = ArtifactStore(tmp_path)
    sound = noise(8)
    mix = store.put("mix", Audio(sound, RATE_HZ))
    found = {
        names: separator(store, BadBeginning(1), names)(mix, Quality.STANDARD, PlainContext())
        for names in (("ost", "bgm"), ("music1", "music2"))
    }
    told, untold = (likeness(store.map(each.music1), lows_of(sound)) for each in found.values())
    assert told > 0.8
    assert untold < 0.7


@given(st.sampled_from([("ost", "bgm"), ("bgm", "ost"), ("a", "b")]), st.floats(0, 1))
def test_only_a_measured_order_of_named_stems_counts(
    names: tuple[str, str], order_accuracy: float
) -> None:
    store = ArtifactStore(Path())
    confidence = separator(store, TooLoud(1), names, order_accuracy).order_confidence
    assert confidence == (0.5 if names == ("a", "b") else max(0.5, order_accuracy))
