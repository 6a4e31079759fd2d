"""The voices of a mix: a stem of the network, or what its stems leave."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.devices import Device, Runner
from engine.dsp.overlap_add import Chunking
from engine.errors import BadCheckpointError
from engine.models.separation import SeparationModel
from engine.stages.separation import NetworkSeparation
from engine.stages.separator import BackgroundMusicSeparator
from engine.types import Quality
from tests.helpers.separations import RATE_HZ, LowAndHigh, low_and_high, put


def separator(
    store: ArtifactStore, stems: tuple[str, ...], remainder: str = ""
) -> BackgroundMusicSeparator:
    network = LowAndHigh()
    model = SeparationModel(network, "low-high", "0", RATE_HZ, 2, stems, 4_000, remainder)
    runner = Runner(network, Device("cpu", "processor"))
    return BackgroundMusicSeparator(NetworkSeparation(model, runner, store), store)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def test_what_the_stems_leave_can_be_the_voice(store: ArtifactStore) -> None:
    """Low and high together are the mix, so nothing is left of it."""
    mix = put(store, low_and_high(20_000, RATE_HZ), RATE_HZ)
    left = separator(store, ("bass", "drums"), "vocals")(mix, Quality.DRAFT, PlainContext())
    np.testing.assert_allclose(store.map(left), 0, atol=1e-5)
    assert left.num_samples == mix.num_samples


def test_the_stem_of_the_voice_goes_before_what_is_left(store: ArtifactStore) -> None:
    mix = put(store, low_and_high(20_000, RATE_HZ), RATE_HZ)
    voice = separator(store, ("bass", "vocals"), "speech")(mix, Quality.DRAFT, PlainContext())
    assert np.square(store.map(voice)).mean() > 0.2 * np.square(store.map(mix)).mean()


def test_a_network_without_a_voice_is_refused(store: ArtifactStore) -> None:
    with pytest.raises(BadCheckpointError, match="no stem for voices, only kick, snare"):
        separator(store, ("kick", "snare"))


def test_the_grid_of_its_chunks(store: ArtifactStore) -> None:
    voices = separator(store, ("vocals", "other"))
    assert voices.grid(Quality.BEST) == (Chunking(4_000, 2_000), RATE_HZ)
    assert voices.grid(Quality.DRAFT) == (Chunking(4_000, 3_600), RATE_HZ)
