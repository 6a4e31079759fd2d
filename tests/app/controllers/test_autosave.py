"""After a crash the work can come back; after an ordinary end nobody is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.autosave import left_behind
from app.lane_edits import choose_track
from app.marks import add_marker
from tests.helpers.editor import RATE_HZ, WAIT_MS, Answers, Editor, running_editor
from tests.helpers.restore_workload import make_tone_film
from widgets.questions import Recovery


def copies(folder: Path) -> list[Path]:
    return sorted((folder / "autosave").rglob("*.reprise"))


def edit_and_keep(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.mute_toggled.emit("mix", True)
    editor.app._autosave.keep()
    editor.settle()


def crash(editor: Editor) -> None:
    """Let the lock go, as the end of a process does, and have nothing tidied up."""
    held = editor.app._autosave._session._held
    assert held is not None
    held.close()
    editor.app._autosave._session._held = None


@contextmanager
def started_again(
    folder: Path, qtbot: QtBot, *, recover: bool, files: tuple[Path, ...] = ()
) -> Iterator[Editor]:
    answer = Recovery.BRING_BACK if recover else Recovery.START_EMPTY
    with running_editor(folder, qtbot, Answers(recover=answer), files=files) as editor:
        qtbot.waitUntil(lambda: editor.app.engine.state.device != "", timeout=WAIT_MS)
        editor.settle()
        yield editor


def test_only_unsaved_work_is_copied(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film)
    editor.app._autosave.keep()
    editor.settle()
    assert copies(tmp_path) == []
    edit_and_keep(editor, film)
    assert len(copies(tmp_path)) == 1
    editor.app._autosave.keep()
    editor.settle()
    assert len(copies(tmp_path)) == 1
    editor.answers.project = tmp_path / "work.reprise"
    editor.app.window.save_requested.emit()
    editor.app._autosave.keep()
    editor.settle()
    assert copies(tmp_path) == []


def test_the_first_change_is_copied_soon_and_once(
    editor: Editor, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.controllers.autosave.SOON_MS", 30)
    editor.open(film)
    editor.qtbot.wait(60)
    assert copies(tmp_path) == []
    editor.app.document.do(add_marker(0.1, "one"))
    editor.qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1, timeout=WAIT_MS)
    editor.settle()
    # From then on it is copied each minute.
    editor.app.document.do(add_marker(0.2, "two"))
    editor.qtbot.wait(60)
    editor.settle()
    assert len(copies(tmp_path)) == 1
    editor.answers.project = tmp_path / "work.reprise"
    editor.app.window.save_requested.emit()
    editor.settle()
    editor.qtbot.waitUntil(lambda: copies(tmp_path) == [], timeout=WAIT_MS)
    editor.app.document.do(add_marker(0.3, "three"))
    editor.qtbot.waitUntil(lambda: len(copies(tmp_path)) == 1, timeout=WAIT_MS)
    editor.settle()


def test_after_an_ordinary_end_nothing_is_left(
    qtbot: QtBot, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    with running_editor(tmp_path, qtbot) as editor:
        edit_and_keep(editor, film)
    assert copies(tmp_path) == []


@pytest.mark.parametrize("recover", [True, False])
def test_after_a_crash_the_user_decides(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path, recover: bool
) -> None:
    edit_and_keep(editor, film)
    crash(editor)
    with started_again(tmp_path, qtbot, recover=recover) as again:
        project = again.app.document.project
        assert (project == editor.app.document.project) is recover
        assert again.app.document.is_edited is recover
        assert again.app.document.file is None
        (folder,) = {path.parent for path in copies(tmp_path) if (path.parent / "settled").exists()}
        assert recover or again.messages[0].folder == folder
    # Either way it stays a while, and is not asked about again.
    assert len(copies(tmp_path)) == 1
    assert left_behind(tmp_path / "autosave") is None


def test_who_does_not_answer_is_asked_again(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    edit_and_keep(editor, film)
    crash(editor)
    with running_editor(tmp_path, qtbot, Answers(recover=Recovery.ASK_LATER)) as again:
        qtbot.waitUntil(lambda: bool(again.messages), timeout=WAIT_MS)
        again.settle()
        assert again.app.document.project.media is None
        assert "asked about film.mkv again" in again.messages[0].text
        assert again.messages[0].folder == copies(tmp_path)[0].parent
        # Not by another window meanwhile.
        assert left_behind(tmp_path / "autosave") is None
    left = left_behind(tmp_path / "autosave")
    assert left is not None
    left.held.close()


def test_what_was_named_at_the_start_is_not_forgotten_for_work_that_comes_back(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    edit_and_keep(editor, film)
    crash(editor)
    others = tuple(make_tone_film(tmp_path / f"{name}.mkv", 0.5, RATE_HZ) for name in "ab")
    with started_again(tmp_path, qtbot, recover=True, files=others) as again:
        assert again.app.document.project == editor.app.document.project
        assert "a.mkv was not opened" in again.messages[0].text
        assert tuple(each.video for each in again.app.queue.queue.files) == others


def test_what_came_back_is_saved_where_it_was_kept(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.answers.project = tmp_path / "work.reprise"
    editor.app.window.save_requested.emit()
    editor.app.window.timeline.mute_toggled.emit("mix", True)
    editor.app._autosave.keep()
    editor.settle()
    crash(editor)
    with started_again(tmp_path, qtbot, recover=True) as again:
        assert again.app.document.file == tmp_path / "work.reprise"
        before = (tmp_path / "work.reprise").read_bytes()
        again.app.window.save_requested.emit()
        assert (tmp_path / "work.reprise").read_bytes() != before


def test_a_broken_copy_gives_way_to_the_one_before(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    edit_and_keep(editor, film)
    wanted = editor.app.document.project
    editor.app.window.timeline.mute_toggled.emit("mix", False)
    editor.app.window.timeline.solo_toggled.emit("mix", True)
    editor.app._autosave.keep()
    editor.settle()
    crash(editor)
    copies(tmp_path)[-1].write_text("{")
    with started_again(tmp_path, qtbot, recover=True) as again:
        assert again.app.document.project == wanted


def test_only_broken_copies_are_not_asked_about(tmp_path: Path) -> None:
    folder = tmp_path / "autosave" / "left"
    folder.mkdir(parents=True)
    (folder / "session.lock").touch()
    (folder / "000001.reprise").write_text("{")
    assert left_behind(tmp_path / "autosave") is None


def test_a_track_and_marks_come_back(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.app.document.do(choose_track(tmp_path / "song.mp3"))
    editor.app.document.do(add_marker(0.5))
    editor.app._autosave.keep()
    editor.settle()
    crash(editor)
    with started_again(tmp_path, qtbot, recover=True) as again:
        assert again.app.document.project == editor.app.document.project


def test_what_was_saved_leaves_no_older_copy(editor: Editor, film: Path, tmp_path: Path) -> None:
    edit_and_keep(editor, film)
    editor.answers.project = tmp_path / "work.reprise"
    editor.app.window.save_requested.emit()
    editor.settle()
    assert copies(tmp_path) == []


def test_what_came_back_has_a_copy_before_the_old_one_is_settled(
    editor: Editor, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    edit_and_keep(editor, film)
    crash(editor)
    with started_again(tmp_path, qtbot, recover=True):
        assert len(copies(tmp_path)) == 2


def test_a_full_disk_is_said_once(editor: Editor, film: Path, tmp_path: Path) -> None:
    (tmp_path / "autosave").write_text("a file where the folder should be")
    edit_and_keep(editor, film)
    editor.app._autosave.keep()
    editor.settle()
    warned = [message for message in editor.messages if "No copy" in message.text]
    assert len(warned) == 1
