"""Gain over time under the mouse: set, move and remove points."""

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from widgets.envelope_layer import EnvelopeLayer, GainGrip, gain_at, gain_between


class EnvelopeDrag(QObject):
    """A `widgets.canvas_drags.CanvasDrag`: a press on a line sets a point, a double click removes.

    Signals:
        point_set: lane_id, time in seconds and gain in dB of a new point. The drag that goes on
            says it again with other numbers: it is that point which is elsewhere.
        point_moved: lane_id, index of the point as it was before the drag, time and gain.
        point_removed: lane_id and index of the point.
        given_up: All that the drag did is to be taken back; see `CanvasDrags.drag_id`.
    """

    point_set = Signal(str, float, float)
    point_moved = Signal(str, int, float, float)
    point_removed = Signal(str, int)
    given_up = Signal()

    def __init__(self, layer: EnvelopeLayer) -> None:
        super().__init__(layer)
        self._layer = layer
        self._grip: GainGrip | None = None
        layer.lanes_changed.connect(self._on_lanes)

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
            time_s = self._layer.time_at(event.position().x())
            gain_db = gain_between(self._layer.points(grip.lane_id), time_s)
            self.point_set.emit(grip.lane_id, time_s, gain_db)
        return True

    def move(self, event: QMouseEvent) -> None:
        """Have the point be where the mouse is."""
        grip = self._grip
        if grip is None:
            return
        time_s = self._layer.time_at(event.position().x())
        gain_db = gain_at(event.position().y(), self._layer.row(grip.lane_id))
        if grip.index is None:
            self.point_set.emit(grip.lane_id, time_s, gain_db)
        else:
            self.point_moved.emit(grip.lane_id, grip.index, time_s, gain_db)

    def release(self, event: QMouseEvent) -> None:
        """Leave it there; a mere click moves nothing."""
        event.accept()
        self._grip = None

    def cancel(self) -> None:
        """Have the envelope back as it was."""
        self.given_up.emit()
        self._grip = None

    def _on_lanes(self) -> None:
        """Let go of a lane that is gone."""
        if self._grip is not None and not self._layer.has(self._grip.lane_id):
            self._grip = None
