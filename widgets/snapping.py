"""Times that drags hold on to: which one is near enough, as pure geometry, and what knows them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

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
        drag_id: Number of the drag that goes on, or of the next one; never 0.

    Signals:
        guide_changed: `guide` is another one.
    """

    guide_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_on = True
        self.guide: SnapPoint | None = None
        self.drag_id = 1
        self._groups: dict[str, tuple[SnapPoint, ...]] = {}
        self._fixed: tuple[SnapPoint, ...] = ()

    def set_points(self, group: str, points: Iterable[SnapPoint]) -> None:
        """Take the points of one kind in the place of those that were known."""
        self._groups[group] = tuple(points)
        everything = (point for known in self._groups.values() for point in known)
        self._fixed = tuple(sorted(everything, key=_time_s))

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
        point = snap(x, axis, self._fixed, others) if self.is_on is not is_turned else None
        self._show(point)
        return point.time_s if point is not None else axis.time_at(x)

    def let_go(self) -> None:
        """The drag is over."""
        self.drag_id += 1
        self._show(None)

    def _show(self, point: SnapPoint | None) -> None:
        if point != self.guide:
            self.guide = point
            self.guide_changed.emit()


def _time_s(point: SnapPoint) -> float:
    return point.time_s
