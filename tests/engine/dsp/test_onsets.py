"""Curves of sounds whose onsets, beat and level are known."""

import numpy as np
import pytest

from engine.dsp.onsets import ENERGY_RATE_HZ, ONSET_RATE_HZ, SoundCurves, sound_curves
from engine.types import Samples


def clicks(times_s: list[float], duration_s: float, rate_hz: int = 16_000) -> Samples:
    """Short noise bursts over a quiet hum: (1, num_samples)."""
    rng = np.random.default_rng(0)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    sound = 0.01 * np.sin(2 * np.pi * 220 * time_s)
    for start_s in times_s:
        start = round(start_s * rate_hz)
        burst = rng.standard_normal(rate_hz // 10) * np.exp(-np.arange(rate_hz // 10) / 200)
        sound[start : start + burst.size] += 0.3 * burst[: sound.size - start]
    return sound[None].astype(np.float32)


def curves(samples: Samples, rate_hz: int = 16_000) -> SoundCurves:
    found = sound_curves(samples, rate_hz)
    assert found is not None
    return found


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 48_000])
def test_onsets_stand_where_notes_begin_at_any_rate(rate_hz: int) -> None:
    times_s = [0.5, 1.31, 2.07, 3.4]
    found = curves(clicks(times_s, 4, rate_hz), rate_hz)
    assert found.onsets.size == 4 * ONSET_RATE_HZ
    for time_s in times_s:
        near = slice(round((time_s - 0.15) * 100), round((time_s + 0.15) * 100))
        peak_s = (near.start + int(np.argmax(found.onsets[near])) + 0.5) / ONSET_RATE_HZ
        assert abs(peak_s - time_s) <= 0.03


@pytest.mark.parametrize("tempo", [75, 120, 170])
def test_pulse_peaks_on_beats(tempo: int) -> None:
    beats_s = np.arange(0.37, 14, 60 / tempo)
    pulse = curves(clicks(beats_s.tolist(), 14.5)).pulse
    inner_s = beats_s[(beats_s > 3) & (beats_s < 11)]
    on_beat = pulse[(inner_s * ONSET_RATE_HZ).astype(int)]
    between = pulse[((inner_s + 30 / tempo) * ONSET_RATE_HZ).astype(int)]
    assert on_beat.min() > 0.8 * pulse.max()
    assert between.max() < 0.2 * pulse.max()


def test_energy_rises_with_the_level() -> None:
    rng = np.random.default_rng(3)
    sound = rng.standard_normal(16_000 * 6) * np.repeat([0.02, 0.2, 0.02], 32_000)
    energy = curves(sound[None].astype(np.float32)).energy
    assert energy.size == 6 * ENERGY_RATE_HZ
    assert energy[20:40].min() > energy[:20].max()
    assert energy[20:40].min() > energy[40:].max()


@pytest.mark.parametrize("gain", [0.01, 0.125, 10.0])
def test_gain_changes_nothing(gain: float) -> None:
    samples = clicks([0.3, 1.1, 1.6], 5)
    plain, scaled = curves(samples), curves(np.float32(gain) * samples)
    for name in ("onsets", "pulse", "energy"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(plain, name), atol=2e-4)


def test_channels_are_averaged() -> None:
    samples = clicks([0.3, 1.1, 1.6], 3)
    stereo = np.concatenate([samples, samples])
    np.testing.assert_allclose(curves(stereo).onsets, curves(samples).onsets, atol=1e-5)


@pytest.mark.parametrize("num_samples", [0, 1, 100_000])
def test_silence_has_no_curves(num_samples: int) -> None:
    assert sound_curves(np.zeros((2, num_samples), np.float32), 48_000) is None


@pytest.mark.parametrize("num_samples", [1, 200, 1599])
def test_less_than_a_frame_has_no_curves(num_samples: int) -> None:
    assert sound_curves(np.ones((1, num_samples), np.float32), 16_000) is None


@pytest.mark.parametrize("num_samples", [1600, 2000, 5000])
def test_any_short_sound_has_finite_curves(num_samples: int) -> None:
    samples = np.random.default_rng(1).standard_normal((1, num_samples)).astype(np.float32)
    found = curves(samples)
    for curve in (found.onsets, found.pulse, found.energy, found.accents):
        assert np.isfinite(curve).all()
    assert found.onsets.size == num_samples * ONSET_RATE_HZ // 16_000
