"""What is marked in time, as the timeline shows it, and what of it lies under the mouse."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.types import Region
from widgets.snapping import SnapPoint
from widgets.time_axis import TimeAxis

GRIP_PX = 5
MARKER_HALF_PX = 5


@dataclass(frozen=True, slots=True)
class MarkerSpec:
    """A marker.

    Attributes:
        marker_id: Name in every signal.
        time_s: Where it stands.
        text: What the user calls it.
    """

    marker_id: int
    time_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Marks:
    """All that is marked.

    Attributes:
        selection: From the in point to the out point; None is all.
        markers: In the order of their times.
    """

    selection: Region | None = None
    markers: tuple[MarkerSpec, ...] = ()

    def markers_in(self, axis: TimeAxis) -> tuple[MarkerSpec, ...]:
        """The markers of which anything can be seen."""
        margin_s = MARKER_HALF_PX / axis.px_per_s
        first_s, last_s = axis.start_s - margin_s, axis.end_s + margin_s
        return tuple(marker for marker in self.markers if first_s <= marker.time_s <= last_s)


@dataclass(frozen=True, slots=True)
class SelectionEdge:
    """One end of the selection, to be dragged.

    Attributes:
        other_s: Where the other end stays.
    """

    other_s: float


Grip = MarkerSpec | SelectionEdge


def grip_at(x: float, axis: TimeAxis, marks: Marks) -> Grip | None:
    """What can be dragged at a place, the nearest first; None where there is nothing."""
    grips: list[tuple[float, Grip]] = [(marker.time_s, marker) for marker in marks.markers]
    if marks.selection is not None:
        start_s, end_s = marks.selection.start_s, marks.selection.end_s
        grips += (start_s, SelectionEdge(end_s)), (end_s, SelectionEdge(start_s))
    near = [(abs(axis.x_at(time_s) - x), grip) for time_s, grip in grips]
    distance_px, grip = min(near, key=lambda pair: pair[0], default=(GRIP_PX + 1.0, None))
    return grip if distance_px <= GRIP_PX else None


def snap_points(marks: Marks, position_s: float, dragged: object | None) -> Iterator[SnapPoint]:
    """What a drag may hold on to of marks and play head, but not itself.

    Args:
        marks: All marks.
        position_s: Where the play head is.
        dragged: What is dragged; None for the play head.
    """
    for marker in marks.markers:
        if not (isinstance(dragged, MarkerSpec) and dragged.marker_id == marker.marker_id):
            yield SnapPoint(marker.time_s, marker.text)
    if marks.selection is not None and not isinstance(dragged, SelectionEdge):
        yield SnapPoint(marks.selection.start_s, "In point")
        yield SnapPoint(marks.selection.end_s, "Out point")
    if dragged is not None:
        yield SnapPoint(position_s, "Play head")
