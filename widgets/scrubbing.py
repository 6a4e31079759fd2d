"""Scrubbing over the lanes: where nothing else takes a press the play head follows the mouse."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from widgets.ruler import Ruler
from widgets.time_view import TimeView

DRAG_PX = 3
"""A click is exact: only a drag holds on to anything."""


class Scrubbing(QObject):
    """A `CanvasDrag` that takes every press.

    Signals:
        seek_requested: Time in seconds that the user pointed at.
    """

    seek_requested = Signal(float)

    def __init__(self, view: TimeView, ruler: Ruler, position_s: Callable[[], float]) -> None:
        super().__init__()
        self._view, self._ruler, self._position_s = view, ruler, position_s
        self._pressed_x: float | None = None
        self._before_s = 0.0

    def hover(self, _place: QPointF | None) -> Qt.CursorShape | None:
        """Nothing to show."""
        return None

    def press(self, event: QMouseEvent) -> bool:
        """Go there."""
        self._pressed_x, self._before_s = event.position().x(), self._position_s()
        self.seek_requested.emit(self._view.axis.time_at(self._pressed_x))
        return True

    def move(self, event: QMouseEvent) -> None:
        """Scrub; what the ruler holds on to is held on to here as well."""
        x = event.position().x()
        if self._pressed_x is None or abs(x - self._pressed_x) >= DRAG_PX:
            self._pressed_x = None
            self.seek_requested.emit(self._ruler.snapped(x, event.modifiers(), None))

    def release(self, _event: QMouseEvent) -> None:
        """Stay there."""
        self._ruler.snapping.let_go()

    def cancel(self) -> None:
        """Go back to where the play head was."""
        self._ruler.snapping.let_go()
        self.seek_requested.emit(self._before_s)
