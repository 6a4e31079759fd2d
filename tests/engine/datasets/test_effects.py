import numpy as np
import pytest

from engine.datasets.effects import SCENES, BedMaker, EventMaker, make_scene
from engine.datasets.processing import active_level_db
from tests.helpers.measures import RATE_HZ

BEDS = sorted({bed for beds, _ in SCENES.values() for bed in beds}, key=lambda f: f.__name__)
EVENTS = sorted({e for _, events in SCENES.values() for e in events}, key=lambda f: f.__name__)


@pytest.mark.parametrize("family", SCENES)
@pytest.mark.parametrize("seed", range(3))
def test_a_scene_has_its_length_and_level(family: str, seed: int) -> None:
    scene = make_scene(family, 6.0, np.random.default_rng(seed))
    assert scene.shape == (2, 6 * RATE_HZ)
    assert scene.dtype == np.float32
    assert np.isfinite(scene).all()
    assert active_level_db(scene) == pytest.approx(-22, abs=0.1)
    assert np.abs(scene.mean(axis=1)).max() < 1e-3


@pytest.mark.parametrize("family", SCENES)
def test_equal_seeds_sound_equal_and_others_do_not(family: str) -> None:
    first, again, other = (
        make_scene(family, 2.0, np.random.default_rng(seed)) for seed in (7, 7, 8)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("event", EVENTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("seed", range(3))
def test_an_event_sounds_and_ends(event: EventMaker, seed: int) -> None:
    sound = event(np.random.default_rng(seed))
    assert sound.dtype == np.float32
    assert 0.03 * RATE_HZ < len(sound) < 10 * RATE_HZ
    assert np.isfinite(sound).all()
    peak = np.abs(sound).max()
    assert peak > 1e-3
    assert np.abs(sound[-40:]).max() < 0.35 * peak


@pytest.mark.parametrize("bed", BEDS, ids=lambda f: f.__name__)
def test_a_bed_lasts(bed: BedMaker) -> None:
    sound = bed(4.0, np.random.default_rng(0))
    assert len(sound) == 4 * RATE_HZ
    parts = np.abs(sound).reshape(4, RATE_HZ).max(axis=1)
    assert parts.min() > 0.005 * parts.max()
