"""Text to read and to copy."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.text_sheet import TextSheet, show_text


def test_the_text_is_read_and_copied(themed: QApplication, qtbot: QtBot) -> None:
    sheet = TextSheet("Log of a.mp4", "one\ntwo <b>")
    qtbot.addWidget(sheet)
    sheet.show()
    text = child(sheet, QPlainTextEdit)
    assert (text.isReadOnly(), text.toPlainText()) == (True, "one\ntwo <b>")
    click(child(sheet, QPushButton, "Copy the text"))
    assert QApplication.clipboard().text() == "one\ntwo <b>"
    press(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_it_stands_beside_the_window(themed: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    show_text(window, "Log", "one")
    sheet = child(window, TextSheet)
    assert not sheet.isModal()
    sheet.close()
