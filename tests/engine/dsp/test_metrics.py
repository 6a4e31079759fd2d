"""Metrics against three other libraries and on the cases that those leave open."""

import json
import math

import fast_bss_eval
import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from museval.metrics import bss_eval
from torchmetrics.functional.audio import (
    scale_invariant_signal_distortion_ratio as peer_si_sdr,
)
from torchmetrics.functional.audio import signal_noise_ratio as peer_snr

from engine.dsp.metrics import LIMIT_DB, lag_samples, measure, sdr_db, si_sdr_db
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


@given(st.integers(0, 1000), st.floats(0.05, 5), st.floats(0.05, 5))
def test_si_sdr_agrees_with_fast_bss_eval(seed: int, gain: float, noise_gain: float) -> None:
    reference = noise(seed)
    estimate = (gain * reference + noise_gain * noise(seed + 1)).astype(np.float32)
    ref, est = (x.reshape(1, -1).astype(np.float64) for x in (reference, estimate))
    peer = fast_bss_eval.si_sdr(ref, est)
    assert si_sdr_db(reference, estimate) == pytest.approx(float(peer[0]), abs=1e-3)
    # With a filter of one tap the SDR of BSSEval version 3 is the scale-invariant one.
    one_tap = fast_bss_eval.sdr(ref, est, filter_length=1)
    assert si_sdr_db(reference, estimate) == pytest.approx(float(one_tap[0]), abs=1e-2)


@pytest.mark.parametrize("gain", [0.3, 1.0, 2.0])
def test_sdr_agrees_with_museval(gain: float) -> None:
    """The SDR of BSSEval version 4, over the whole sound in one frame, both channels together."""
    first, second = noise(0, 8000), noise(1, 8000)
    estimates = [gain * first + np.float32(0.2) * second, second + np.float32(0.4) * first]
    true, found = (
        np.stack([s.T for s in sounds]).astype(np.float64)
        for sounds in ((first, second), estimates)
    )
    peer, *_ = bss_eval(true, found, window=math.inf, hop=math.inf)
    for reference, estimate, (expected,) in zip((first, second), estimates, peer, strict=True):
        assert sdr_db(reference, estimate) == pytest.approx(float(expected), abs=1e-3)


@given(st.integers(0, 1000), st.floats(1e-4, 1e3), st.integers(1, 500))
def test_the_same_gain_on_both_changes_nothing(seed: int, gain: float, num_samples: int) -> None:
    reference = noise(seed, num_samples)
    estimate = reference + np.float32(0.3) * noise(seed + 1, num_samples)
    for figure in (sdr_db, si_sdr_db):
        scaled = figure(np.float32(gain) * reference, np.float32(gain) * estimate)
        assert scaled == pytest.approx(figure(reference, estimate), abs=1e-3)


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_a_gain_or_a_turned_sign_of_the_estimate_leaves_the_si_sdr(seed: int, gain: float) -> None:
    reference = noise(seed)
    estimate = reference + np.float32(0.3) * noise(seed + 1)
    alone = si_sdr_db(reference, estimate)
    for factor in (gain, -gain):
        scaled = si_sdr_db(reference, np.float32(factor) * estimate)
        assert scaled == pytest.approx(alone, abs=1e-3)


@given(st.permutations(range(50)))
def test_the_order_of_samples_and_channels_does_not_matter(order: list[int]) -> None:
    reference, estimate = noise(0, 50), noise(0, 50) + np.float32(0.5) * noise(1, 50)
    for figure in (sdr_db, si_sdr_db):
        shuffled = figure(reference[::-1, order], estimate[::-1, order])
        assert shuffled == pytest.approx(figure(reference, estimate), abs=1e-9)


@pytest.mark.parametrize("num_samples", [0, 1, 100])
def test_a_silent_reference_has_no_sdr(num_samples: int) -> None:
    silence, sound = np.zeros((2, num_samples), np.float32), noise(0, num_samples)
    for estimate in (silence, sound):
        assert math.isnan(sdr_db(silence, estimate))
        assert math.isnan(si_sdr_db(silence, estimate))


def test_what_has_no_figure_becomes_null_in_json() -> None:
    silence = np.zeros((2, 100), np.float32)
    figures = json.loads(msgspec.json.encode(measure(silence, noise(0, 100), noise(0, 100))))
    assert figures["sdr_db"] is figures["si_sdr_db"] is figures["si_sdr_gain_db"] is None


@pytest.mark.parametrize("num_samples", [1, 100])
def test_the_ends_of_the_scale(num_samples: int) -> None:
    sound = noise(0, num_samples)
    assert sdr_db(sound, sound) == si_sdr_db(sound, sound) == LIMIT_DB
    assert sdr_db(sound, 0 * sound) == 0
    assert si_sdr_db(sound, 0 * sound) == -LIMIT_DB


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
