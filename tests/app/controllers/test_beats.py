"""The beats of tracks that are placed come by themselves, once."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.clip_edits import place_clip, remove_clip
from app.controllers.beats import BeatsController
from engine.types import BeatsRequest, BeatsResult
from engine.urgency import Urgency
from tests.helpers.asked_engine import AskedBench
from tests.helpers.placing import SONG, TRACK, film_project

pytestmark = pytest.mark.gui

OTHER = Path("/music/other.mp3")


class Bench(AskedBench):
    def __init__(self) -> None:
        super().__init__()
        self.beats = BeatsController(self.document, self.jobs)
        self.heard: list[tuple[Path, tuple[float, ...]]] = []
        self.beats.beats_found.connect(lambda track, beats_s: self.heard.append((track, beats_s)))
        self.document.open(film_project())

    def place(self, track: Path, start_s: float = 0.0) -> None:
        self.document.do(place_clip(track, TRACK, start_s))


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench()


def test_each_track_is_asked_for_once_behind_all_else(bench: Bench) -> None:
    assert bench.asked == []
    for track in (SONG, SONG, OTHER):
        bench.place(track)
    assert bench.asked == [BeatsRequest(SONG), BeatsRequest(OTHER)]
    assert {each.urgency for each in bench.engine.asked} == {Urgency.BACKGROUND}
    assert not any(job.is_awaited for job in bench.jobs.active_jobs)
    assert bench.beats.beats_of(SONG) == ()
    bench.engine.asked[0].answer(BeatsResult(SONG, (0.5, 1.0), 120.0))
    assert bench.heard == [(SONG, (0.5, 1.0))]
    assert bench.beats.beats_of(SONG) == (0.5, 1.0)
    assert bench.beats.beats_of(OTHER) == ()


def test_what_was_found_stays_while_the_project_is_open(bench: Bench) -> None:
    bench.place(SONG)
    bench.engine.asked[0].answer(BeatsResult(SONG, (0.5,), 0.0))
    bench.document.do(remove_clip(1))
    bench.document.undo()
    assert len(bench.asked) == 1
    bench.document.open(replace(bench.document.project, media=film_project().media))
    assert bench.beats.beats_of(SONG) == ()
    assert len(bench.asked) == 2


def test_what_is_taken_out_need_not_be_listened_to(bench: Bench) -> None:
    bench.place(SONG)
    bench.document.undo()
    assert bench.engine.asked[0].is_cancelled
    bench.document.redo()
    assert len(bench.asked) == 2


def test_another_video_forgets_the_work(bench: Bench) -> None:
    bench.place(SONG)
    bench.document.open(film_project())
    assert bench.engine.asked[0].is_cancelled
    assert bench.jobs.active_jobs == ()


def test_a_failure_is_logged_and_not_tried_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.place(SONG)
    bench.engine.asked[0].fail()
    bench.place(SONG)
    assert len(bench.asked) == 1
    assert "beats of song.flac: failed (device): The device is on fire." in caplog.text
    assert bench.heard == []


def test_a_missing_track_is_not_asked_for(bench: Bench) -> None:
    bench.place(SONG)
    clips = tuple(replace(clip, sound=None) for clip in bench.document.project.clips)
    bench.document.open(replace(film_project(), clips=clips))
    assert len(bench.asked) == 1
