"""Waveforms show what the samples are, at every zoom, also while they are being read."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from app.opening import Glance, open_file
from app.sounds import sound_of
from app.waveforms import GrowingWaveform, find_waveform, make_waveform
from engine.context import PlainContext
from engine.errors import CancelledError
from engine.types import Samples
from tests.helpers.media import make_video
from tests.helpers.projects import RATE_HZ, noise, stored


def extremes(samples: Samples, start: int, end: int, num_bins: int) -> Samples:
    """What a window should show, by the definition."""
    edges = np.linspace(start, end, num_bins + 1).astype(int)
    pieces = [samples[:, a : max(b, a + 1)] for a, b in itertools.pairwise(edges)]
    return np.array([(p.min(), p.max()) if p.size else (0, 0) for p in pieces], np.float32)


@pytest.mark.parametrize("num_bins", [1, 7, 160, 1600])
def test_a_close_up_shows_the_samples_themselves(tmp_path: Path, num_bins: int) -> None:
    samples = noise(1)
    sound = sound_of((stored(tmp_path, samples), 1.0))
    waveform = make_waveform(sound, tmp_path, PlainContext())
    shown = waveform.window(0.5, 0.6 if num_bins > 6 else 0.51, num_bins)
    end = 4800 if num_bins > 6 else 4080
    np.testing.assert_array_equal(shown, extremes(samples, 4000, end, num_bins))


def test_from_afar_no_peak_is_lost(tmp_path: Path) -> None:
    samples = np.zeros((6, 100_000), np.float32)
    samples[4, 54_321] = -0.75
    sound = sound_of((stored(tmp_path, samples), 1.0))
    shown = make_waveform(sound, tmp_path, PlainContext()).window(0.0, 12.5, 100)
    assert shown[:, 0].argmin() == 54
    assert shown.min() == pytest.approx(-0.75, abs=1e-4)
    assert shown.max() == 0.0


def test_behind_the_end_there_is_nothing(tmp_path: Path) -> None:
    sound = sound_of((stored(tmp_path, noise(1)), 1.0))
    waveform = make_waveform(sound, tmp_path, PlainContext())
    for start_s, end_s in ((2.0, 3.0), (2.0, 2.001)):
        assert not waveform.window(start_s, end_s, 10).any()
    half = waveform.window(0.99, 1.01, 10)
    assert half[:5].all()
    assert not half[5:].any()


def test_a_sum_has_its_own_waveform_made_once(tmp_path: Path) -> None:
    one, two = noise(1), noise(2)
    sound = sound_of((stored(tmp_path, one), 1.0), (stored(tmp_path, two), -1.0))
    assert find_waveform(sound, tmp_path) is None
    make_waveform(sound, tmp_path, PlainContext())
    found = find_waveform(sound, tmp_path)
    assert found is not None
    wanted = extremes(one - two, 0, RATE_HZ, 1)
    np.testing.assert_allclose(found.window(0.0, 1.0, 1), wanted, atol=1e-4)


def test_a_close_up_of_a_sound_that_has_gone_shows_its_peaks(tmp_path: Path) -> None:
    sound = sound_of((stored(tmp_path, noise(1)), 1.0))
    waveform = make_waveform(sound, tmp_path, PlainContext())
    for path in tmp_path.glob("*.f32"):
        path.unlink()
    assert waveform.window(0.5, 0.6, 10).any()


def test_damaged_peaks_are_made_again(tmp_path: Path) -> None:
    sound = sound_of((stored(tmp_path, noise(1)), 1.0))
    make_waveform(sound, tmp_path, PlainContext())
    (path,) = tmp_path.glob("*.peaks")
    path.write_bytes(path.read_bytes()[:40])
    assert find_waveform(sound, tmp_path) is None
    assert make_waveform(sound, tmp_path, PlainContext()).window(0.0, 1.0, 4).any()


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=8))
def test_a_growing_waveform_shows_what_has_come(sizes: list[int]) -> None:
    waveform = GrowingWaveform(RATE_HZ)
    for size in sizes:
        waveform.add(np.full((2, size), 0.5, np.float32))
    known = sum(sizes) // 4096
    shown = waveform.window(0.0, 10 * 4096 / RATE_HZ, 10)
    assert shown[:, 1].tolist() == [0.5] * min(known, 10) + [0.0] * (10 - min(known, 10))


def test_opening_tells_early_what_it_sees_and_later_what_it_read(tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", 1.0, noise(1), RATE_HZ, "pcm_f32le")
    glances: list[Glance] = []
    opened = open_file(film, tmp_path / "cache", PlainContext(), glances.append)
    assert glances[0].duration_s == pytest.approx(1.0, abs=0.1)
    assert glances[0].waveform.window(0.0, 0.5, 1).all()
    media = opened.project.media
    assert media is not None
    assert media.mix.num_samples == RATE_HZ
    waveform = find_waveform(sound_of((media.mix, 1.0)), tmp_path / "cache")
    assert waveform is not None
    np.testing.assert_array_equal(
        waveform.window(0.5, 0.52, 160), extremes(noise(1), 4000, 4160, 160)
    )
    wanted = extremes(noise(1), 0, RATE_HZ, 1)
    np.testing.assert_allclose(waveform.window(0.0, 1.0, 1), wanted, atol=1e-4)


def test_damage_is_told_at_every_opening(tmp_path: Path) -> None:
    path, sound = tmp_path / "song.wav", noise(1)
    sound[0, 7] = np.nan
    soundfile.write(path, sound.T, RATE_HZ, subtype="FLOAT")
    for _ in range(2):
        opened = open_file(path, tmp_path / "cache", PlainContext(), lambda _: None)
        assert "no number" in opened.warnings[0]


def test_a_cancelled_opening_leaves_nothing_behind(tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", 1.0, noise(1), RATE_HZ, "pcm_f32le")
    context = PlainContext(is_cancelled=lambda: any((tmp_path / "cache").glob("*.part")))
    with pytest.raises(CancelledError):
        open_file(film, tmp_path / "cache", context, lambda _: None)
    assert list((tmp_path / "cache").iterdir()) == []
