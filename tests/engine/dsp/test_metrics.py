"""Metrics against another library and on the cases that other libraries leave open."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.functional.audio import (
    scale_invariant_signal_distortion_ratio as peer_si_sdr,
)
from torchmetrics.functional.audio import signal_noise_ratio as peer_snr

from engine.dsp.metrics import lag_samples, measure, sdr_db, si_sdr_db
from engine.types import Samples


def noise(seed: int, num_samples: int = 4000, channels: int = 2) -> Samples:
    return np.random.default_rng(seed).standard_normal((channels, num_samples)).astype(np.float32)


@given(st.integers(0, 1000), st.floats(0.01, 10), st.floats(0.01, 10))
def test_agrees_with_torchmetrics(seed: int, gain: float, noise_gain: float) -> None:
    reference = noise(seed)
    estimate = (gain * reference + noise_gain * noise(seed + 1)).astype(np.float32)
    est, ref = (torch.from_numpy(x.reshape(-1).astype(np.float64)) for x in (estimate, reference))
    assert si_sdr_db(reference, estimate) == pytest.approx(peer_si_sdr(est, ref).item(), abs=1e-3)
    assert sdr_db(reference, estimate) == pytest.approx(peer_snr(est, ref).item(), abs=1e-3)


def test_si_sdr_ignores_level_and_sdr_does_not() -> None:
    reference, error = noise(0), noise(1)
    estimate = reference + np.float32(0.1) * error
    assert si_sdr_db(reference, 3 * estimate) == pytest.approx(si_sdr_db(reference, estimate))
    assert sdr_db(reference, 3 * estimate) < sdr_db(reference, estimate) - 10


def test_silent_references_give_finite_figures() -> None:
    silence = np.zeros((2, 100), np.float32)
    assert si_sdr_db(silence, silence) == 0
    assert sdr_db(silence, silence) == 0
    assert np.isfinite(si_sdr_db(silence, noise(0, 100)))
    assert sdr_db(silence, noise(0, 100)) < -100
    assert si_sdr_db(noise(0, 100), silence) == pytest.approx(0)


@given(st.integers(-300, 300))
def test_lag_is_found_to_the_sample(lag: int) -> None:
    sound = noise(5, 2000)
    late = np.roll(np.pad(sound, ((0, 0), (400, 400))), lag, axis=1)
    assert lag_samples(np.pad(sound, ((0, 0), (400, 400))), late) == lag


def test_measure_compares_over_the_common_length() -> None:
    reference = noise(0, 1000)
    mix = reference + noise(1, 1000)
    figures = measure(reference, np.pad(reference, ((0, 0), (0, 24))), mix)
    assert figures.length_difference_samples == 24
    assert figures.lag_samples == 0
    assert figures.sdr_db > 100
    assert figures.si_sdr_gain_db == pytest.approx(figures.si_sdr_db - si_sdr_db(reference, mix))
    assert measure(reference, reference).si_sdr_gain_db is None


def test_lag_of_nothing_is_nothing() -> None:
    empty = np.zeros((2, 0), np.float32)
    assert lag_samples(empty, empty) == 0
    silence = np.zeros((2, 100), np.float32)
    assert lag_samples(silence, silence + 1) == 0
    assert lag_samples(silence + 1, silence) == 0
