"""The picture of the moment: in time, never of the past, exact when it stands."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.playback.film import FilmPictures
from app.playback.picture import FRAMES_AHEAD, Picture, PictureFeed
from engine.errors import NotMediaError
from tests.helpers.desktop import wait_until
from tests.helpers.media import make_video, picture

RATE_HZ = 25.0


class CountedPictures:
    """Endless pictures whose first pixel is their number; notes where reading began."""

    def __init__(self, num_frames: int = 1000) -> None:
        self.begun: list[tuple[float, int, int]] = []
        self.num_read = 0
        self.is_closed = False
        self.may_read = threading.Event()
        self.may_read.set()
        self._num_frames = num_frames

    def frames_from(self, time_s: float, width: int, height: int) -> Iterator[Picture]:
        self.begun.append((time_s, width, height))
        for index in range(int(time_s * RATE_HZ + 1e-6), self._num_frames):
            self.may_read.wait()
            self.num_read += 1
            yield Picture(index / RATE_HZ, np.full((height, width, 3), index % 256, np.uint8))

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def source() -> CountedPictures:
    return CountedPictures()


@pytest.fixture
def feed(source: CountedPictures) -> Iterator[PictureFeed]:
    feed = PictureFeed(lambda: source, RATE_HZ)
    feed.resize(4, 2)
    yield feed
    source.may_read.set()
    feed.close()
    feed.join()
    assert source.is_closed


def seen_until(feed: PictureFeed, time_s: float, number: int) -> list[int]:
    """Look at a time that stands still until picture `number` comes; gives all that came."""
    seen: list[int] = []

    def look() -> bool:
        now = feed.show(time_s)
        if now is not None:
            seen.append(int(now.rgb[0, 0, 0]))
        return seen[-1:] == [number]

    wait_until(look, f"picture {number} at {time_s} s")
    return seen


def picture_at(feed: PictureFeed, time_s: float) -> Picture:
    """Look at a time that stands still until its own picture comes; earlier ones may come first."""
    while True:
        found = feed.show(time_s)
        if found is not None and found.time_s == pytest.approx(time_s, abs=0.002):
            return found
        assert feed.error is None
        assert found is None or found.time_s < time_s
        time.sleep(0.001)


def test_pictures_are_decoded_a_few_ahead_and_no_more(
    feed: PictureFeed, source: CountedPictures
) -> None:
    seen_until(feed, 0.0, 0)
    wait_until(lambda: source.num_read == FRAMES_AHEAD + 1, "frames ahead")
    assert feed.show(0.0) is None


def test_the_newest_due_picture_is_shown_and_late_ones_are_dropped(
    feed: PictureFeed, source: CountedPictures
) -> None:
    seen_until(feed, 0.0, 0)
    wait_until(lambda: source.num_read == FRAMES_AHEAD + 1, "frames ahead")
    due = feed.show(4.4 / RATE_HZ)
    assert due is not None
    assert int(due.rgb[0, 0, 0]) == 4
    assert feed.show(4.45 / RATE_HZ) is None
    due = feed.show(4.6 / RATE_HZ)
    assert due is not None
    assert int(due.rgb[0, 0, 0]) == 5
    assert len(source.begun) == 1


@pytest.mark.parametrize("time_s", [0.2, 8.0])
def test_jumps_back_and_far_ahead_begin_anew(
    feed: PictureFeed, source: CountedPictures, time_s: float
) -> None:
    seen_until(feed, 4.0, 100)
    seen_until(feed, time_s, round(time_s * RATE_HZ))
    assert source.begun[-1] == (time_s, 4, 2)


def test_while_dragging_the_last_place_reached_is_shown(
    feed: PictureFeed, source: CountedPictures
) -> None:
    seen_until(feed, 0.0, 0)
    source.may_read.clear()
    feed.show(10.0)
    wait_until(lambda: source.begun[-1][0] == 10.0, "the first seek")
    feed.show(20.0)
    source.may_read.set()
    # 500 as a byte.
    assert seen_until(feed, 20.0, 244)[0] in (250, 244)


def test_another_size_shows_the_same_moment_again(
    feed: PictureFeed, source: CountedPictures
) -> None:
    seen_until(feed, 2.0, 50)
    feed.resize(8, 4)
    seen_until(feed, 2.0, 50)
    assert source.begun[-1] == (2.0, 8, 4)
    feed.resize(0, 0)
    assert source.begun[-1] == (2.0, 8, 4)


def test_behind_the_last_picture_nothing_is_sought() -> None:
    source = CountedPictures(num_frames=10)
    feed = PictureFeed(lambda: source, RATE_HZ)
    feed.resize(4, 2)
    seen_until(feed, 0.3, 7)
    wait_until(lambda: source.num_read == 10, "the end")
    seen_until(feed, 0.36, 9)
    assert feed.show(30.0) is None
    assert len(source.begun) == 1
    seen_until(feed, 0.0, 0)
    feed.close()


def test_closing_waits_for_no_frame(feed: PictureFeed, source: CountedPictures) -> None:
    seen_until(feed, 0.0, 0)
    source.may_read.clear()
    feed.show(10.0)
    wait_until(lambda: source.begun[-1][0] == 10.0, "the seek")
    slow_disk = threading.Timer(0.5, source.may_read.set)
    slow_disk.start()
    feed.close()
    assert feed.is_running
    feed.join()
    assert source.is_closed


def test_a_film_that_cannot_be_opened_says_so() -> None:
    def fail() -> CountedPictures:
        raise NotMediaError("no film")

    feed = PictureFeed(fail, RATE_HZ)
    wait_until(lambda: feed.error is not None, "the error")
    assert feed.show(0.0) is None
    feed.close()


def test_a_real_film_shows_its_frames_at_their_times(tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", 2.0)
    feed = PictureFeed(lambda: FilmPictures(film), RATE_HZ)
    feed.resize(32, 24)
    for frame in (0, 30, 10):
        found = picture_at(feed, frame / RATE_HZ)
        assert found.rgb.shape == (24, 32, 3)
        assert abs(int(found.rgb[-1, -1, 1]) - int(picture(frame)[-1, -1, 1])) < 4
    feed.close()
