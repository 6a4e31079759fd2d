"""Peaks say of every stretch what the samples say."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import OutputError
from engine.media.peaks import BIN_SAMPLES, Peaks, build_peaks
from engine.types import Samples

STEP = 1 / 32767


def sound(num_samples: int, channels: int = 2) -> Samples:
    rng = np.random.default_rng(num_samples)
    samples = rng.uniform(-1, 1, (channels, num_samples)) * np.linspace(0.1, 1, num_samples)
    return samples.astype(np.float32)


def blocks(samples: Samples, size: int) -> Iterator[Samples]:
    for start in range(0, samples.shape[1], size):
        yield samples[:, start : start + size]


@given(
    num_samples=st.integers(1, 40_000),
    block=st.integers(100, 50_000),
    start=st.integers(-2_000, 45_000),
    length=st.integers(1, 60_000),
    num_bins=st.integers(1, 300),
)
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_windows_equal_brute_force(
    tmp_path: Path, num_samples: int, block: int, start: int, length: int, num_bins: int
) -> None:
    samples = sound(num_samples)
    peaks = build_peaks(blocks(samples, block), 2, 48_000, tmp_path / "peaks")
    window = peaks.window(1, start, start + length, num_bins)
    size = BIN_SAMPLES
    while size * 4 <= length / num_bins and size < num_samples:
        size *= 4
    for index in range(num_bins):
        first = (start + index * length // num_bins) // size * size
        last = -(-(start + (index + 1) * length // num_bins) // size) * size
        part = samples[1, max(first, 0) : max(last, 0)]
        expected = (part.min(), part.max(), np.sqrt(np.mean(part**2))) if part.size else (0, 0, 0)
        found = (window.minimum[index], window.maximum[index], window.rms[index])
        assert np.allclose(found, expected, atol=2 * STEP)
    other = peaks.window(0, start, start + length, num_bins)
    extremes = peaks.extremes(start, start + length, num_bins)
    np.testing.assert_array_equal(extremes[:, 0], np.minimum(window.minimum, other.minimum))
    np.testing.assert_array_equal(extremes[:, 1], np.maximum(window.maximum, other.maximum))


def test_scrolling_by_bins_does_not_flicker(tmp_path: Path) -> None:
    peaks = build_peaks(blocks(sound(100_000), 4096), 2, 48_000, tmp_path / "peaks")
    here = peaks.window(0, 0, 70_000, 100)
    there = peaks.window(0, 7_000, 77_000, 100)
    assert np.array_equal(here.minimum[10:], there.minimum[:-10])
    assert np.array_equal(here.rms[10:], there.rms[:-10])


def test_file_lasts_and_maps(tmp_path: Path) -> None:
    path = tmp_path / "peaks"
    built = build_peaks(blocks(sound(100_000, 3), 1000), 3, 44_100, path)
    again = Peaks(path)
    assert (again.channels, again.num_samples, again.sample_rate_hz) == (3, 100_000, 44_100)
    assert [level.shape[2] for level in again.levels] == [391, 98, 25, 7, 2, 1]
    assert all(isinstance(level, np.memmap) for level in again.levels)
    assert all(map(np.array_equal, built.levels, again.levels))
    assert [entry.name for entry in tmp_path.iterdir()] == ["peaks"]


def test_beyond_full_scale_and_silence(tmp_path: Path) -> None:
    samples = np.zeros((1, 1024), np.float32)
    samples[0, 0], samples[0, 1] = 3.0, -3.0
    window = build_peaks([samples], 1, 48_000, tmp_path / "peaks").window(0, 0, 1024, 4)
    assert (window.minimum[0], window.maximum[0]) == (-1.0, 1.0)
    assert not window.minimum[1:].any()
    assert not window.rms[1:].any()


def test_no_samples(tmp_path: Path) -> None:
    peaks = build_peaks([], 2, 48_000, tmp_path / "peaks")
    assert not peaks.window(0, 0, 1000, 10).maximum.any()


def test_other_files_are_refused(tmp_path: Path) -> None:
    for content in (b"", b"words", bytes(64)):
        (tmp_path / "peaks").write_bytes(content)
        with pytest.raises(ValueError, match="no peaks file"):
            Peaks(tmp_path / "peaks")


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        build_peaks([sound(10)], 2, 48_000, tmp_path / "no" / "peaks")
