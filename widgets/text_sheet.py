"""Plain text to read and to copy: the log of a restore."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.cards import row
from widgets.sheet import Sheet
from widgets.styling import button

_SIZE_PX = (620, 420)


class TextSheet(Sheet):
    """A window with text; Esc closes it."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.resize(*_SIZE_PX)
        self._text = QPlainTextEdit(text)
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        # Keys move a cursor through it, so that it can be read and marked without a mouse.
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        describe(self._text, title)
        copy = button(
            tr("Copy"), "main", tr("Copy the text"), tr("Put all of it on the clipboard.")
        )
        copy.clicked.connect(self._copy)
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self._text)
        column.addLayout(row(copy, close, stretch_after=0))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        announce(self, tr("Copied"))


def show_text(parent: QWidget, title: str, text: str) -> None:
    """Show text until it is closed; the window behind stays usable."""
    sheet = TextSheet(title, text, parent)
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    sheet.show()
