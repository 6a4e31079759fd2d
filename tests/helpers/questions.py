"""A user who answers the program's questions without a mouse."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

LOOK_MS = 10


@contextmanager
def answering(*keys: Qt.Key) -> Iterator[list[str]]:
    """Press these keys in every question that comes up; gives what was asked so far."""
    boxes: list[QMessageBox] = []
    asked: list[str] = []

    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box.isVisible() and box not in boxes:
            boxes.append(box)
            asked.append(box.informativeText())
            for key in keys:
                QTest.keyClick(box.focusWidget() or box, key)

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    yield asked
    timer.stop()
