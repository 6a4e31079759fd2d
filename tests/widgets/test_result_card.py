"""What was written can be found, dragged out of the window, and copied."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click
from widgets.file_chip import FileChip
from widgets.result_card import ResultCard, ResultView
from widgets.theme import DARK, LIGHT

FILM = Path("/films/a b.restored.mp4")


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> ResultCard:
    card = ResultCard(DARK)
    qtbot.addWidget(card)
    card.resize(360, 160)
    card.show_view(ResultView((FILM,), "12 MB"))
    return card


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> list[list[QUrl]]:
    """What was dragged out of the window."""
    dragged: list[list[QUrl]] = []

    def run(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
        assert action is Qt.DropAction.CopyAction
        dragged.append(drag.mimeData().urls())
        return action

    monkeypatch.setattr(QDrag, "exec", run)
    return dragged


def drag(card: ResultCard, by_px: int) -> None:
    chip = child(card, FileChip)
    QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    QTest.mouseMove(chip, QPoint(20 + by_px, 10))
    QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=QPoint(20 + by_px, 10))


def test_before_anything_is_written_there_is_no_card(card: ResultCard) -> None:
    assert card.isVisible()
    assert FILM.name in [part.text() for part in card.findChildren(QLabel)]
    card.show_view(ResultView())
    assert not card.isVisible()


def test_the_file_is_dragged_out_as_a_copy(card: ResultCard, drags: list[list[QUrl]]) -> None:
    drag(card, by_px=1)
    assert drags == []
    drag(card, by_px=80)
    assert drags == [[QUrl.fromLocalFile(str(FILM))]]


def test_several_files_go_together(card: ResultCard, drags: list[list[QUrl]]) -> None:
    card.show_view(ResultView((FILM, FILM.with_suffix(".wav"))))
    assert "2 files" in [part.text() for part in card.findChildren(QLabel)]
    drag(card, by_px=80)
    assert [url.fileName() for url in drags[0]] == ["a b.restored.mp4", "a b.restored.wav"]


def test_the_clipboard_gets_the_path_and_the_file(card: ResultCard) -> None:
    click(child(card, QPushButton, "Copy path"))
    mime = QApplication.clipboard().mimeData()
    assert mime.text() == str(FILM)
    assert mime.urls() == [QUrl.fromLocalFile(str(FILM))]


def test_the_folder_is_shown(card: ResultCard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(card.folder_requested) as asked:
        click(child(card, QPushButton, "Open the folder of the result"))
    assert asked.args == [FILM.parent]


def test_the_card_follows_the_theme(card: ResultCard) -> None:
    before = child(card, FileChip).grab().toImage()
    card.set_theme(LIGHT)
    assert child(card, FileChip).grab().toImage() != before
