"""A spectrogram shows each sound at its time, at its frequency, as loud as it is."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.sounds import MappedSound, Sound, sound_of
from app.spectrogram import (
    FLOOR_DB,
    MOST_FRAMES,
    TOP_DB,
    bands_of,
    frame_samples,
    frame_starts,
    spectrogram_tile,
)
from engine.context import PlainContext
from engine.errors import ArtifactMissingError, CancelledError
from engine.types import Samples
from tests.helpers.projects import RATE_HZ, stored
from widgets.frequency_axis import FrequencyAxis
from widgets.lanes import SpectrogramTile
from widgets.waveform_tiles import TILE_WIDTH

HEIGHT = 90
AXIS = FrequencyAxis(RATE_HZ / 2)


def tile(index: int = 0, px_per_s: float = 256.0, height: int = HEIGHT) -> SpectrogramTile:
    return SpectrogramTile("mix", px_per_s, height, index)


def shown(cache: Path, samples: Samples, wanted: SpectrogramTile) -> np.ndarray:
    sound = sound_of((stored(cache, samples), 1.0))
    return spectrogram_tile(sound, wanted, cache, PlainContext()).values.astype(int)


def sine(frequency_hz: float, level_db: float, seconds: float = 2.0) -> Samples:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = 10 ** (level_db / 20) * np.sin(2 * math.pi * frequency_hz * time_s)
    return np.tile(wave, (2, 1)).astype(np.float32)


@pytest.mark.parametrize("frequency_hz", [60.0, 200.0, 440.0, 1000.0, 3000.0, 3900.0])
@pytest.mark.parametrize("px_per_s", [50.0, 256.0])
def test_a_tone_lies_at_its_frequency(tmp_path: Path, frequency_hz: float, px_per_s: float) -> None:
    values = shown(tmp_path, sine(frequency_hz, -30), tile(px_per_s=px_per_s))
    row = int(values[:, values.shape[1] // 2].argmax())
    bin_hz = RATE_HZ / frame_samples(RATE_HZ, px_per_s)
    lowest, highest = (AXIS.hz_at((HEIGHT - row - part) / HEIGHT) for part in (2, -1))
    assert lowest - bin_hz <= frequency_hz <= highest + bin_hz


@pytest.mark.parametrize("level_db", [-70, -50, -30])
def test_a_tone_is_as_bright_as_it_is_loud(tmp_path: Path, level_db: float) -> None:
    values = shown(tmp_path, sine(500, level_db), tile())
    wanted = 255 * (level_db - FLOOR_DB) / (TOP_DB - FLOOR_DB)
    assert values[:, 256].max() == pytest.approx(wanted, abs=15)


def test_silence_is_nothing_and_more_than_everything_is_as_bright_as_can_be(tmp_path: Path) -> None:
    assert not shown(tmp_path, np.zeros((1, 8000), np.float32), tile()).any()
    assert shown(tmp_path, sine(500, 12), tile()).max() == 255


@pytest.mark.parametrize("px_per_s", [300.0, 1000.0, 8000.0])
def test_a_click_stands_at_its_time_in_whichever_tile_it_falls(
    tmp_path: Path, px_per_s: float
) -> None:
    samples = np.zeros((1, 2 * RATE_HZ), np.float32)
    at = 12_345
    samples[0, at] = 1.0
    index, column = divmod(int(at / RATE_HZ * px_per_s), TILE_WIDTH)
    loud = shown(tmp_path, samples, tile(index, px_per_s)).sum(axis=0)
    around = frame_samples(RATE_HZ, px_per_s) / RATE_HZ * px_per_s / 2 + 1
    (seen,) = np.nonzero(loud)
    assert abs(int(loud.argmax()) - column) <= 2
    assert seen.min() >= column - around
    assert seen.max() <= column + around


def test_the_last_tile_ends_with_the_sound(tmp_path: Path) -> None:
    assert shown(tmp_path, sine(500, -30), tile(1, 400.0)).shape == (HEIGHT, 800 - TILE_WIDTH)
    assert shown(tmp_path, sine(500, -30), tile(7, 400.0)).shape == (HEIGHT, 0)


def test_channels_do_not_cancel_each_other_out(tmp_path: Path) -> None:
    samples = sine(500, -30)
    samples[1] *= -1
    np.testing.assert_array_equal(
        shown(tmp_path, samples, tile()), shown(tmp_path, sine(500, -30), tile())
    )


@given(st.floats(1e-3, 48_000), st.integers(8000, 192_000), st.integers(0, 1000))
def test_no_zoom_takes_more_than_a_few_spectra_a_column(
    px_per_s: float, rate_hz: int, first: int
) -> None:
    size = frame_samples(rate_hz, px_per_s)
    columns = np.arange(first, first + 20)
    starts = frame_starts(columns, rate_hz / px_per_s, size)
    assert starts.shape[1] <= MOST_FRAMES
    middles_px = (starts + size / 2) * px_per_s / rate_hz
    # Half a sample may be many pixels wide.
    slack_px = 0.51 * px_per_s / rate_hz
    assert (middles_px >= columns[:, np.newaxis] - slack_px).all()
    assert (middles_px <= columns[:, np.newaxis] + 1 + slack_px).all()


def test_a_film_of_hours_is_read_in_samples_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hours that lie in the file as a hole: all of it would be 230 MB."""
    ref = stored(tmp_path, np.zeros((1, 10), np.float32))
    long = ref.__class__(ref.key, 7200 * RATE_HZ, 1, RATE_HZ)
    (path,) = tmp_path.glob("*.f32")
    with path.open("r+b") as file:
        file.truncate(32 + long.num_bytes)
    read: list[int] = []

    windows = MappedSound.windows

    def counted(mapped: MappedSound, starts: NDArray[np.int64], size: int) -> Samples:
        read.append(mapped.sound.channels * starts.size * size)
        return windows(mapped, starts, size)

    monkeypatch.setattr(MappedSound, "windows", counted)
    values = spectrogram_tile(
        sound_of((long, 1.0)), tile(px_per_s=512 / 7200), tmp_path, PlainContext()
    ).values
    assert values.shape == (HEIGHT, 512)
    assert sum(read) <= 512 * MOST_FRAMES * 512


