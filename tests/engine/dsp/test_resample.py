"""Changing the rate keeps time, length and, within the band, the sound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.resample import resample_blocks, resampled_length
from engine.types import Samples

RATES_HZ = (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)


def chirp(num_samples: int, rate_hz: int) -> Samples:
    time_s = np.arange(num_samples) / rate_hz
    phase = 2 * np.pi * (200 * time_s + 600 * time_s**2)
    return np.stack([np.sin(phase), np.cos(phase)]).astype(np.float32)


def cut(sound: Samples, sizes: list[int]) -> list[Samples]:
    return np.split(sound, np.clip(np.cumsum(sizes), 0, sound.shape[1]), axis=1)


@pytest.mark.parametrize("from_hz", RATES_HZ)
@pytest.mark.parametrize("to_hz", RATES_HZ)
def test_a_chirp_stays_where_it_is(from_hz: int, to_hz: int) -> None:
    sound = chirp(from_hz, from_hz)
    length = resampled_length(from_hz, from_hz, to_hz)
    out = np.concatenate(list(resample_blocks([sound], from_hz, to_hz, length)), axis=1)
    expected = chirp(length, to_hz)
    inner = slice(to_hz // 20, -to_hz // 20)
    assert out.shape == expected.shape
    assert np.abs(out[:, inner] - expected[:, inner]).max() < 2e-3


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3000), max_size=6), st.sampled_from(RATES_HZ))
def test_blocks_do_not_matter(sizes: list[int], to_hz: int) -> None:
    sound = chirp(8000, 44_100)
    length = resampled_length(8000, 44_100, to_hz)
    whole = np.concatenate(list(resample_blocks([sound], 44_100, to_hz, length)), axis=1)
    pieces = list(resample_blocks(cut(sound, sizes), 44_100, to_hz, length))
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-6)


@given(st.integers(0, 10**9), st.sampled_from(RATES_HZ), st.sampled_from(RATES_HZ))
def test_length_is_rounded_to_nearest(num_samples: int, from_hz: int, to_hz: int) -> None:
    exact = num_samples * to_hz / from_hz
    length = resampled_length(num_samples, from_hz, to_hz)
    assert abs(length - exact) <= 0.5 + 1e-6 or (length == 1 and exact < 0.5)
    assert bool(length) == bool(num_samples)


@pytest.mark.parametrize("wanted", [0, 10, 500, 1500])
def test_the_wanted_length_is_kept(wanted: int) -> None:
    out = list(resample_blocks([chirp(1000, 44_100)], 44_100, 44_100, wanted))
    assert sum(block.shape[1] for block in out) == wanted


def test_one_sample_survives() -> None:
    out = list(resample_blocks([np.ones((1, 1), np.float32)], 44_100, 48_000, 1))
    assert np.concatenate(out, axis=1).shape == (1, 1)
