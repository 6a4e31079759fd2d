"""Gain over time, drawn over the lanes, and what of it lies under the mouse."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets.lane_view import LaneView
from widgets.lanes import GainAt, LaneSpec
from widgets.theme import Theme
from widgets.time_axis import TimeAxis

TOP_DB = 12.0
FOOT_DB = -36.0
LEAST_DB = -60.0
_REACH_PX = 6
_POINT_PX = 4.0


@dataclass(frozen=True, slots=True)
class GainGrip:
    """A place of an envelope under the mouse.

    Attributes:
        lane_id: Of which lane.
        index: The point there; None between points.
    """

    lane_id: str
    index: int | None


def gain_y(gain_db: float, row: QRect) -> float:
    """At which height of a row a gain is drawn; what is hardly heard is at its foot."""
    share = (TOP_DB - max(gain_db, FOOT_DB)) / (TOP_DB - FOOT_DB)
    return row.top() + share * (row.height() - 1)


def gain_at(y: float, row: QRect) -> float:
    """The gain that a height of a row means, in dB; at its foot the least one that there is."""
    share = (y - row.top()) / (row.height() - 1)
    return LEAST_DB if share >= 1 else min(TOP_DB, TOP_DB - share * (TOP_DB - FOOT_DB))


def gain_between(points: tuple[GainAt, ...], time_s: float) -> float:
    """The gain of an envelope at a time, linear in dB between its points."""
    earlier = [point for point in points if point[0] <= time_s]
    later = [point for point in points if point[0] > time_s]
    if not earlier or not later:
        nearest = (earlier or [(0.0, 0.0)])[-1] if not later else later[0]
        return nearest[1]
    (left_s, left_db), (right_s, right_db) = earlier[-1], later[0]
    return left_db + (right_db - left_db) * (time_s - left_s) / (right_s - left_s)


class EnvelopeLayer(QObject):
    """Lines of gain. What can be grabbed is what was drawn last.

    Signals:
        changed: There is something else to see.
        lanes_changed: There are other lanes, or other points in them.

    Attributes:
        is_on: All lanes show a line that can be changed; else only lanes that have one show it.
    """

    changed = Signal()
    lanes_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_on = False
        self._axis = TimeAxis()
        self._lanes: dict[str, LaneSpec] = {}
        self._rows: dict[str, QRect] = {}

    def switch(self, *, on: bool) -> None:
        """Show the lines of all lanes, or not."""
        self.is_on = on
        self.changed.emit()

    def has(self, lane_id: str) -> bool:
        """Whether a lane is shown."""
        return lane_id in self._rows

    def points(self, lane_id: str) -> tuple[GainAt, ...]:
        """The points of a lane, ascending by time."""
        return self._lanes[lane_id].envelope if lane_id in self._lanes else ()

    def row(self, lane_id: str) -> QRect:
        """Where a lane lies."""
        return self._rows[lane_id]

    def time_at(self, x: float) -> float:
        """The time at a place of the canvas."""
        return self._axis.time_at(x)

    def grip_at(self, place: QPointF) -> GainGrip | None:
        """What of an envelope lies at a place; None where there is nothing to take hold of."""
        if not self.is_on:
            return None
        for lane_id, row in self._rows.items():
            if lane_id in self._lanes and row.contains(place.toPoint()):
                return self._grip_in(lane_id, row, place)
        return None

    def _grip_in(self, lane_id: str, row: QRect, place: QPointF) -> GainGrip | None:
        points = self.points(lane_id)
        for index, (time_s, gain_db) in enumerate(points):
            way = place - QPointF(self._axis.x_at(time_s), gain_y(gain_db, row))
            if way.manhattanLength() <= 2 * _REACH_PX:
                return GainGrip(lane_id, index)
        line_y = gain_y(gain_between(points, self.time_at(place.x())), row)
        return GainGrip(lane_id, None) if abs(place.y() - line_y) <= _REACH_PX / 2 else None

    def show_lanes(self, lanes: tuple[LaneSpec, ...]) -> None:
        """Take the envelopes of these lanes."""
        self._lanes = {lane.lane_id: lane for lane in lanes}
        self._rows = {name: row for name, row in self._rows.items() if name in self._lanes}
        self.lanes_changed.emit()

    def paint(self, painter: QPainter, view: LaneView, lane: LaneSpec, row: QRect) -> None:
        """Draw the lines of a lane.

        Args:
            painter: On the canvas, in logical pixels, clipped to what has to be drawn.
            view: Colours and the visible stretch of time.
            lane: Which lane.
            row: Where it lies.
        """
        self._axis, self._rows[lane.lane_id] = view.axis, row
        if not view.axis.duration_s or not (self.is_on or lane.envelope or lane.ducking):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if lane.ducking:
            pen = QPen(QColor(view.theme.dim), 1, Qt.PenStyle.DotLine)
            _paint_line(painter, view.axis, lane.ducking, row, pen)
        if self.is_on or lane.envelope:
            _paint_line(painter, view.axis, lane.envelope, row, QPen(QColor(view.theme.text), 1))
        if self.is_on:
            _paint_points(painter, view.theme, view.axis, lane.envelope, row)
        painter.restore()


def _paint_line(
    painter: QPainter, axis: TimeAxis, points: tuple[GainAt, ...], row: QRect, pen: QPen
) -> None:
    start_s, end_s = axis.start_s, axis.end_s
    inside = [point for point in points if start_s < point[0] < end_s]
    ends = [(at_s, gain_between(points, at_s)) for at_s in (start_s, end_s)]
    line = [QPointF(axis.x_at(s), gain_y(db, row)) for s, db in (ends[0], *inside, ends[1])]
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(line))


def _paint_points(
    painter: QPainter, theme: Theme, axis: TimeAxis, points: tuple[GainAt, ...], row: QRect
) -> None:
    painter.setPen(QPen(QColor(theme.window), 1))
    painter.setBrush(QColor(theme.text))
    for time_s, gain_db in points:
        if axis.start_s <= time_s <= axis.end_s:
            place = QPointF(axis.x_at(time_s), gain_y(gain_db, row))
            painter.drawEllipse(place, _POINT_PX, _POINT_PX)
