"""Gain over time under the mouse: set, move and remove points."""

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from widgets.envelope_layer import EnvelopeLayer, GainGrip, gain_at, gain_between
from widgets.snapping import Snapping


class EnvelopeDrag(QObject):
    """A `widgets.canvas_drags.CanvasDrag`: a press on a line sets a point, a double click removes.

    Signals:
        point_set: lane_id, time in seconds and gain in dB of a new point.
        point_moved: lane_id, index of the point, time and gain.
        point_removed: lane_id and index of the point.
        given_up: All that the drag did is to be taken back; see `Snapping.drag_id`.
    """

    point_set = Signal(str, float, float)
    point_moved = Signal(str, int, float, float)
    point_removed = Signal(str, int)
    given_up = Signal()

    def __init__(self, layer: EnvelopeLayer, snapping: Snapping) -> None:
        super().__init__(layer)
        self._layer, self._snapping = layer, snapping
        self._grip: GainGrip | None = None

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        """Tell points from places where one can be set."""
        grip = self._layer.grip_at(place) if place is not None else None
        if grip is None:
            return None
        is_line = grip.index is None
        return Qt.CursorShape.CrossCursor if is_line else Qt.CursorShape.SizeAllCursor

    def press(self, event: QMouseEvent) -> bool:
        """Take hold of a point; where there is none yet it is set."""
        self._grip = grip = self._layer.grip_at(event.position())
        if grip is None:
            return False
        if event.type() == event.Type.MouseButtonDblClick and grip.index is not None:
            self._grip = None
            self.point_removed.emit(grip.lane_id, grip.index)
        elif grip.index is None:
            self._set(grip.lane_id, self._layer.time_at(event.position().x()))
        return True

    def move(self, event: QMouseEvent) -> None:
        """Have the point be where the mouse is."""
        if self._grip is not None and self._grip.index is not None:
            row = self._layer.row(self._grip.lane_id)
            time_s = self._layer.time_at(event.position().x())
            gain_db = gain_at(event.position().y(), row)
            self.point_moved.emit(self._grip.lane_id, self._grip.index, time_s, gain_db)

    def release(self, event: QMouseEvent) -> None:
        """Leave it there; a mere click moves nothing."""
        event.accept()
        self._end()

    def cancel(self) -> None:
        """Have the envelope back as it was."""
        self.given_up.emit()
        self._end()

    def _end(self) -> None:
        self._grip = None
        self._snapping.let_go()

    def _set(self, lane_id: str, time_s: float) -> None:
        self.point_set.emit(lane_id, time_s, gain_between(self._layer.points(lane_id), time_s))
        times_s = [point[0] for point in self._layer.points(lane_id)]
        if times_s:
            index = min(range(len(times_s)), key=lambda each: abs(times_s[each] - time_s))
            self._grip = GainGrip(lane_id, index)
