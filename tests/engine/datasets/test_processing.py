import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets.processing import (
    active_level_db,
    add_room,
    band,
    decibels,
    limit,
    pan_mono,
    room_response,
    set_level,
    set_width,
    shelf,
    without_dc,
)
from tests.helpers.measures import RATE_HZ, rms_db, sine, stereo


def noise(duration_s: float, level: float = 0.3, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((2, round(duration_s * RATE_HZ)))).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(
    num_samples=st.integers(0, 9000),
    level=st.floats(0.01, 40),
    ceiling=st.floats(0.1, 1.0),
    seed=st.integers(0, 99),
)
def test_the_limiter_holds_its_ceiling(
    num_samples: int, level: float, ceiling: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    samples = (level * rng.standard_normal((2, num_samples))).astype(np.float32)
    assert np.abs(limit(samples, ceiling)).max(initial=0) <= ceiling * (1 + 1e-5)


def test_the_limiter_leaves_alone_what_is_below_and_far_from_a_peak() -> None:
    samples = stereo(sine(300, 1.0, 0.4))
    assert np.array_equal(limit(samples, 0.5), samples)
    samples[:, 30_000:30_100] = 3.0
    limited = limit(samples, 0.5)
    assert np.allclose(limited[:, :25_000], samples[:, :25_000], atol=1e-6)
    # The gain moves smoothly: no step that was not in the music.
    assert np.abs(np.diff(limited[0, 25_000:29_900])).max() < 0.03


def test_level_counts_only_what_sounds() -> None:
    tone = stereo(sine(500, 2.0, 0.5))
    pause = np.zeros_like(tone)
    assert active_level_db(tone[:1]) == pytest.approx(-9.03, abs=0.1)
    assert active_level_db(tone) == pytest.approx(-6.02, abs=0.1)  # channels add up
    assert active_level_db(np.concatenate([tone, pause], axis=1)) == pytest.approx(-6.02, abs=0.1)


@pytest.mark.parametrize("num_samples", [0, 1, 100, 30_000])
def test_silence_has_the_lowest_level_and_stays_silence(num_samples: int) -> None:
    silence = np.zeros((2, num_samples), np.float32)
    assert active_level_db(silence) == -120
    assert not set_level(silence, -10).any()


@given(level_db=st.floats(-50, 0))
@settings(max_examples=20, deadline=None)
def test_setting_a_level_reaches_it(level_db: float) -> None:
    assert active_level_db(set_level(noise(0.5), level_db)) == pytest.approx(level_db, abs=0.01)


@pytest.mark.parametrize("gain_db", [-6.0, 4.0])
def test_a_shelf_moves_only_what_is_above_its_corner(gain_db: float) -> None:
    low, high = stereo(sine(80, 0.5)), stereo(sine(15_000, 0.5))
    assert rms_db(shelf(low, 2000, gain_db)) - rms_db(low) == pytest.approx(0, abs=0.2)
    assert rms_db(shelf(high, 2000, gain_db)) - rms_db(high) == pytest.approx(gain_db, abs=0.4)


def test_a_band_keeps_its_inside() -> None:
    inside, outside = sine(1000, 0.5), sine(60, 0.5)
    assert rms_db(band(inside, 500, 2000)) == pytest.approx(rms_db(inside), abs=0.5)
    assert rms_db(band(outside, 500, 2000)) < rms_db(outside) - 25


def test_width_scales_the_sides_and_keeps_the_middle() -> None:
    samples = noise(0.1)
    mono = set_width(samples, 0.0)
    assert np.array_equal(mono[0], mono[1])
    assert np.allclose(set_width(samples, 1.0), samples, atol=1e-6)
    wide = set_width(samples, 1.6)
    assert np.allclose(wide.mean(axis=0), samples.mean(axis=0), atol=1e-6)
    assert np.allclose(wide[0] - wide[1], 1.6 * (samples[0] - samples[1]), atol=1e-5)


@given(pan=st.floats(-1, 1))
def test_panning_keeps_the_power(pan: float) -> None:
    placed = pan_mono(np.ones(8, np.float32), pan)
    assert np.square(placed).sum(axis=0) == pytest.approx(np.ones(8), abs=1e-5)
    assert (placed[1, 0] > placed[0, 0]) == (pan > 0) or abs(pan) < 1e-6


def test_a_room_decays_by_sixty_decibels_in_its_time() -> None:
    response = room_response(0.5, 18_000, np.random.default_rng(0))
    assert np.square(response).sum(axis=1) == pytest.approx([1, 1], abs=1e-3)
    late = slice(round(0.45 * RATE_HZ), round(0.55 * RATE_HZ))
    early = slice(round(0.05 * RATE_HZ), round(0.15 * RATE_HZ))
    assert rms_db(response[:, early]) - rms_db(response[:, late]) == pytest.approx(48, abs=4)


def test_a_dry_room_changes_nothing_and_the_tail_keeps_the_length() -> None:
    samples, response = noise(0.2), room_response(0.3, 5000, np.random.default_rng(0))
    assert np.allclose(add_room(samples, 0.0, response), samples, atol=1e-6)
    assert add_room(samples, 0.5, response).shape == samples.shape


def test_a_constant_offset_is_taken_out() -> None:
    cleaned = without_dc(stereo(sine(400, 1.0)) + np.float32(0.2))
    assert np.abs(cleaned[:, RATE_HZ // 2 :].mean(axis=1)).max() < 1e-3
    assert rms_db(cleaned[:, RATE_HZ // 2 :]) == pytest.approx(-9.03, abs=0.1)


def test_decibels_are_factors() -> None:
    assert decibels(0) == 1
    assert decibels(-20) == pytest.approx(0.1)
