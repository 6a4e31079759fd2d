"""Measures against chance: zero without a link, unit variance in their own scale, up with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from engine.dsp.coincidence import NO_EVIDENCE, Evidence, curve_evidence, event_evidence, pool
from engine.dsp.onsets import Curve

RATE_HZ = 100


def beats(num_frames: int, period: int, phase: int) -> Curve:
    curve = np.zeros(num_frames)
    curve[phase::period] = 1.0
    return curve


def wave(num_frames: int, rng: np.random.Generator) -> Curve:
    return np.asarray(gaussian_filter1d(rng.standard_normal(num_frames), 5))


def test_events_on_beats_are_evidence() -> None:
    found = event_evidence(np.arange(0.305, 20, 1.5), beats(2000, 50, 30), RATE_HZ)
    assert found.effect > 1
    assert found.effect * found.precision**0.5 > 5


def test_events_between_beats_are_evidence_against() -> None:
    found = event_evidence(np.arange(0.555, 20, 1.5), beats(2000, 50, 30), RATE_HZ)
    assert found.effect < -0.3


def test_loud_passages_alone_are_no_evidence() -> None:
    """Events gather where the music is loud, but off the beat as often as on it."""
    rng = np.random.default_rng(0)
    curve = beats(4000, 50, 10) * np.repeat([0.1, 1.0], 2000)
    effects = [event_evidence(rng.uniform(21, 39, 30), curve, RATE_HZ).effect for _ in range(200)]
    assert abs(np.mean(effects)) < 0.06


@pytest.mark.parametrize("num_events", [3, 30])
def test_random_events_have_the_stated_variance(num_events: int) -> None:
    rng = np.random.default_rng(1)
    scaled = []
    for _ in range(400):
        curve = beats(2800, int(rng.integers(35, 90)), int(rng.integers(35)))
        found = event_evidence(rng.uniform(0, 28, num_events), curve, RATE_HZ)
        scaled.append(found.effect * found.precision**0.5)
    assert abs(np.mean(scaled)) < 0.2
    assert 0.8 < np.std(scaled) < 1.2


def test_curves_that_go_together_are_evidence() -> None:
    rng = np.random.default_rng(2)
    curve = wave(280, rng)
    found = curve_evidence(curve, np.roll(3 * curve + 7, 1), lag=1)
    assert found.effect > 0.8
    assert found.effect * found.precision**0.5 > 3


def test_unrelated_curves_have_the_stated_variance() -> None:
    rng = np.random.default_rng(3)
    found = [curve_evidence(wave(280, rng), wave(280, rng), lag=1) for _ in range(400)]
    scaled = [one.effect * one.precision**0.5 for one in found]
    assert abs(np.mean(scaled)) < 0.2
    assert 0.8 < np.std(scaled) < 1.2


@pytest.mark.parametrize("num_frames", [0, 1, 40])
def test_a_flat_curve_is_no_evidence(num_frames: int) -> None:
    flat, other = np.full(num_frames, 3.0), np.arange(num_frames, dtype=float)
    assert curve_evidence(flat, other, lag=1) == NO_EVIDENCE
    assert event_evidence(np.array([0.1]), flat, RATE_HZ) == NO_EVIDENCE


def test_no_events_are_no_evidence() -> None:
    assert event_evidence(np.zeros(0), beats(500, 50, 0), RATE_HZ) == NO_EVIDENCE


# Precisions so small that a product with them has no digits left are nobody's evidence.
PRECISION = st.just(0.0) | st.floats(1e-300, 100)
EVIDENCE = st.builds(Evidence, st.floats(-2, 2), PRECISION)


@given(st.lists(EVIDENCE, max_size=6))
def test_pooling_adds_precision_and_stays_between(parts: list[Evidence]) -> None:
    whole = pool(parts)
    known = [part.effect for part in parts if part.precision > 0]
    assert whole.precision == pytest.approx(sum(part.precision for part in parts))
    if known:
        assert min(known) - 1e-9 <= whole.effect <= max(known) + 1e-9
