"""Dialogs that are never larger than the screen: what has no room scrolls."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

_FRAME_PX = 40


def room_on_screen(window: QWidget) -> QSize:
    """What a window may take up of its screen, so that the frame that it gets fits as well."""
    return window.screen().availableSize() - QSize(0, _FRAME_PX)


class Sheet(QDialog):
    """As large as what is in it wants, and no larger than the screen."""

    def __init__(self, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)

    def fit(self, room: QSize) -> None:
        """Take up no more than this."""
        wanted, layout = self.size().expandedTo(self.sizeHint()), self.layout()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(min(wanted.width(), room.width()))
            wanted = wanted.expandedTo(QSize(0, height))
        self.resize(wanted.boundedTo(room))

    def showEvent(self, event: QShowEvent) -> None:
        """Fit before a place on the screen is chosen."""
        if not event.spontaneous():
            self.fit(room_on_screen(self.parentWidget() or self))
        super().showEvent(event)


class Scroll(QScrollArea):
    """Wants all the room that its content needs, and scrolls up and down where there is less."""

    def __init__(self, body: QWidget) -> None:
        super().__init__()
        self._body = body
        body.setObjectName("content")
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """All of it."""
        body, width = self._body, self._least_width
        height = body.heightForWidth(width) if body.hasHeightForWidth() else 0
        return body.sizeHint().expandedTo(QSize(width, height)) + QSize(self._bar_px, 0)

    def minimumSizeHint(self) -> QSize:
        """All of its width, and some lines."""
        return QSize(self._least_width + self._bar_px, super().minimumSizeHint().height())

    @property
    def _least_width(self) -> int:
        return max(self._body.minimumWidth(), self._body.minimumSizeHint().width())

    @property
    def _bar_px(self) -> int:
        return self.verticalScrollBar().sizeHint().width()
