"""Less moves where the system or the user wants it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.settings import SettingsStore
from tests.helpers.editor import WAIT_MS, Answers, Editor, running_editor


@pytest.fixture
def calm_editor(
    qapp: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Editor]:
    """On a desktop that wants less motion."""
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    with running_editor(tmp_path, qtbot, Answers(wants_less_motion=True)) as editor:
        yield editor


def test_the_system_is_followed_unless_the_user_chooses(
    calm_editor: Editor, tmp_path: Path
) -> None:
    pace, settings = calm_editor.app._playback.pace, calm_editor.app._settings

    def choose(choice: str) -> None:
        settings.change(motion=choice)

    calm_editor.qtbot.waitUntil(lambda: pace.is_calm, timeout=WAIT_MS)
    assert QApplication.cursorFlashTime() == 0
    choose("full")
    assert not pace.is_calm
    assert QApplication.cursorFlashTime() > 0
    choose("reduced")
    assert pace.is_calm
    assert SettingsStore(tmp_path / "settings.json").current.motion == "reduced"
    choose("full")
    choose("system")
    calm_editor.qtbot.waitUntil(lambda: pace.is_calm, timeout=WAIT_MS)


def test_usually_everything_moves_and_the_caret_blinks_again_afterwards(editor: Editor) -> None:
    editor.settle()
    assert not editor.app._playback.pace.is_calm
    assert QApplication.cursorFlashTime() > 0
