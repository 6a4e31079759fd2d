"""Dialogs give paths, or None when the user thinks better of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from widgets import file_dialogs

ASK = [
    ("getOpenFileName", lambda parent: file_dialogs.ask_track(parent)),
    ("getOpenFileName", lambda parent: file_dialogs.ask_moved(parent, Path("/films/a.mp4"))),
    ("getExistingDirectory", lambda parent: file_dialogs.ask_export_folder(parent, "Collect in…")),
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
    monkeypatch.setattr(QFileDialog, function, lambda *_, **__: result)
    assert ask(parent) == path


@pytest.mark.parametrize("ask", [file_dialogs.ask_files, file_dialogs.ask_videos])
def test_several_files_may_be_named(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[QWidget, Path], tuple[Path, ...]],
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    filters: list[str] = []

    def answer(
        _parent: QWidget, _title: str, _folder: str, words: str, options: QFileDialog.Option
    ) -> tuple[list[str], str]:
        assert options is QFileDialog.Option.HideNameFilterDetails
        filters.append(words)
        return ["/films/a.mp4", "/films/b.mkv"], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", answer)
    assert ask(parent, Path("/films")) == (Path("/films/a.mp4"), Path("/films/b.mkv"))
    assert "*.mp4 *.mov" in filters[0]
    assert ("*.reprise" in filters[0]) == (ask is file_dialogs.ask_files)


@pytest.mark.parametrize(("name", "path"), [("new", "new.mp4"), ("new.mkv", "new.mkv")])
def test_a_name_without_an_extension_gets_that_of_the_suggestion(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, path: str
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)

    def accept(dialog: QFileDialog) -> int:
        dialog.selectFile(name)
        return 1

    monkeypatch.setattr(QFileDialog, "exec", accept)
    suggestion = tmp_path / "film.restored.mp4"
    assert file_dialogs.ask_export_video(parent, suggestion) == tmp_path / path


def test_the_export_dialog_can_be_left(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    monkeypatch.setattr(QFileDialog, "exec", lambda _: 0)
    assert file_dialogs.ask_export_video(parent, tmp_path / "a.mp4") is None
