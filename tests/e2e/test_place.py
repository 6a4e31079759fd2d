"""An editor at the desk: music is placed, dragged, split and taken back, and all of it is heard."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.clips import Clip
from app.project_io import read_project
from engine.types import Samples
from tests.e2e.test_window import SECONDS, Desk, best_match, desk_with
from tests.helpers.desktop import SINK_RATE_HZ, wait_until
from tests.helpers.library import write_sound
from tests.helpers.projects import noise
from tests.helpers.restore_workload import film_sound, make_tone_film

pytestmark = [pytest.mark.screen, pytest.mark.sound, pytest.mark.slow]

NUM_SAMPLES = round(SECONDS * SINK_RATE_HZ)
FADE = round(0.01 * SINK_RATE_HZ)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a film of tones, and a song of noise beside it."""
    write_sound(tmp_path / "song.wav", song(), SINK_RATE_HZ)
    film = make_tone_film(tmp_path / "film.mkv", SECONDS, SINK_RATE_HZ)
    with desk_with(film, tmp_path) as desk:
        yield desk


def song() -> Samples:
    return noise(8, 2 * NUM_SAMPLES)


def saved_clips(desk: Desk) -> tuple[Clip, ...]:
    """What is placed, as the project file has it."""
    file = desk.folder / "film.reprise"
    before = file.stat().st_mtime_ns if file.exists() else 0
    desk.press("ctrl+s")
    wait_until(lambda: file.exists() and file.stat().st_mtime_ns > before, "the project")
    return read_project(file).clips


def played(desk: Desk) -> Samples:
    """The film as it is heard, from its first sample on: (2, num_samples)."""
    begin = desk.recording.wait_for(1)
    desk.press("Home", "space")
    desk.recording.wait_for(round((SECONDS + 0.6) * SINK_RATE_HZ))
    recorded = desk.recording.samples[:, begin:]
    start = best_match(film_sound(NUM_SAMPLES, SINK_RATE_HZ)[0], recorded[0])
    return recorded[:, start : start + NUM_SAMPLES]


def film_with(clips: tuple[Clip, ...]) -> Samples:
    """What should be heard."""
    whole = film_sound(NUM_SAMPLES, SINK_RATE_HZ)
    for clip in clips:
        start, end = (round(at_s * SINK_RATE_HZ) for at_s in (clip.start_s, clip.end_s))
        first = round(clip.track_start_s * SINK_RATE_HZ)
        inside = slice(start, min(end, NUM_SAMPLES))
        whole[:, inside] += song()[:, first : first + inside.stop - inside.start]
    return whole


def test_music_is_placed_dragged_slipped_split_and_taken_back(desk: Desk) -> None:
    desk.press("ctrl+2", "ctrl+i")
    wait_until(lambda: "Clip 1" in desk.controls(), "the clip")
    (placed,) = saved_clips(desk)
    assert (placed.start_s, placed.track_start_s) == (0.0, 0.0)
    desk.drag("Clip 1", 200, "ctrl")
    (moved,) = saved_clips(desk)
    assert moved.start_s > 0.3
    desk.drag("Clip 1", -100, "alt")
    (slipped,) = saved_clips(desk)
    assert slipped.start_s == moved.start_s
    assert slipped.track_start_s > 0.1
    np.testing.assert_allclose(played(desk)[:, FADE:], film_with((slipped,))[:, FADE:], atol=2e-4)
    for _ in range(2):
        desk.press("ctrl+z")
    (back,) = saved_clips(desk)
    assert back == placed
    desk.press("Home", "shift+Right", "b", "Delete")
    (left,) = saved_clips(desk)
    assert (left.start_s, left.end_s) == (0.0, 1.0)
    desk.press("ctrl+z", "ctrl+z", "ctrl+z")
    assert saved_clips(desk) == ()
