"""The installed Qt binding keeps count of None: one release did not, and aborted."""

import sys

from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication


def test_void_calls_keep_the_count_of_none(qapp: QApplication) -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.drawLine(0, 0, 7, 7)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 100
