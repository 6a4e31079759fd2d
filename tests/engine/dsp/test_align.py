"""Tracks are aligned and read to a fraction of a sample."""

from dataclasses import replace

import numpy as np
import pytest
import soxr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.dsp.align import Placement, read_aligned, refine
from engine.dsp.correlate import search_signal
from engine.dsp.passages import Passages
from engine.types import Samples

RATE_HZ = 16_000


def noise(seconds: float, seed: int, rate_hz: int = RATE_HZ) -> Samples:
    samples = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * rate_hz)))
    return np.asarray(samples, np.float32)


def placements(mix: Samples, track: Samples, rate_hz: int = RATE_HZ) -> tuple[Placement, ...]:
    heard, known = (search_signal([s], s.shape[1], rate_hz) for s in (mix, track))
    return tuple(passage.placement for passage in Passages(heard, known).now())


def located(mix: Samples, track: Samples, rate_hz: int = RATE_HZ) -> tuple[float, float]:
    """Sample of the track at the mix's first one, and speed, of the strongest placement."""
    found = refine(placements(mix, track, rate_hz)[0], mix, track, rate_hz, rate_hz)
    return found.track_time_s(0) * rate_hz, found.speed


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 6 * RATE_HZ), st.integers(0, 2**32 - 1), st.floats(-20, 12))
@example(49, 51, -20.0)
def test_any_offset_is_found_to_the_sample(offset: int, seed: int, level_db: float) -> None:
    track = noise(10, seed)
    mix = noise(4, seed + 1)
    mix = mix + 10 ** (level_db / 20) * track[:, offset : offset + mix.shape[1]]
    position, speed = located(mix, track)
    assert position == pytest.approx(offset, abs=0.2)
    assert speed == 1.0


@pytest.mark.parametrize("ppm", [-80, 40])
def test_another_clock_is_followed(ppm: float) -> None:
    track = noise(40, 0)
    drifted = soxr.resample(track.T, RATE_HZ * (1 + ppm * 1e-6), RATE_HZ).T
    mix = drifted[:, : 30 * RATE_HZ] + noise(30, 1)
    _, speed = located(mix, track)
    assert (speed - 1) * 1e6 == pytest.approx(ppm, abs=1)


PLACED = Placement(0.0, 10.0, 1.0, 1.0, 20.0, 5.0)


def test_reading_at_the_same_rate_is_exact_and_silent_outside() -> None:
    track = noise(2, 0)
    read = read_aligned(PLACED, track, RATE_HZ, RATE_HZ, -20_000, 20_000)
    assert read.shape == (2, 40_000)
    assert not read[:, :4_000].any()
    np.testing.assert_array_equal(read[:, 4_000:36_000], track)
    assert not read[:, 36_000:].any()


@pytest.mark.parametrize("mix_rate_hz", [44_100, 48_000, 22_050])
def test_reading_at_another_rate_keeps_time(mix_rate_hz: int) -> None:
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    track = np.sin(2 * np.pi * 440 * time_s)[None].astype(np.float32)
    start, stop = round(0.5 * mix_rate_hz) + 1, round(1.5 * mix_rate_hz)
    read = read_aligned(PLACED, track, RATE_HZ, mix_rate_hz, start, stop)
    expected = np.sin(2 * np.pi * 440 * (1 + np.arange(start, stop) / mix_rate_hz))
    np.testing.assert_allclose(read[0], expected, atol=2e-3)


def test_blocks_read_one_by_one_fit_together() -> None:
    placement = replace(PLACED, speed=1.00005)
    track = soxr.resample(noise(3, 0).T, RATE_HZ / 2, RATE_HZ).T[:, : 5 * RATE_HZ]
    whole = read_aligned(placement, track, RATE_HZ, RATE_HZ, 0, 20_000)
    part = read_aligned(placement, track, RATE_HZ, RATE_HZ, 12_345, 20_000)
    np.testing.assert_allclose(part, whole[:, 12_345:], atol=1e-3)
