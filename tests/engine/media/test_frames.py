"""Frames come at presentation times, upright, wherever one looks first."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputNotFoundError, NotMediaError, NoVideoError
from engine.media.frames import Pixels, VideoReader
from tests.helpers.media import Film, Track, make_film, make_video, noise, picture

SIZE = (64, 48)
SUFFIXES = [".mp4", ".mkv", ".webm", ".avi", ".ts"]


def index_of(pixels: Pixels) -> int:
    """Which frame of the test film this is, by its brightness."""
    level = float(pixels[pixels.shape[0] // 2 :, pixels.shape[1] // 2 :].mean())
    return round((level - 20) / 4)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_at_any_time_and_order(tmp_path: Path, suffix: str) -> None:
    path = make_video(tmp_path / f"film{suffix}", 2.0, noise(2.0))
    start_s = 0.0213 if suffix == ".ts" else 0.0  # the encoder delay of the sound comes first
    with VideoReader(path) as reader:
        for index in [0, 1, 2, 30, 12, 11, 49, 3, 40, 41, 0, 25]:
            for offset_s in (0.0, 0.02, 0.038):
                pixels = reader.frame_at(start_s + index / 25 + offset_s, *SIZE)
                assert index_of(pixels) == index
        assert reader.warnings == ()


def test_times_outside_give_the_first_and_the_last_frame(tmp_path: Path) -> None:
    with VideoReader(make_video(tmp_path / "film.mp4", 1.0)) as reader:
        assert index_of(reader.frame_at(100.0, *SIZE)) == 24
        assert index_of(reader.frame_at(-5.0, *SIZE)) == 0
        assert index_of(reader.frame_at(1.0, *SIZE)) == 24


def test_long_jumps_seek(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4", Film(16.0, size=(32, 32)))
    with VideoReader(path) as reader:
        for index in (390, 5, 200, 399, 0):
            assert index_of(reader.frame_at(index / 25, 32, 32)) == index % 50


def test_a_frame_that_stands_for_long_is_not_sought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Film(12.0, frame_times_s=[0.0, 0.04, 10.0, 10.04], size=(32, 32))
    sought: list[float] = []
    seek = VideoReader._seek

    def counted(reader: VideoReader, time_s: float) -> None:
        sought.append(time_s)
        seek(reader, time_s)

    monkeypatch.setattr(VideoReader, "_seek", counted)
    with VideoReader(make_film(tmp_path / "film.mp4", film)) as reader:
        for time_s, index in ((1.0, 1), (5.0, 1), (9.9, 1), (10.01, 2), (60.0, 3), (90.0, 3)):
            assert index_of(reader.frame_at(time_s, 32, 32)) == index
    assert len(sought) <= 1


def test_variable_frame_rate(tmp_path: Path) -> None:
    times_s = [0, 0.04, 0.1, 0.2, 0.23, 0.5, 1.0, 1.01, 1.9]
    path = make_film(tmp_path / "film.mp4", Film(2.0, frame_times_s=times_s))
    with VideoReader(path) as reader:
        shown = list(reader.play(0.0, *SIZE))
        assert [frame.time_s for frame in shown] == pytest.approx(times_s, abs=0.001)
        assert [index_of(frame.pixels) for frame in shown] == list(range(9))
        assert index_of(reader.frame_at(0.99, *SIZE)) == 5
        assert index_of(reader.frame_at(1.005, *SIZE)) == 6
        assert [index_of(frame.pixels) for frame in reader.play(0.6, *SIZE)] == [5, 6, 7, 8]


@pytest.mark.parametrize("rate_hz", [5.0, 25.0, 60.0])
def test_constant_rate(tmp_path: Path, rate_hz: float) -> None:
    with VideoReader(make_video(tmp_path / "film.mp4", 2.0, noise(2.0))) as reader:
        shown = list(reader.frames(rate_hz, *SIZE))
    assert len(shown) == round(2 * rate_hz)
    for index, (time_s, pixels) in enumerate(shown):
        assert time_s == pytest.approx(index / rate_hz)
        assert index_of(pixels) == int(time_s * 25 + 0.03)


def test_constant_rate_from_the_middle(tmp_path: Path) -> None:
    with VideoReader(make_video(tmp_path / "film.mp4", 2.0)) as reader:
        shown = list(reader.frames(10.0, *SIZE, start_s=1.5))
    assert [index_of(frame.pixels) for frame in shown] == [37, 40, 42, 45, 47]


def test_picture_that_starts_after_the_sound(tmp_path: Path) -> None:
    times_s = [0.5 + index / 25 for index in range(25)]
    film = Film(1.5, (Track(noise(1.5), codec="flac"),), frame_times_s=times_s)
    with VideoReader(make_film(tmp_path / "film.mkv", film)) as reader:
        assert next(reader.play(0.0, *SIZE)).time_s == pytest.approx(0.5, abs=0.001)
        assert index_of(reader.frame_at(0.1, *SIZE)) == 0
        assert index_of(reader.frame_at(1.02, *SIZE)) == 13


@pytest.mark.parametrize(
    ("rotation_deg", "corner"),
    [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))],
)
def test_rotation_is_applied(tmp_path: Path, rotation_deg: int, corner: tuple[int, int]) -> None:
    """The red corner of the stored picture moves anticlockwise."""
    film = Film(0.4, size=(96, 48), rotation_deg=rotation_deg)
    with VideoReader(make_film(tmp_path / "film.mp4", film)) as reader:
        assert reader.rotation_deg == rotation_deg
        pixels = reader.frame_at(0.0, reader.width, reader.height)
    assert pixels.shape == ((96, 48, 3) if rotation_deg % 180 else (48, 96, 3))
    halves = pixels.astype(int).reshape(2, pixels.shape[0] // 2, 2, -1, 3).mean(axis=(1, 3))
    redness = halves[..., 0] - halves[..., 2]
    assert divmod(int(np.argmax(redness)), 2) == corner


def test_pixels_are_right_and_scaled(tmp_path: Path) -> None:
    with VideoReader(make_video(tmp_path / "film.mp4", 0.4)) as reader:
        same = reader.frame_at(0.0, 64, 48)
        half = reader.frame_at(0.0, 32, 24)
    assert same.dtype == np.uint8
    assert (same.shape, half.shape) == ((48, 64, 3), (24, 32, 3))
    assert same.flags.c_contiguous
    assert np.abs(same.astype(int) - picture(0)).mean() < 3
    assert half[2, 2, 0] > 200


def test_damaged_picture_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.ts", 2.0, noise(2.0))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with VideoReader(path) as reader:
        count = len(list(reader.play(0.0, *SIZE)))
    assert 5 < count < 50


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(NoVideoError):
        VideoReader(make_video(tmp_path / "song.wav", 0, noise(0.2)))
    with pytest.raises(InputNotFoundError):
        VideoReader(tmp_path / "none.mp4")
    (tmp_path / "film.mp4").write_bytes(b"words")
    with pytest.raises(NotMediaError):
        VideoReader(tmp_path / "film.mp4")
