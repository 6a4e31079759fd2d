"""Opening: what can go wrong is said in words and leaves what was open alone."""

import gc
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.lane_edits import choose_track
from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress, RunContext
from engine.stages.decode import decode
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.library import write_sound
from tests.helpers.media import make_video, quiet
from tests.helpers.projects import noise
from tests.helpers.questions import answering
from tests.helpers.restore_workload import film_sound, make_tone_film
from tests.widgets.samples import click, drop, file_mime
from widgets.message_bar import MessageKind
from widgets.pages import Page

if TYPE_CHECKING:
    from app.jobs import Job


def test_a_film_opens_with_its_sound_its_name_and_its_pictures(editor: Editor, film: Path) -> None:
    editor.open(film)
    media = editor.app.document.project.media
    assert media is not None
    assert media.path == film
    assert (media.width, media.height, media.frame_rate_hz) == (64, 48, 25.0)
    assert editor.app.window.windowTitle().startswith("film.mkv")
    assert [lane.stem for lane in editor.app.document.project.lanes] == ["mix"]
    assert editor.messages == []
    assert not editor.app.document.undo_name


def test_the_engine_finds_the_sound_that_the_window_decoded(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    media = editor.app.document.project.media
    assert media is not None
    store = ArtifactStore(tmp_path / "cache")
    before = sorted(path.name for path in store.root.glob("*.f32"))
    assert decode(film, store, PlainContext()).mix == media.mix
    assert sorted(path.name for path in store.root.glob("*.f32")) == before
    np.testing.assert_array_equal(store.map(media.mix), film_sound(2 * RATE_HZ, RATE_HZ))


def test_files_are_opened_by_dialog_and_by_drop(editor: Editor, film: Path) -> None:
    editor.answers.files = (film,)
    editor.app.window.open_requested.emit()
    editor.settle()
    first = editor.app.document.project.media
    editor.app.window.files_dropped.emit([film])
    editor.settle()
    assert editor.app.document.project.media is not first
    assert editor.app.queue.queue.files == ()


def test_a_dropped_sound_never_takes_the_place_of_the_film(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    window, document = editor.app.window, editor.app.document
    media = document.project.media
    song = write_sound(tmp_path / "song.wav", noise(3), RATE_HZ)
    drop(window, file_mime(str(song)))
    assert editor.messages[-1].text == "song.wav was not opened: a film is open."
    assert "lanes" in editor.messages[-1].hint
    window.show_page(Page.MUSIC)
    window.timeline.seek_requested.emit(0.5)
    for count, widget in enumerate((window, window.video_view), 1):
        drop(widget, file_mime(str(song)))
        editor.settle()
        assert document.project.media is media
        assert [clip.start_s for clip in document.project.clips] == [0.5] * count


def test_a_dropped_film_opens_on_the_page_music_too(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.app.window.show_page(Page.MUSIC)
    song = write_sound(tmp_path / "song.wav", noise(3), RATE_HZ)
    other = make_tone_film(tmp_path / "other.mkv", 1.0, RATE_HZ)
    drop(editor.app.window.video_view, file_mime(str(song), str(other)))
    editor.settle()
    media = editor.app.document.project.media
    assert media is not None
    assert media.path == other


def test_without_a_film_a_dropped_sound_is_opened(editor: Editor, tmp_path: Path) -> None:
    song = write_sound(tmp_path / "song.wav", noise(3), RATE_HZ)
    editor.app.window.show_page(Page.MUSIC)
    drop(editor.app.window, file_mime(str(song)))
    editor.settle()
    media = editor.app.document.project.media
    assert media is not None
    assert media.path == song


def test_the_dialog_may_be_cancelled(editor: Editor) -> None:
    editor.app.window.open_requested.emit()
    assert editor.app.jobs.active_jobs == ()


@pytest.mark.parametrize("kind", ["missing", "text"])
def test_what_cannot_be_opened_is_said_and_the_old_film_stays(
    editor: Editor, film: Path, tmp_path: Path, kind: str
) -> None:
    editor.open(film)
    before = editor.app.document.project
    bad = tmp_path / f"{kind}.mkv"
    if kind == "text":
        bad.write_text("no film at all")
    editor.app.media.open(bad)
    editor.settle()
    assert [message.kind for message in editor.messages] == [MessageKind.ERROR]
    assert editor.messages[0].hint
    assert editor.app.document.project is before


def test_opening_can_be_cancelled_at_the_foot_and_leaves_an_empty_window(
    editor: Editor, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_path: Path, _store: ArtifactStore, context: RunContext, **_: object) -> None:
        context.report(Progress("decode", 1, 4))
        while True:
            context.raise_if_cancelled()
            threading.Event().wait(0.005)

    monkeypatch.setattr("app.opening.decoded", endless)
    window = editor.app.window
    empty = window.video_view.grab().toImage()
    editor.app.media.open(film)
    line = window.status_line
    editor.qtbot.waitUntil(lambda: line._job.text() == "Open film.mkv: 25 %", timeout=WAIT_MS)
    assert window.timeline.headers.current_lane
    click(line._cancel)
    assert line._job.text() == ""
    assert not window.timeline.headers.current_lane
    assert window.video_view.grab().toImage() == empty
    assert editor.messages == []


def test_a_track_may_be_named_before_the_film(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.app.document.do(choose_track(tmp_path / "song.mp3"))
    editor.open(film)
    assert editor.app.document.project.track == tmp_path / "song.mp3"
    with answering(Qt.Key.Key_D):
        editor.open(film)
    assert editor.app.document.project.track is None


def test_what_was_said_of_the_old_film_goes(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.messages.warn("Something about this film.")
    assert editor.app.window.message_bar.isVisible()
    editor.open(film)
    assert not editor.app.window.message_bar.isVisible()


def test_the_newer_of_two_films_wins(editor: Editor, film: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mkv"
    other.write_bytes(film.read_bytes())
    editor.app.media.open(film)
    editor.app.media.open(other)
    editor.settle()
    media = editor.app.document.project.media
    assert media is not None
    assert media.path == other


def test_nobody_keeps_the_jobs_of_the_film_before(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    jobs: list[weakref.ref[Job]] = []
    editor.app.jobs.job_added.connect(lambda job: jobs.append(weakref.ref(job)))
    editor.open(film)
    before = list(jobs)
    editor.open(make_video(tmp_path / "other.mkv", 1.0, quiet(1.0), codec="pcm_f32le"))
    gc.collect()
    assert len(before) > 4
    assert [job.title for job in (ref() for ref in before) if job is not None] == []


def test_pictures_and_waveform_reach_the_timeline(editor: Editor, film: Path) -> None:
    editor.open(film)
    shown = editor.app.window.timeline.grab().toImage()
    colours = {
        shown.pixel(x, y)
        for x in range(220, shown.width(), 3)
        for y in range(30, shown.height(), 2)
    }
    assert len(colours) > 20


def test_the_sample_project_is_opened_from_a_copy(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    editor.app.window.sample_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.file is not None, timeout=WAIT_MS)
    editor.settle()
    assert editor.app.document.file == tmp_path / "data" / "sample" / "sample.reprise"
    assert len(editor.app.document.project.markers) == 2
