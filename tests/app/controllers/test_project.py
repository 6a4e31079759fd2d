"""Projects are kept and come back: moved, changed, and with a cache that was emptied."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from app.project import Project
from engine.types import StemName
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.questions import answering
from tests.helpers.restore_workload import make_tone_film, sum_of
from widgets.message_bar import MessageKind

SAVE = Qt.Key.Key_S


@pytest.fixture
def kept(editor: Editor, film: Path, tmp_path: Path) -> Path:
    """A project file of a swapped restore with a gain and a mute."""
    editor.open(film)
    editor.restore()
    editor.app.window.restore_panel.swap_requested.emit()
    editor.app.window.timeline.gain_changed.emit("dialogue", -6.0)
    editor.app.window.timeline.mute_toggled.emit("effects", True)
    editor.answers.project = tmp_path / "work.reprise"
    editor.app.window.save_requested.emit()
    return editor.answers.project


def title(editor: Editor) -> str:
    return editor.app.window.windowTitle().partition("[")[0]


def reopened(editor: Editor, path: Path) -> Project:
    editor.app.media.open(path)
    editor.settle()
    return editor.app.document.project


def test_a_saved_project_is_not_edited_any_more(editor: Editor, kept: Path) -> None:
    assert title(editor) == "work.reprise"
    assert not editor.app.window.isWindowModified()
    editor.app.window.undo_requested.emit()
    assert editor.app.window.isWindowModified()
    editor.app.window.save_requested.emit()
    assert not editor.app.window.isWindowModified()
    assert editor.messages == []


def test_what_was_kept_sounds_the_same_again(editor: Editor, film: Path, kept: Path) -> None:
    before = editor.app.document.project
    editor.open(film)
    project = reopened(editor, kept)
    assert project == before
    assert title(editor) == "work.reprise"
    assert not editor.app.window.isWindowModified()
    assert editor.app.document.undo_name == ""
    editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(2000)[:, 1000:]
    wanted = 10 ** (-6 / 20) * sum_of((StemName.DIALOGUE,), 2000, RATE_HZ)
    wanted += sum_of((StemName.MUSIC2,), 2000, RATE_HZ)
    np.testing.assert_allclose(heard, wanted[:, 1000:], atol=1e-5)


def test_what_another_window_saved_is_not_written_over(
    editor: Editor, kept: Path, tmp_path: Path
) -> None:
    reopened(editor, kept)
    other = kept.read_text().replace("-6.0", "-7.0")
    kept.write_text(other)
    os.utime(kept, ns=(1, 1))
    editor.app.window.timeline.mute_toggled.emit("ost", True)
    editor.app.window.save_requested.emit()
    assert kept.read_text() == other
    assert "changed" in editor.messages[-1].text
    assert editor.app.document.is_edited
    editor.answers.project = kept
    editor.app.window.save_as_requested.emit()
    assert kept.read_text() != other
    assert not editor.app.document.is_edited


def test_save_as_asks_and_goes_on_there(editor: Editor, kept: Path, tmp_path: Path) -> None:
    editor.answers.project = tmp_path / "other.reprise"
    editor.app.window.save_as_requested.emit()
    assert title(editor) == "other.reprise"
    editor.answers.project = None
    editor.app.window.save_as_requested.emit()
    assert title(editor) == "other.reprise"
    assert kept.read_bytes() == (tmp_path / "other.reprise").read_bytes()


def test_a_place_that_cannot_be_written_to_is_said(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.answers.project = film / "below-a-file.reprise"
    editor.app.window.save_requested.emit()
    assert [message.kind for message in editor.messages] == [MessageKind.ERROR]
    assert title(editor) == "film.mkv"


def test_a_video_that_was_moved_is_asked_for(
    editor: Editor, film: Path, kept: Path, tmp_path: Path
) -> None:
    before = editor.app.document.project
    (tmp_path / "there").mkdir()
    editor.answers.moved = film.rename(tmp_path / "there" / "renamed.mkv")
    project = reopened(editor, kept)
    assert project.media is not None
    assert project.media.path == editor.answers.moved
    assert project.lanes == before.lanes
    assert project.restore is not None
    assert project.restore.choice == "second"
    assert project.restore.result.video == editor.answers.moved
    assert not any(message.kind is MessageKind.ERROR for message in editor.messages)
    # Where it is now is yet to be saved.
    assert editor.app.document.is_edited


def test_nobody_knows_where_the_video_is(editor: Editor, film: Path, kept: Path) -> None:
    before = editor.app.document.project
    film.unlink()
    assert reopened(editor, kept) is before
    assert "not there any more" in editor.messages[-1].text


def test_another_video_of_that_name_is_told(editor: Editor, film: Path, kept: Path) -> None:
    make_tone_film(film, 1.0, RATE_HZ)
    before = kept.read_bytes()
    project = reopened(editor, kept)
    assert "does not sound as it did" in editor.messages[-1].text
    assert project.restore is None
    assert [lane.lane_id for lane in project.lanes] == ["mix"]
    # Not over what is true of the other film.
    editor.answers.project = None
    editor.app.window.timeline.mute_toggled.emit("mix", True)
    editor.app.window.save_requested.emit()
    assert kept.read_bytes() == before


def made_with(project: Path, quality: str) -> None:
    """Have a project file say that its restore was made with another quality."""
    content = json.loads(project.read_text())
    content["history"][0]["quality"] = quality
    project.write_text(json.dumps(content))


def test_what_kept_only_the_speech_still_does_when_it_is_made_again(
    editor: Editor, tmp_path: Path
) -> None:
    film = make_tone_film(tmp_path / "undivided.mkv", 1.0, RATE_HZ)
    editor.open(film)
    editor.keep_only_speech(film)
    editor.app.window.restore_panel.quality_changed.emit("draft")
    editor.answers.project = tmp_path / "speech.reprise"
    editor.app.window.save_requested.emit()
    before = editor.app.document.project
    shutil.rmtree(tmp_path / "cache")
    reopened(editor, tmp_path / "speech.reprise")
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    editor.settle()
    assert editor.app.document.project.restore == before.restore


def test_sounds_that_have_gone_are_made_again(editor: Editor, kept: Path, tmp_path: Path) -> None:
    before = editor.app.document.project
    shutil.rmtree(tmp_path / "cache")
    project = reopened(editor, kept)
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    editor.settle()
    project = editor.app.document.project
    assert project.lanes == before.lanes
    assert project.restore == before.restore
    assert "made again" in editor.messages[0].text
    assert not editor.app.document.is_edited
    assert editor.app.document.undo_name == ""


def test_sounds_that_were_not_made_again_are_told_and_the_mix_is_heard(
    editor: Editor, kept: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "cache")
    # The stub runs until it is cancelled.
    made_with(kept, "best")
    editor.app.media.open(kept)
    editor.qtbot.waitUntil(lambda: editor.app.document.project.lost is not None, timeout=WAIT_MS)
    editor.app.window.restore_panel.cancel_requested.emit()
    editor.qtbot.waitUntil(lambda: "still missing" in editor.messages[-1].text, timeout=WAIT_MS)
    assert editor.app.document.project.lost is not None
    editor.settle()
    editor.app.window.transport_bar.play_requested.emit()
    assert np.std(editor.hear(2000)) > 0.01


def test_saving_while_sounds_are_made_again_forgets_nothing(
    editor: Editor, kept: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "cache")
    made_with(kept, "draft")
    project = reopened(editor, kept)
    assert project.restore is None
    before = json.loads(kept.read_text())
    editor.app.window.timeline.mute_toggled.emit("dialogue", True)
    editor.app.window.save_requested.emit()
    after = json.loads(kept.read_text())
    assert after["restore"] == before["restore"]
    assert after["lanes"] != before["lanes"]


def test_a_project_never_takes_the_place_of_the_film(editor: Editor, film: Path) -> None:
    editor.open(film)
    before = film.read_bytes()
    editor.answers.project = film
    editor.app.window.save_requested.emit()
    assert film.read_bytes() == before
    assert title(editor) == "film.mkv.reprise"
    editor.app.window.save_as_requested.emit()
    assert editor.messages[-1].kind is MessageKind.ERROR


def test_an_export_does_not_stand_for_a_project(editor: Editor, kept: Path, tmp_path: Path) -> None:
    editor.app.window.timeline.mute_toggled.emit("ost", True)
    editor.answers.output = tmp_path / "out.mkv"
    editor.app.window.export_video_requested.emit()
    editor.settle()
    assert editor.app.document.is_edited


def test_a_broken_project_leaves_what_is_open(editor: Editor, kept: Path) -> None:
    before = editor.app.document.project
    kept.write_text("{")
    assert reopened(editor, kept) is before
    assert [message.kind for message in editor.messages] == [MessageKind.ERROR]


def test_changes_can_be_saved_when_another_film_is_opened(
    editor: Editor, film: Path, kept: Path
) -> None:
    editor.app.window.timeline.mute_toggled.emit("ost", True)
    edited = editor.app.document.project
    with answering(SAVE) as asked:
        editor.open(film)
    assert len(asked) == 1
    assert reopened(editor, kept) == edited


def test_if_saving_fails_nothing_is_left(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.timeline.mute_toggled.emit("mix", True)
    with answering(SAVE):
        assert not editor.app.window.close()
    assert editor.app.window.isVisible()


def test_recent_files_are_offered(editor: Editor, film: Path, kept: Path) -> None:
    names = [action.text() for action in recent_actions(editor)]
    assert names == ["&1 work.reprise", "&2 film.mkv"]
    recent_actions(editor)[1].trigger()
    editor.settle()
    assert title(editor) == "film.mkv"
    assert recent_actions(editor)[0].text() == "&1 film.mkv"


def recent_actions(editor: Editor) -> list[QAction]:
    return editor.app.window._recent_menu.actions()
