"""Loudness against FFmpeg's meter and the signals of the standard."""

import math

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from hypothesis import given
from hypothesis import strategies as st

from engine.dsp.loudness import integrated_loudness_lufs
from engine.types import Samples


def music_like(rate_hz: int, seconds: float, seed: int = 0) -> Samples:
    """Noise that comes and goes, with a pause that the gates leave out."""
    rng = np.random.default_rng(seed)
    num_samples = round(rate_hz * seconds)
    swell = 0.1 * (1.2 + np.sin(np.arange(num_samples) * 2 * np.pi / rate_hz))
    sound = rng.standard_normal((2, num_samples)) * swell
    sound[:, num_samples // 2 : num_samples // 2 + rate_hz] = 0
    return sound.astype(np.float32)


def ffmpeg_lufs(samples: Samples, rate_hz: int) -> float:
    """What FFmpeg's `ebur128` says after the last sample."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="fltp", layout="stereo", name="in")
    meter, sink = graph.add("ebur128", "metadata=1:peak=none"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = rate_hz, 0
    source.push(frame)
    source.push(None)
    said = []
    while True:
        try:
            said.append(sink.pull().metadata["lavfi.r128.I"])
        except (av.EOFError, av.BlockingIOError):
            return float(said[-1])


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_agrees_with_ffmpeg(rate_hz: int) -> None:
    sound = music_like(rate_hz, 8.0)
    assert integrated_loudness_lufs(sound, rate_hz) == pytest.approx(
        ffmpeg_lufs(sound, rate_hz), abs=0.05
    )


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
def test_a_full_tone_in_one_channel_has_the_loudness_of_the_standard(rate_hz: int) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(2 * rate_hz) / rate_hz).astype(np.float32)
    sound = np.stack([tone, np.zeros_like(tone)])
    assert integrated_loudness_lufs(sound, rate_hz) == pytest.approx(-3.01, abs=0.04)


@given(st.floats(-40, 10))
def test_a_gain_moves_it_by_as_much(gain_db: float) -> None:
    sound = music_like(16_000, 2.0)
    louder = sound * np.float32(10 ** (gain_db / 20))
    now, then = (integrated_loudness_lufs(s, 16_000) for s in (sound, louder))
    assert then - now == pytest.approx(gain_db, abs=0.01)


@pytest.mark.parametrize("num_samples", [0, 1, 100, 44_100])
def test_silence_and_what_is_too_short_have_no_loudness(num_samples: int) -> None:
    silence = np.zeros((2, num_samples), np.float32)
    assert integrated_loudness_lufs(silence, 44_100) == -math.inf
