"""Anchors hold what the norm asks of them, sample by sample where the reference is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.review import anchors
from app.review.anchors import fits, low_pass, make_anchor
from app.sounds import Sound, sound_of
from engine.context import PlainContext
from engine.types import AudioRef, Region, Samples
from tests.helpers.projects import stored

RATE_HZ = 48_000


def anchor_of(samples: Samples, hz: int, cache: Path, region: Region) -> Sound:
    ref = stored(cache, samples, RATE_HZ)
    return make_anchor(sound_of((ref, 1.0)), hz, region, cache, PlainContext())


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("hz", [3500, 7000])
def test_what_passes_passes_and_what_is_cut_off_is_gone(hz: int, rate_hz: int) -> None:
    size = 1 << 18
    response = np.abs(np.fft.rfft(low_pass(hz, rate_hz).astype(np.float64), size))
    frequencies = np.arange(len(response)) * rate_hz / size
    level_db = 20 * np.log10(response + 1e-12)
    assert np.abs(level_db[frequencies <= hz]).max() <= 0.1
    assert level_db[frequencies >= hz * 8 / 7].max() <= -25
    assert level_db[frequencies >= hz * 9 / 7].max() <= -50


def test_the_filter_delays_nothing(tmp_path: Path) -> None:
    samples = np.zeros((2, RATE_HZ), np.float32)
    samples[:, 20_000] = 1.0
    found = anchor_of(samples, 3500, tmp_path, Region(0.0, 1.0)).stretch(tmp_path, 0, RATE_HZ)
    assert found.shape == samples.shape
    assert int(np.argmax(found[0])) == 20_000
    np.testing.assert_allclose(found[0, 19_900:20_000], found[0, 20_100:20_000:-1], atol=1e-7)


@settings(max_examples=25)
@given(start=st.integers(0, 3000), length=st.integers(400, 3000))
def test_a_stretch_is_what_the_whole_would_be_there(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    samples = np.random.default_rng(1).standard_normal((1, 6000)).astype(np.float32)
    region = Region(start / RATE_HZ, (start + length) / RATE_HZ)
    whole = anchor_of(samples, 7000, cache, Region(0.0, 1.0)).stretch(cache, 0, 6000)
    part = anchor_of(samples, 7000, cache, region)
    assert part.num_samples == 6000
    inside = part.stretch(cache, start, start + length)
    np.testing.assert_allclose(inside, whole[:, start : start + length], atol=1e-6)
    assert not part.stretch(cache, 0, start).any()
    assert not part.stretch(cache, start + length, 6000).any()


def test_what_lies_below_stays_as_it_is(tmp_path: Path) -> None:
    times_s = np.arange(RATE_HZ) / RATE_HZ
    low, high = (np.sin(2 * np.pi * hz * times_s) for hz in (1000.0, 9000.0))
    samples = np.stack([low, low + high]).astype(np.float32)
    found = anchor_of(samples, 3500, tmp_path, Region(0.2, 0.8)).stretch(tmp_path, 9600, 38_400)
    np.testing.assert_allclose(found, np.stack([low, low])[:, 9600:38_400], atol=0.005)


def test_blocks_leave_no_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.default_rng(2).standard_normal((2, 5000)).astype(np.float32)
    expected = anchor_of(samples, 3500, tmp_path / "a", Region(0.0, 1.0))
    monkeypatch.setattr(anchors, "_BLOCK_S", 0.011)
    found = anchor_of(samples, 3500, tmp_path / "b", Region(0.0, 1.0))
    np.testing.assert_allclose(
        found.stretch(tmp_path / "b", 0, 5000), expected.stretch(tmp_path / "a", 0, 5000), atol=1e-6
    )


def test_what_has_no_high_notes_has_no_anchor() -> None:
    assert fits(3500, 8000)
    assert not fits(7000, 8000)
    assert fits(7000, 16_000)


def test_an_anchor_is_made_once(tmp_path: Path) -> None:
    samples = np.ones((1, 4800), np.float32)
    first = anchor_of(samples, 3500, tmp_path, Region(0.0, 0.1))
    (ref,) = {part.ref for part in first.parts}
    assert isinstance(ref, AudioRef)
    before = sorted(tmp_path.iterdir())
    assert anchor_of(samples, 3500, tmp_path, Region(0.0, 0.1)) == first
    assert sorted(tmp_path.iterdir()) == before
