"""The meter against pyloudnorm and the known levels of tones."""

import math
from collections.abc import Iterator

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.loudness import Loudness, LoudnessMeter, measure
from engine.types import Samples

RATE_HZ = 48_000


def tone(
    level_db: float, seconds: float, *, channels: int = 2, freq_hz: float = 997, phase: float = 0
) -> Samples:
    """A sine in all channels, its peak at `level_db` of full scale."""
    angle = 2 * np.pi * freq_hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ + phase
    one = 10 ** (level_db / 20) * np.sin(angle)
    sound: Samples = np.repeat(one[None], channels, axis=0).astype(np.float32)
    return sound


def blocks_of(sound: Samples, size: int) -> Iterator[Samples]:
    for start in range(0, sound.shape[1], size):
        yield sound[:, start : start + size]


def noise_that_comes_and_goes(seed: int, rate_hz: int, channels: int) -> Samples:
    rng = np.random.default_rng(seed)
    time_s = np.arange(6 * rate_hz) / rate_hz
    swell = 0.1 * (1.1 + np.sin(2 * np.pi * time_s / 3)) * (np.floor(time_s) != 4)
    return np.asarray(rng.standard_normal((channels, time_s.size)) * swell, np.float32)


@pytest.mark.parametrize(("channels", "expected"), [(1, -23.01), (2, -20.0), (6, -15.36)])
def test_a_tone_has_the_loudness_of_the_standard(channels: int, expected: float) -> None:
    # 5.1: three in front, two behind that count 1.41 times, the deep one not at all.
    found = measure(blocks_of(tone(-20, 4.0, channels=channels), 1024), RATE_HZ, channels)
    assert found.momentary_lufs == pytest.approx(expected, abs=0.02)
    assert found.short_term_lufs == pytest.approx(expected, abs=0.02)
    assert found.integrated_lufs == pytest.approx(expected, abs=0.02)
    assert found.true_peak_db == pytest.approx(-20, abs=0.05)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_agrees_with_pyloudnorm(rate_hz: int, channels: int) -> None:
    sound = noise_that_comes_and_goes(1, rate_hz, channels)
    # Its own filters are rounded; these are those of the standard at every rate.
    reference = pyloudnorm.Meter(rate_hz, filter_class="DeMan")
    expected = reference.integrated_loudness(sound.T.astype(np.float64))
    found = measure(blocks_of(sound, 4096), rate_hz, channels)
    assert found.integrated_lufs == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("level_db", [0.0, -20.0, -60.0])
def test_the_true_peak_lies_between_the_samples(level_db: float) -> None:
    # At a quarter of the rate no sample comes nearer to the peak than 3 dB.
    sound = tone(level_db, 1.0, freq_hz=RATE_HZ / 4, phase=math.pi / 4)
    sound[:, :1000] *= np.linspace(0, 1, 1000, dtype=np.float32)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(level_db - 3.01, abs=0.01)
    found = measure([sound], RATE_HZ, 2)
    assert found.true_peak_db == pytest.approx(level_db, abs=0.05)


def test_a_peak_at_the_very_end_counts() -> None:
    sound = np.zeros((2, 1000), np.float32)
    sound[1, -1] = -0.5
    assert measure([sound], RATE_HZ, 2).true_peak_db == pytest.approx(-6.02, abs=0.01)


def test_momentary_falls_when_it_becomes_quiet_but_integrated_stays() -> None:
    meter = LoudnessMeter(RATE_HZ, 2)
    meter.add(tone(-20, 2.0))
    meter.add(tone(-50, 0.5))
    assert meter.reading.momentary_lufs == pytest.approx(-50, abs=0.3)
    assert meter.reading.integrated_lufs == pytest.approx(-20.5, abs=0.6)
    assert meter.reading.true_peak_db == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize("blocks", [[], [np.zeros((2, 0), np.float32)]])
def test_nothing_has_no_loudness(blocks: list[Samples]) -> None:
    assert measure(blocks, RATE_HZ, 2) == Loudness()


def test_silence_has_no_loudness() -> None:
    assert measure([np.zeros((2, 5 * RATE_HZ), np.float32)], RATE_HZ, 2) == Loudness()


@pytest.mark.parametrize("num_samples", [1, 4800, 19_199])
def test_what_is_too_short_has_a_peak_alone(num_samples: int) -> None:
    found = measure([np.full((2, num_samples), 0.25, np.float32)], RATE_HZ, 2)
    assert found.integrated_lufs == found.momentary_lufs == -math.inf
    assert found.true_peak_db >= -12.05


@pytest.mark.parametrize("channels", [9, 16])
def test_more_channels_than_have_names_all_count_the_same(channels: int) -> None:
    found = measure([tone(-20, 1.0, channels=channels)], RATE_HZ, channels)
    expected = -23.01 + 10 * math.log10(channels)
    assert found.integrated_lufs == pytest.approx(expected, abs=0.02)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=20))
def test_the_size_of_the_blocks_changes_nothing(sizes: list[int]) -> None:
    sound = noise_that_comes_and_goes(2, 8000, 2)
    cuts = np.cumsum(sizes)
    pieces = np.split(sound, cuts[cuts < sound.shape[1]], axis=1)
    found, whole = measure(pieces, 8000, 2), measure([sound], 8000, 2)
    assert found.true_peak_db == pytest.approx(whole.true_peak_db, abs=1e-3)
    assert (found.momentary_lufs, found.short_term_lufs, found.integrated_lufs) == (
        whole.momentary_lufs,
        whole.short_term_lufs,
        whole.integrated_lufs,
    )


# Further down some of it would come to lie under the gate at -70 LUFS.
@settings(max_examples=25)
@given(st.floats(-20, 10))
def test_a_gain_moves_it_by_as_much(gain_db: float) -> None:
    sound = noise_that_comes_and_goes(3, 8000, 2)
    louder = sound * np.float32(10 ** (gain_db / 20))
    now, then = (measure([s], 8000, 2) for s in (sound, louder))
    assert then.integrated_lufs - now.integrated_lufs == pytest.approx(gain_db, abs=0.02)
    assert then.true_peak_db - now.true_peak_db == pytest.approx(gain_db, abs=0.01)
