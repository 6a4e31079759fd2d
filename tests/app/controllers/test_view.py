"""What is on or off in the View menu is so again at the next start."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.helpers.editor import Editor, running_editor
from tests.widgets.samples import press


def test_switches_are_remembered(
    editor: Editor, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = editor.app.window
    assert window.timeline.snapping.is_on
    press(window, Qt.Key.Key_N)
    press(window, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    assert not window.timeline.snapping.is_on
    with running_editor(tmp_path, qtbot) as again:
        assert not again.app.window.timeline.snapping.is_on
        assert again.app.window.timeline.canvas.rows.lane_height_px > 45
