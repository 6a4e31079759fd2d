"""After an export its file is at hand; what was done can be read and copied."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.types import Quality
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.restore_workload import make_tone_film


@pytest.fixture
def exported(editor: Editor, film: Path, tmp_path: Path) -> Editor:
    """An editor that has exported a film."""
    editor.open(film)
    editor.restore()
    editor.answers.output = tmp_path / "out.mkv"
    editor.app.window.export_video_requested.emit()
    editor.settle()
    return editor


def shown_paths(editor: Editor) -> tuple[Path, ...]:
    return editor.app.window.restore_panel.result_card._view.paths


def test_the_result_is_at_hand_until_another_film_comes(exported: Editor, tmp_path: Path) -> None:
    assert shown_paths(exported) == (tmp_path / "out.mkv",)
    card = exported.app.window.restore_panel.result_card
    card.folder_requested.emit(tmp_path)
    assert exported.answers.opened_folders == [tmp_path]
    exported.open(make_tone_film(tmp_path / "other.mkv", 0.5, RATE_HZ))
    assert shown_paths(exported) == ()


def test_all_stems_are_at_hand(exported: Editor, tmp_path: Path) -> None:
    exported.answers.folder = tmp_path
    exported.app.window.export_stems_requested.emit()
    exported.settle()
    assert {path.suffix for path in shown_paths(exported)} == {".wav"}


def test_the_log_of_the_restore_can_be_read(exported: Editor) -> None:
    exported.app.window.restore_panel.progress_card.log_requested.emit()
    log = exported.answers.texts[0].splitlines()
    assert log[0] == "film.mkv"
    assert "Separating speech and music by tones: 0.5 s" in log


def test_the_details_come_to_the_clipboard(exported: Editor, tmp_path: Path) -> None:
    exported.app.window.restore_panel.progress_card.details_requested.emit()
    exported.settle()
    text = QApplication.clipboard().text()
    assert "video: film.mkv" in text
    assert "engine: Test device, ready" in text
    assert "written: out.mkv" in text
    assert str(tmp_path) not in text
    assert "clipboard" in exported.messages[-1].text


def test_the_details_tell_what_failed(editor: Editor, film: Path) -> None:
    editor.open(film)
    panel = editor.app.window.restore_panel
    panel.quality_changed.emit(Quality.DRAFT.value)
    panel.restore_blind_requested.emit()
    editor.settle()
    panel.progress_card.details_requested.emit()
    editor.settle()
    assert "problem: The device is on fire. Put it out." in QApplication.clipboard().text()
