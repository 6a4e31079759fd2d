"""Dialogs give paths, or None when the user thinks better of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from widgets import file_dialogs

ASK = [
    ("getOpenFileName", lambda parent: file_dialogs.ask_video(parent, Path("/films"))),
    ("getOpenFileName", lambda parent: file_dialogs.ask_track(parent)),
    ("getSaveFileName", lambda parent: file_dialogs.ask_export_video(parent, Path("/a.mp4"))),
    ("getExistingDirectory", lambda parent: file_dialogs.ask_export_folder(parent)),
]


@pytest.mark.parametrize(("function", "ask"), ASK)
@pytest.mark.parametrize(
    ("answer", "path"), [("/films/ü b.mp4", Path("/films/ü b.mp4")), ("", None)]
)
def test_answers_become_paths(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    ask: Callable[[QWidget], Path | None],
    answer: str,
    path: Path | None,
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    result = answer if function == "getExistingDirectory" else (answer, "")
    monkeypatch.setattr(QFileDialog, function, lambda *_: result)
    assert ask(parent) == path
