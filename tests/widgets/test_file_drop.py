"""Only files are taken, and the hint always goes away."""

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.samples import drag_in, drop, file_mime
from widgets.file_drop import FileDrop, dropped_paths


@pytest.fixture
def target(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_links_and_words_are_no_files() -> None:
    mime = QMimeData()
    mime.setText("hello")
    assert dropped_paths(mime) == []
    mime.setUrls([QUrl("https://example.org/a.mp4"), QUrl.fromLocalFile("/a b/ö.mp4")])
    assert [str(path) for path in dropped_paths(mime)] == ["/a b/ö.mp4"]


def test_words_are_refused_and_files_taken(target: QWidget) -> None:
    FileDrop(target)
    words = QMimeData()
    words.setText("hello")
    assert not drag_in(target, words).isAccepted()
    assert drag_in(target, file_mime("/a.mp4")).isAccepted()


def test_a_drag_that_leaves_and_one_that_drops_both_end(target: QWidget) -> None:
    files = FileDrop(target)
    heard: list[str] = []
    files.entered.connect(lambda: heard.append("entered"))
    files.left.connect(lambda: heard.append("left"))
    files.dropped.connect(lambda paths: heard.append(paths[0].name))
    drag_in(target, file_mime("/a.mp4"))
    QApplication.sendEvent(target, QDragLeaveEvent())
    drop(target, file_mime("/a.mp4"))
    assert heard == ["entered", "left", "entered", "left", "a.mp4"]
