"""A place in the file system, to be read and copied."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from widgets.accessibility import describe

_LEAST_PX = 120
_FRAME_PX = 16


class PathField(QLineEdit):
    """A path in one line: without the focus its middle is left out where there is no room.

    With the focus all of it is there, for cursor keys, to be marked and to be copied.
    """

    def __init__(self, name: str, path: Path) -> None:
        super().__init__()
        self._path = str(path)
        self.setReadOnly(True)
        self.setProperty("kind", "path")
        self.setToolTip(self._path)
        describe(self, name, self._path)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Room for both ends."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out as much as is needed now."""
        super().resizeEvent(event)
        self._show()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Have all of it there."""
        super().focusInEvent(event)
        self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show both ends again."""
        super().focusOutEvent(event)
        self._show()

    def _show(self) -> None:
        if self.hasFocus():
            if self.text() != self._path:
                self.setText(self._path)
            return
        room, middle = max(self.width() - _FRAME_PX, 0), Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._path, middle, room))
        self.setCursorPosition(0)