@given(
    st.sampled_from([8000, 22_050, 48_000]), st.sampled_from([64, 512, 2048]), st.integers(8, 200)
)
def test_each_row_is_a_mean_of_bins_and_no_bin_is_lost(
    rate_hz: int, size: int, height: int
) -> None:
    bands = bands_of(rate_hz, size, height)
    num_bins = size // 2 + 1
    flat = bands.of(np.ones((3, num_bins), np.float32))
    np.testing.assert_allclose(flat, np.ones((3, height)), atol=1e-5)
    rows = bands.of(np.eye(num_bins, dtype=np.float32))
    assert (rows >= 0).all()
    highest_hz = min(rate_hz / 2, 20_000) * 0.98
    heard = range(1, int(highest_hz * size / rate_hz) + 1)
    assert all(rows[heard].max(axis=1) > 0)
    # The highest come first.
    assert (np.diff(rows[heard].argmax(axis=1)) <= 0).all()


def test_it_stops_when_nobody_looks_any_more(tmp_path: Path) -> None:
    sound = sound_of((stored(tmp_path, sine(500, -30)), 1.0))
    asked: list[None] = []

    def is_cancelled() -> bool:
        asked.append(None)
        return len(asked) > 2

    with pytest.raises(CancelledError):
        spectrogram_tile(sound, tile(), tmp_path, PlainContext(is_cancelled=is_cancelled))


def test_a_sound_that_has_gone_is_a_known_error(tmp_path: Path) -> None:
    sound = Sound(sound_of((stored(tmp_path, sine(500, -30)), 1.0)).parts)
    for path in tmp_path.glob("*.f32"):
        path.unlink()
    with pytest.raises(ArtifactMissingError):
        spectrogram_tile(sound, tile(), tmp_path, PlainContext())
