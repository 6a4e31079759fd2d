"""A track with an unknown filter and a moving gain is told from what lies over it."""

import numpy as np
import pytest
from scipy.signal import lfilter

from engine.dsp.metrics import sdr_db
from engine.dsp.subtract import fit_block, try_fit, window_samples
from engine.types import Samples

RATE_HZ = 16_000
WINDOW = window_samples(RATE_HZ)


def noise(seconds: float, seed: int, channels: int = 2) -> Samples:
    samples = np.random.default_rng(seed).normal(0, 0.1, (channels, round(seconds * RATE_HZ)))
    return np.asarray(lfilter([1.0], [1.0, -0.7], samples), np.float32)


def bursts(seconds: float, seed: int, channels: int = 2) -> Samples:
    """Sound with gaps in time, as speech has."""
    sound = noise(seconds, seed, channels)
    heard = np.sin(np.arange(sound.shape[1]) / 1500) > 0
    return np.asarray(sound * heard, np.float32)


@pytest.mark.parametrize(("rate_hz", "window"), [(16_000, 2048), (44_100, 4096), (48_000, 4096)])
def test_window_is_a_power_of_two_near_93_ms(rate_hz: int, window: int) -> None:
    assert window_samples(rate_hz) == window


def test_filter_and_moving_gain_are_recovered() -> None:
    track, rest = noise(12, 0), bursts(12, 1)
    time_s = np.arange(track.shape[1]) / RATE_HZ
    gain = np.interp(time_s, [0, 3, 4, 8, 10, 12], [0, 1, 1, 0.3, 0.8, 0]).astype(np.float32)
    bgm = gain * lfilter([0.8, 0.3, -0.2], [1.0, -0.4], track).astype(np.float32)
    fit = fit_block(rest + bgm, track, WINDOW)
    assert sdr_db(bgm, fit.bgm) > 25
    assert try_fit(rest + bgm, track, WINDOW).consistency.share > 0.9
    middle = fit.gain[6 * RATE_HZ] / fit.gain[round(3.5 * RATE_HZ)]
    assert middle == pytest.approx(0.65, rel=0.05)


@pytest.mark.parametrize("track_channels", [1, 2, 3])
@pytest.mark.parametrize("mix_channels", [1, 2, 4])
def test_any_channel_layouts(mix_channels: int, track_channels: int) -> None:
    track, rest = noise(5, 0, track_channels), bursts(5, 1, mix_channels)
    panning = np.random.default_rng(2).uniform(-1, 1, (mix_channels, track_channels))
    bgm = (panning @ track).astype(np.float32)
    fit = fit_block(rest + bgm, track, WINDOW)
    assert sdr_db(bgm, fit.bgm) > 20


def test_what_an_earlier_block_taught_helps_a_short_one() -> None:
    track, rest = noise(12, 0), noise(12, 1)
    bgm = 0.5 * lfilter([1.0, 0.5], [1.0], track).astype(np.float32)
    split = 11 * RATE_HZ
    earlier = fit_block((rest + bgm)[:, :split], track[:, :split], WINDOW)
    last = (rest + bgm)[:, split:], track[:, split:], WINDOW
    alone, taught = fit_block(*last), fit_block(*last, earlier.knowledge)
    truth = bgm[:, split:]
    assert sdr_db(truth, taught.bgm) > sdr_db(truth, alone.bgm) + 1


@pytest.mark.parametrize("silent", ["mix", "track", "both"])
def test_silence_gives_nothing(silent: str) -> None:
    mix, track = noise(3, 0), noise(3, 1)
    mix *= silent == "track"
    track *= silent == "mix"
    fit = fit_block(mix, track, WINDOW)
    assert np.isfinite(fit.bgm).all()
    assert np.abs(fit.bgm).max() < 1e-6


def test_an_unrelated_track_takes_next_to_nothing_out() -> None:
    mix = noise(12, 0)
    fit = fit_block(mix, noise(12, 1), WINDOW)
    assert np.mean(fit.bgm**2) < 0.01 * np.mean(mix**2)
