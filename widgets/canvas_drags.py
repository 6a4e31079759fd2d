"""Who owns a drag on the canvas: what can be dragged there is asked before the canvas itself."""

from collections.abc import Sequence
from itertools import count
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

_PRESSES = QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick
_KEYS = QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress
_ENDS = QEvent.Type.Hide, QEvent.Type.WindowDeactivate
_NUMBERS = count(1)


def new_drag_id() -> int:
    """The number of a drag; no other one has it, and later ones have higher ones. Never 0."""
    return next(_NUMBERS)


class CanvasDrag(Protocol):
    """Knows one kind of thing that can be dragged on the canvas. Places are in its pixels."""

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        """Show what can be dragged at a place; None when the mouse is elsewhere.

        Returns:
            The cursor there; None where there is nothing of this kind.
        """

    def press(self, event: QMouseEvent) -> bool:
        """Take a press of the left button, also the second one of a double click, or leave it."""

    def move(self, event: QMouseEvent) -> None:
        """Follow the mouse; only after a press that was taken."""

    def release(self, event: QMouseEvent) -> None:
        """Let go."""

    def cancel(self) -> None:
        """Let go and be as before the press; asked for by Escape or Undo."""


class CanvasDrags(QObject):
    """Gives each press on a canvas to the first of its drags that takes it, or to the canvas.

    While one of them has the mouse the canvas hears nothing of it, and Escape cancels the drag; so
    does the key of Undo, which would take a step back that the next movement made again.

    Signals:
        ended: A drag is over, and whoever had the mouse has done what it had to.

    Attributes:
        drag_id: Number of the drag that goes on, or was last.
    """

    ended = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.drag_id = new_drag_id()
        self._canvas = canvas
        self._kinds: list[CanvasDrag] = []
        self._last: list[CanvasDrag] = []
        self._owner: CanvasDrag | None = None
        self._has_mouse = False
        self._keyboard: QWidget | None = None
        canvas.installEventFilter(self)

    def add(self, *kinds: CanvasDrag) -> None:
        """Ask these as well, after those that are known."""
        self._kinds += kinds

    def add_last(self, *kinds: CanvasDrag) -> None:
        """Ask these where nothing else takes a press, whatever comes to be known."""
        self._last += kinds

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep from the canvas what belongs to a drag."""
        if isinstance(event, QKeyEvent):
            return event.type() in _KEYS and self._on_key(event)
        if watched is not self._canvas:
            return False
        if isinstance(event, QMouseEvent):
            return self._on_mouse(event)
        if event.type() == QEvent.Type.Leave:
            _hover(self._all, None)
        elif event.type() in _ENDS:
            self._cancel()
        return False

    @property
    def _all(self) -> list[CanvasDrag]:
        return self._kinds + self._last

    def _on_mouse(self, event: QMouseEvent) -> bool:
        if event.type() in _PRESSES:
            return self._has_mouse or self._on_press(event)
        if event.type() == QEvent.Type.MouseButtonRelease:
            return self._on_release(event)
        if not self._has_mouse and not event.buttons():
            shape = _hover(self._all, event.position())
            self._canvas.setCursor(Qt.CursorShape.ArrowCursor if shape is None else shape)
        elif self._owner is not None:
            self._owner.move(event)
        return self._has_mouse

    def _on_press(self, event: QMouseEvent) -> bool:
        if event.button() == Qt.MouseButton.LeftButton:
            self.drag_id = new_drag_id()
            self._owner = next((kind for kind in self._all if kind.press(event)), None)
        self._has_mouse = self._owner is not None
        if self._has_mouse:
            # Keys go to whatever has the focus, not to what the mouse is over.
            self._keyboard = QApplication.focusWidget() or self._canvas.window()
            self._keyboard.installEventFilter(self)
        return self._has_mouse

    def _on_release(self, event: QMouseEvent) -> bool:
        had_mouse = self._has_mouse
        if event.button() == Qt.MouseButton.LeftButton:
            owner = self._let_go()
            self._has_mouse = False
            if owner is not None:
                owner.release(event)
                self.ended.emit()
        return had_mouse

    def _on_key(self, event: QKeyEvent) -> bool:
        gives_up = event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Undo)
        if self._owner is None or not gives_up:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self._cancel()
        return True

    def _cancel(self) -> None:
        """Give the drag up; until the button is released the mouse still does nothing else."""
        owner = self._let_go()
        if owner is not None:
            owner.cancel()
            self.ended.emit()

    def _let_go(self) -> CanvasDrag | None:
        owner, self._owner = self._owner, None
        keyboard, self._keyboard = self._keyboard, None
        if keyboard is not None and keyboard is not self._canvas:
            keyboard.removeEventFilter(self)
        return owner


def _hover(kinds: Sequence[CanvasDrag], place: QPointF | None) -> Qt.CursorShape | None:
    """The cursor of the first kind that has something there; the others are told to show none."""
    found = None
    for kind in kinds:
        shape = kind.hover(place if found is None else None)
        found = shape if found is None else found
    return found
