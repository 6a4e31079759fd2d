"""Unfinished work goes only when the user says so, by the real question."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from engine.types import Quality
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.media import make_video, noise
from tests.helpers.questions import answering
from tests.helpers.restore_workload import make_tone_film
from widgets.message_bar import MessageKind

KEEP, DISCARD = Qt.Key.Key_Escape, Qt.Key.Key_D
EDITED = "There are changes that are neither saved nor exported."
RESTORING = "A restore is still running."


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another film."""
    return make_tone_film(tmp_path / "other.mkv", 0.5, RATE_HZ)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A film that promises a sound track which cannot be decoded."""
    path = make_video(tmp_path / "broken.mp4", 0.5, noise(0.5))
    head, packets = path.read_bytes().split(b"mdat")
    moov = packets.index(b"moov") - 4
    path.write_bytes(head + b"mdat" + b"\xff" * moov + packets[moov:])
    return path


def edit(editor: Editor) -> None:
    editor.app.window.timeline.mute_toggled.emit("mix", True)


def begin_restore(editor: Editor) -> None:
    """Begin a restore that runs until it is cancelled."""
    panel = editor.app.window.restore_panel
    panel.quality_changed.emit(Quality.BEST.value)
    panel.restore_blind_requested.emit()


def title(editor: Editor) -> str:
    return editor.app.window.windowTitle().partition("[")[0]


def test_without_unfinished_work_nothing_is_asked(editor: Editor, film: Path, other: Path) -> None:
    with answering(KEEP) as asked:
        editor.open(film)
        editor.open(other)
        edit(editor)
        editor.app.window.undo_requested.emit()
        editor.app.window.close()
    assert asked == []
    assert not editor.app.window.isVisible()


def test_another_film_waits_for_the_answer(editor: Editor, film: Path, other: Path) -> None:
    editor.open(film)
    edit(editor)
    begin_restore(editor)
    with answering(KEEP) as asked:
        editor.app.media.open(other)
    assert asked == [f"{EDITED} {RESTORING}"]
    assert [job.title for job in editor.app.jobs.active_jobs] == ["Restore film.mkv"]
    with answering(DISCARD) as asked:
        editor.app.media.open(other)
        editor.settle()
    assert (title(editor), len(asked)) == ("other.mkv", 1)


def test_nothing_is_asked_for_a_film_that_is_not_there(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    edit(editor)
    (tmp_path / "empty.mkv").touch()
    with answering(DISCARD) as asked:
        for name in ("gone.mkv", "empty.mkv"):
            editor.app.media.open(tmp_path / name)
            assert not editor.app.jobs.active_jobs
            assert name in editor.messages[-1].text
    assert asked == []
    assert editor.app.document.is_edited


def test_closing_waits_for_the_answer(editor: Editor, film: Path) -> None:
    editor.open(film)
    begin_restore(editor)
    with answering(KEEP) as asked:
        assert not editor.app.window.close()
    assert asked == [RESTORING]
    assert editor.app.window.isVisible()
    with answering(DISCARD):
        assert editor.app.window.close()


def test_a_running_export_is_not_dropped_by_closing(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.restore()
    editor.app.document.keep()
    editor.answers.output = tmp_path / "done.mkv"
    editor.app.window.export_video_requested.emit()
    with answering(KEEP) as asked:
        assert not editor.app.window.close()
    assert asked == ["Export done.mkv is still running."]
    editor.settle()


def test_a_running_report_is_not_dropped_by_closing(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.answers.report = tmp_path / "film.report.html"
    editor.app.window.review_panel.report_card.report_requested.emit("Anna")
    with answering(KEEP) as asked:
        assert not editor.app.window.close()
    assert asked == ["Report film.report.html is still running."]
    editor.settle()


def test_what_is_only_opened_may_be_dropped_unasked(editor: Editor, film: Path) -> None:
    editor.app.media.open(film)
    with answering(KEEP) as asked:
        assert editor.app.window.close()
    assert asked == []


def test_a_film_that_breaks_while_it_is_read_changes_nothing(
    editor: Editor, film: Path, broken: Path
) -> None:
    editor.open(film)
    edit(editor)
    begin_restore(editor)
    before = editor.app.document.project
    with answering(DISCARD):
        editor.app.media.open(broken)
    editor.qtbot.waitUntil(lambda: len(editor.app.jobs.active_jobs) == 1)
    assert [message.kind for message in editor.messages] == [MessageKind.ERROR]
    assert editor.app.document.project is before
    assert editor.app.document.undo_name == "Mute mix"
    assert [job.title for job in editor.app.jobs.active_jobs] == ["Restore film.mkv"]


def test_work_that_came_in_meanwhile_is_asked_about(
    editor: Editor, film: Path, other: Path
) -> None:
    editor.open(film)
    editor.app.media.open(other)
    edit(editor)
    with answering(KEEP) as asked:
        editor.settle()
    assert (title(editor), asked) == ("film.mkv", [EDITED])
