"""Dragging the edges of the marked stretches of a lane."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.types import Region
from widgets.lane_canvas import LaneCanvas
from widgets.lanes import LaneSpec
from widgets.marks import GRIP_PX
from widgets.ruler import Ruler
from widgets.scrubbing import DRAG_PX
from widgets.snapping import SnapPoint
from widgets.theme import Theme
from widgets.time_axis import TimeAxis
from widgets.time_view import TimeView

_HANDLE_PX = 3


@dataclass(frozen=True, slots=True)
class RegionEdge:
    """One end of a stretch.

    Attributes:
        region: The stretch.
        is_start: It is where the stretch begins.
    """

    region: Region
    is_start: bool

    @property
    def time_s(self) -> float:
        """Where it is."""
        return self.region.start_s if self.is_start else self.region.end_s

    def moved(self, time_s: float) -> Region:
        """The stretch with this end elsewhere, but not beyond the other one."""
        if self.is_start:
            return replace(self.region, start_s=min(time_s, self.region.end_s))
        return replace(self.region, end_s=max(time_s, self.region.start_s))


def edge_at(x: float, axis: TimeAxis, regions: Sequence[Region]) -> RegionEdge | None:
    """The edge that can be dragged at a place, the nearest first; of two at one place by the side.

    Args:
        x: The place, in logical pixels from the left edge.
        axis: The visible stretch of time.
        regions: In order, not overlapping.
    """
    reach_s = (GRIP_PX + 1) / axis.px_per_s
    time_s = axis.start_s + x / axis.px_per_s
    first = bisect_left(regions, time_s - reach_s, key=lambda region: region.end_s)
    last = bisect_right(regions, time_s + reach_s, key=lambda region: region.start_s)
    edges = (
        RegionEdge(each, is_start) for each in regions[first:last] for is_start in (True, False)
    )
    near = [
        (abs(axis.x_at(edge.time_s) - x), (x >= axis.x_at(edge.time_s)) == edge.is_start, edge)
        for edge in edges
    ]
    distance_px, _, edge = min(near, key=lambda each: each[:2], default=(GRIP_PX + 1.0, True, None))
    return edge if distance_px <= GRIP_PX else None


def edge_points(name: str, regions: Sequence[Region]) -> list[SnapPoint]:
    """What drags may hold on to of the stretches of a lane with that name."""
    edges_s = [edge_s for region in regions for edge_s in (region.start_s, region.end_s)]
    return [SnapPoint(edge_s, f"Edge in {name}") for edge_s in edges_s]


class RegionDrag(QObject):
    """A `CanvasDrag` for the stretches of one lane.

    While an edge is dragged only the lane shows it; the wish comes when it is let go.

    Signals:
        edge_dragged: `RegionEdge` as it was, and the time where it is wanted.
        seek_requested: Time of an edge that was clicked.

    Attributes:
        lane_id: The lane.
        is_allowed: Whether edges can be dragged at all.
    """

    edge_dragged = Signal(RegionEdge, float)
    seek_requested = Signal(float)

    def __init__(
        self, lane_id: str, canvas: LaneCanvas, view: TimeView, ruler: Ruler, theme: Theme
    ) -> None:
        super().__init__()
        self.is_allowed = False
        self.lane_id = self._name = lane_id
        self._canvas, self._view, self._ruler = canvas, view, ruler
        self._row: int | None = None
        self._regions: tuple[Region, ...] = ()
        self._held: RegionEdge | None = None
        self._pressed_x: float | None = None
        self._wanted_s: float | None = None
        self._handle = EdgeHandle(canvas, theme)
        view.changed.connect(self._handle.hide)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._handle.set_theme(theme)

    def set_lanes(self, lanes: Sequence[LaneSpec]) -> None:
        """Look for the lane among these."""
        rows = {lane.lane_id: index for index, lane in enumerate(lanes)}
        self._row = rows.get(self.lane_id)
        self._name = next((lane.name for lane in lanes if lane.lane_id == self.lane_id), "")
        self._handle.hide()

    def set_regions(self, regions: tuple[Region, ...]) -> None:
        """Take other stretches; a drag of one that is gone is over."""
        self._regions = regions
        if self._held is not None and self._held.region not in regions:
            self._let_go()
        self._handle.hide()

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        """Show a handle on the edge that can be dragged."""
        edge = self._edge_at(place) if place is not None else None
        if edge is None:
            self._handle.hide()
            return None
        self._show_handle(edge.time_s)
        return Qt.CursorShape.SizeHorCursor

    def press(self, event: QMouseEvent) -> bool:
        """Take hold of an edge."""
        self._held = held = self._edge_at(event.position())
        if held is None:
            return False
        self._pressed_x, self._wanted_s = event.position().x(), None
        self._show_handle(held.time_s)
        # Nothing holds on to itself.
        others = [region for region in self._regions if region != held.region]
        self._set_points(edge_points(self._name, others))
        return True

    def move(self, event: QMouseEvent) -> None:
        """Show where the edge would be."""
        held, x = self._held, event.position().x()
        if held is None or (self._pressed_x is not None and abs(x - self._pressed_x) < DRAG_PX):
            return
        self._pressed_x = None
        time_s = self._ruler.snapped(x, event.modifiers(), held)
        moved = held.moved(time_s)
        self._wanted_s = moved.start_s if held.is_start else moved.end_s
        shown = tuple(moved if region == held.region else region for region in self._regions)
        self._canvas.set_regions(self.lane_id, shown)
        self._show_handle(self._wanted_s)

    def release(self, _event: QMouseEvent) -> None:
        """Wish that the edge is where it was dragged to; a click goes to it."""
        held, wanted_s = self._held, self._wanted_s
        self._let_go()
        if held is not None and wanted_s is not None:
            self.edge_dragged.emit(held, wanted_s)
        elif held is not None:
            self.seek_requested.emit(held.time_s)

    def cancel(self) -> None:
        """Leave it where it was."""
        self._let_go()

    def _let_go(self) -> None:
        self._held = self._wanted_s = self._pressed_x = None
        self._ruler.snapping.let_go()
        self._set_points(edge_points(self._name, self._regions))
        self._canvas.set_regions(self.lane_id, self._regions)
        self._handle.hide()

    def _set_points(self, points: list[SnapPoint]) -> None:
        self._ruler.snapping.set_points(points_of(self.lane_id), points)

    def _edge_at(self, place: QPointF) -> RegionEdge | None:
        row = self._row_rect()
        if not self.is_allowed or row is None or not row.contains(place.toPoint()):
            return None
        return edge_at(place.x(), self._view.axis, self._regions)

    def _row_rect(self) -> QRect | None:
        if self._row is None:
            return None
        return self._canvas.rows.row(self._row, self._canvas.width())

    def _show_handle(self, time_s: float) -> None:
        row = self._row_rect()
        if row is not None:
            self._handle.show_at(round(self._view.axis.x_at(time_s)), row)


class EdgeHandle(QWidget):
    """A bar over an edge that can be dragged; the mouse goes through it."""

    def __init__(self, canvas: QWidget, theme: Theme) -> None:
        super().__init__(canvas)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def show_at(self, x: int, row: QRect) -> None:
        """Stand over a place of a row."""
        self.setGeometry(x - _HANDLE_PX // 2, row.top(), _HANDLE_PX, row.height())
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        QPainter(self).fillRect(event.rect(), QColor(self._theme.accent))


def points_of(lane_id: str) -> str:
    """What the edges in a lane are called among all that drags hold on to."""
    return f"regions of {lane_id}"
