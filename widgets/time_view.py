"""The stretch of time that is seen, and all that moves it."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent

from widgets.time_axis import TimeAxis

_PAGE = 0.9
_WHEEL_STEP = 120
_ZOOM_PER_STEP = 1.25


class TimeView(QObject):
    """Holds the axis of the timeline.

    Attributes:
        axis: As it is now.

    Signals:
        changed: TimeAxis, which is another one.
    """

    changed = Signal(TimeAxis)

    def __init__(self) -> None:
        super().__init__()
        self.axis = TimeAxis()

    def show(self, axis: TimeAxis) -> None:
        """Take another axis."""
        if axis != self.axis:
            self.axis = axis
            self.changed.emit(axis)

    def resize(self, width_px: int) -> None:
        """Take another width."""
        self.show(self.axis.resized(width_px))

    def zoom(self, factor: float, anchor_s: float) -> None:
        """Zoom around a time, or the middle when that is out of sight."""
        x = self.axis.x_at(anchor_s)
        inside = 0 <= x < self.axis.width_px
        self.show(self.axis.zoomed(factor, x if inside else self.axis.width_px / 2))

    def turn_page(self, pages: int) -> None:
        """Show what comes after the view; negative shows what comes before."""
        self.pan(pages * _PAGE * self.axis.width_px)

    def pan(self, distance_px: float) -> None:
        """Move the view; positive shows later times."""
        self.show(self.axis.panned(distance_px))

    def turn_wheel(self, event: QWheelEvent) -> None:
        """Pan, or with Ctrl zoom at the cursor; a view of everything leaves the wheel to others."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = _ZOOM_PER_STEP ** (delta.y() / _WHEEL_STEP)
            self.show(self.axis.zoomed(factor, event.position().x()))
        elif self.axis.is_fitted:
            event.ignore()
        else:
            self.pan(-float(delta.x() or delta.y()))
