"""Small helpers that tie widgets to the style sheet."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QSizePolicy, QWidget

from widgets.accessibility import describe
from widgets.wording import unbroken

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet selects by, and have the style look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class WrappingLabel(QLabel):
    """A label of several lines that takes the room there is; numbers stay with their units."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._words = ""
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show other words."""
        self._words = text
        super().setText(unbroken(text))

    def text(self) -> str:
        """The words as they were set."""
        return self._words


def label(text: str = "", kind: str = "", *, wrap: bool = False) -> QLabel:
    """Make a label; its kind (title, strong, dim, tag ...) chooses the look.

    Words never widen the window: a wrapping label takes the room there is.
    """
    result = WrappingLabel(text) if wrap else QLabel(text)
    result.setProperty("kind", kind)
    result.setTextFormat(Qt.TextFormat.PlainText)
    return result


class DialogButton(QPushButton):
    """A button that Enter presses in a dialog while it has the keyboard.

    Qt would have Enter press the first one from anywhere; here only what was made the default.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it."""
        if event.key() in _ENTER and isinstance(self.window(), QDialog):
            self.click()
        else:
            super().keyPressEvent(event)


def button(text: str, kind: str = "quiet", name: str = "", description: str = "") -> QPushButton:
    """Make a button that Tab reaches and a click does not focus, so that Space stays with playing.

    Args:
        text: What it shows, may be empty for an icon.
        kind: quiet, main (the one accent button of a card) or tool.
        name: What a screen reader says; the text when empty.
        description: One sentence more, also the tool tip.
    """
    result = DialogButton(text)
    result.setProperty("kind", kind)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.setToolTip(description)
    describe(result, name or text, description)
    return result


def discard(widget: QWidget) -> None:
    """Take a widget out of the window now, and let it go when nobody is in it any more."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def chain_tab_order(widgets: list[QWidget]) -> None:
    """Make Tab go through widgets in this order."""
    for first, second in pairwise(widgets):
        QWidget.setTabOrder(first, second)
