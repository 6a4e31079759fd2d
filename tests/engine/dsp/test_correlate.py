"""Blocks of a mix agree with the track where it sounds, however it lies between the samples."""

import numpy as np
import pytest

from engine.dsp.align import Signal
from engine.dsp.correlate import (
    BLOCK_S,
    MIN_STRENGTH,
    SEARCH_RATE_HZ,
    Peak,
    find_peaks,
    search_signal,
)
from engine.types import Samples

RATE_HZ = 16_000


def noise(seconds: float, seed: int, rate_hz: int = RATE_HZ) -> Samples:
    samples = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * rate_hz)))
    return np.asarray(samples, np.float32)


def signal(samples: Samples) -> Signal:
    return search_signal([samples], samples.shape[1], RATE_HZ)


def later(samples: Signal, lag_samples: float) -> Signal:
    """The same, so many samples later, round the end."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(len(samples)) * lag_samples)
    return np.fft.irfft(np.fft.rfft(samples) * turn, len(samples)).astype(np.float32)


def best(mix: Signal, track: Signal) -> Peak:
    return max(find_peaks(mix, track), key=lambda peak: peak.strength)


def test_search_signal_keeps_time_and_whitens() -> None:
    blocks = np.array_split(noise(100, 0), 7, axis=1)
    assert len(search_signal(blocks, 100 * RATE_HZ, RATE_HZ)) == 100 * SEARCH_RATE_HZ
    quiet, loud = (signal(gain * blocks[0]) for gain in (1, 100))
    np.testing.assert_allclose(quiet, loud, atol=1e-3)


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.75])
def test_a_peak_between_two_samples_is_as_high_as_on_one(fraction: float) -> None:
    track = signal(noise(20, 0))
    on_sample, between = (
        best(later(track, 300 + part) + signal(noise(20, 1)), track) for part in (0.0, fraction)
    )
    assert between.lag == pytest.approx(-300 - fraction, abs=0.2)
    assert between.strength == pytest.approx(on_sample.strength, rel=0.15)


def test_what_sounds_for_half_a_block_is_heard_in_one_that_it_fills_half() -> None:
    track = signal(noise(30, 0))
    mix = signal(noise(24, 1))
    half, first = (round(part * BLOCK_S * SEARCH_RATE_HZ) for part in (0.5, 0.75))
    # Were the blocks side by side, it would be a quarter of the first and a quarter of the second.
    mix[first : first + half] += track[:half]
    peak = best(mix, track)
    assert peak.lag == pytest.approx(-first, abs=0.5)
    assert peak.block_start == half


def test_of_what_agrees_less_than_the_best_not_all_is_told() -> None:
    track = signal(noise(30, 0))
    mix = 3 * track[: 8 * SEARCH_RATE_HZ] + 0.3 * track[60_000 : 60_000 + 8 * SEARCH_RATE_HZ]
    peaks = find_peaks(mix, track)
    assert [round(peak.lag) for peak in peaks] == [0]
    assert all(peak.strength >= MIN_STRENGTH for peak in peaks)
