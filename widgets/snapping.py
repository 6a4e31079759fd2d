"""Times that drags hold on to: which one is near enough, as pure geometry, and what knows them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.translation import tr
from widgets.time_axis import TimeAxis

REACH_PX = 8
"""From so near a drag is drawn to a time."""


@dataclass(frozen=True, slots=True)
class SnapPoint:
    """A time to hold on to.

    Attributes:
        time_s: Where it is.
        name: What the user reads beside the guide.
    """

    time_s: float
    name: str


def nearest_point(points: Sequence[SnapPoint], time_s: float) -> SnapPoint | None:
    """The point nearest to a time, of two equally near the earlier; `points` are sorted by time."""
    index = bisect_left(points, time_s, key=_time_s)
    around = points[max(index - 1, 0) : index + 1]
    return min(around, key=lambda point: abs(point.time_s - time_s), default=None)


def snap(
    x: float, axis: TimeAxis, fixed: Sequence[SnapPoint], others: Iterable[SnapPoint] = ()
) -> SnapPoint | None:
    """The nearest point within `REACH_PX` of a place; None if there is none.

    Args:
        x: The place, in logical pixels from the left edge.
        axis: The visible stretch of time.
        fixed: Points sorted by time, may be thousands.
        others: A few more, in any order.
    """
    fixed_one = nearest_point(fixed, axis.start_s + x / axis.px_per_s)
    candidates = [*others, *([fixed_one] if fixed_one is not None else [])]
    near = [(abs(axis.x_at(point.time_s) - x), point) for point in candidates]
    distance_px, point = min(near, key=lambda pair: pair[0], default=(REACH_PX + 1.0, None))
    return point if distance_px <= REACH_PX else None


class Snapping(QObject):
    """Whether drags hold on to points, and to which.

    Attributes:
        is_on: Drags snap, unless the user turns that around for the moment.
        guide: What the drag that goes on holds on to; None for nothing.
        marks: What is marked, for drags in the lanes; those on the ruler know it themselves.
        position_s: Where the play head is, for the same.

    Signals:
        guide_changed: `guide` is another one.
    """

    guide_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_on = True
        self.guide: SnapPoint | None = None
        self.marks: tuple[SnapPoint, ...] = ()
        self.position_s = 0.0
        self._groups: dict[str, tuple[SnapPoint, ...]] = {}
        self._sorted: tuple[SnapPoint, ...] | None = None

    def set_points(self, group: str, points: Iterable[SnapPoint]) -> None:
        """Take the points of one kind in the place of those that were known."""
        self._groups[group] = tuple(points)
        self._sorted = None

    def snapped(
        self, x: float, axis: TimeAxis, others: Iterable[SnapPoint], *, is_turned: bool
    ) -> float:
        """The time that a drag at a place means.

        Args:
            x: The place.
            axis: The visible stretch of time.
            others: Points that move by themselves, without the one that is dragged.
            is_turned: The user wants it the other way around for now.
        """
        point = snap(x, axis, self.points(), others) if self.is_on is not is_turned else None
        self._show(point)
        return point.time_s if point is not None else axis.time_at(x)

    def snapped_shift(
        self,
        way_s: float,
        anchors_s: Sequence[float],
        axis: TimeAxis,
        *,
        is_turned: bool,
    ) -> float:
        """How far a drag moves something of which several times may hold on to points.

        Args:
            way_s: How far the mouse went.
            anchors_s: The times that may hold on, where they were before the drag.
            axis: The visible stretch of time.
            is_turned: The user wants it the other way around for now.
        """
        if self.is_on is is_turned:
            self._show(None)
            return way_s
        moving = (*self.marks, SnapPoint(self.position_s, tr("Play head")))
        fixed = self.points()
        found = (
            (point.time_s - anchor_s, point)
            for anchor_s in anchors_s
            if (point := snap(axis.x_at(anchor_s + way_s), axis, fixed, moving)) is not None
        )
        nearest = min(found, key=lambda pair: abs(pair[0] - way_s), default=None)
        self._show(nearest[1] if nearest is not None else None)
        return nearest[0] if nearest is not None else way_s

    def let_go(self) -> None:
        """The drag is over."""
        self._show(None)

    def points(self) -> tuple[SnapPoint, ...]:
        """The points that are known, by time."""
        if self._sorted is None:
            everything = (point for points in self._groups.values() for point in points)
            self._sorted = tuple(sorted(everything, key=_time_s))
        return self._sorted

    def _show(self, point: SnapPoint | None) -> None:
        if point != self.guide:
            self.guide = point
            self.guide_changed.emit()


def _time_s(point: SnapPoint) -> float:
    return point.time_s
