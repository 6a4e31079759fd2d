"""One line for errors and notices, with what to do about them."""

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.icons import icon
from widgets.styling import button, label, restyle
from widgets.theme import Theme


class MessageKind(StrEnum):
    """How serious a message is."""

    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


_WORDS = {
    MessageKind.NOTICE: tr("Notice"),
    MessageKind.WARNING: tr("Warning"),
    MessageKind.ERROR: tr("Error"),
}


class MessageBar(QFrame):
    """Shows one message at a time, hidden when there is none; a newer one replaces an older one.

    Signals:
        dismissed: The user closed the message.
        height_changed: Pixels that it covers now; 0 while it is hidden.
        folder_requested: pathlib.Path of the folder that the user wants to see.
    """

    dismissed = Signal()
    height_changed = Signal(int)
    folder_requested = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kind = MessageKind.NOTICE
        self._symbol = QLabel()
        self._text = label("", "strong", wrap=True)
        self._hint = label("", "dim", wrap=True)
        self._folder = Path()
        self._open = button(
            tr("Open folder"), description=tr("Show the folder with what was written.")
        )
        self._open.clicked.connect(lambda: self.folder_requested.emit(self._folder))
        self._close = button("", "tool", tr("Dismiss the message"), tr("Dismiss the message (Esc)"))
        self._close.clicked.connect(self.dismiss)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(words, 1)
        layout.addWidget(self._open)
        layout.addWidget(self._close)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self._close.setIcon(icon("close", theme.text))
        self._show_symbol()

    def show_message(
        self, kind: MessageKind, text: str, hint: str = "", folder: Path | None = None
    ) -> None:
        """Show a message and announce it to screen readers.

        Args:
            kind: How serious it is.
            text: What happened.
            hint: What to do about it.
            folder: Where what was written lies, to be opened.
        """
        self._kind = kind
        self._folder = folder or Path()
        self._open.setVisible(folder is not None)
        self._text.setText(f"{_WORDS[kind]}: {text}")
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        restyle(self, "state", kind.value)
        self._show_symbol()
        describe(self, f"{_WORDS[kind]}: {text}", hint)
        self.show()
        announce(self, f"{_WORDS[kind]}: {text} {hint}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell what is covered."""
        super().resizeEvent(event)
        self._tell_height()

    def showEvent(self, event: QShowEvent) -> None:
        """See `resizeEvent`."""
        super().showEvent(event)
        self._tell_height()

    def hideEvent(self, event: QHideEvent) -> None:
        """See `resizeEvent`."""
        super().hideEvent(event)
        self.height_changed.emit(0)

    def _tell_height(self) -> None:
        if self.isVisible():
            self.height_changed.emit(self.height())

    def clear(self) -> None:
        """Hide the message."""
        self.hide()

    def dismiss(self) -> None:
        """Do what a click on the cross does."""
        if self.isVisible():
            self.clear()
            self.dismissed.emit()

    def _show_symbol(self) -> None:
        colors = {
            MessageKind.NOTICE: self._theme.accent,
            MessageKind.WARNING: self._theme.warn,
            MessageKind.ERROR: self._theme.bad,
        }
        self._symbol.setPixmap(icon(self._kind.value, colors[self._kind]).pixmap(20, 20))
