"""Edits of what is marked in time: in and out points, markers."""

from collections.abc import Callable
from dataclasses import replace

from app.document import Edit
from app.project import Marker, Project
from engine.translation import tr
from engine.types import Region

_LEAST_S = 0.01
"""In and out points are at least so far apart."""

_SAME_PLACE_S = 0.0005
"""The play head rests between two samples: so near is at a marker."""


def set_in(time_s: float) -> Edit:
    """Begin the selection here; it ends where it did, if that is still behind."""

    def apply(project: Project) -> Project:
        end_s = project.selection.end_s if project.selection is not None else 0.0
        if end_s < time_s + _LEAST_S:
            end_s = _duration_s(project)
        return _selected(project, time_s, end_s)

    return Edit(tr("Set the in point"), apply, merge_key="in")


def set_out(time_s: float) -> Edit:
    """End the selection here; it begins where it did, if that is still before."""

    def apply(project: Project) -> Project:
        start_s = project.selection.start_s if project.selection is not None else 0.0
        if start_s > time_s - _LEAST_S:
            start_s = 0.0
        return _selected(project, start_s, time_s)

    return Edit(tr("Set the out point"), apply, merge_key="out")


def select(start_s: float, end_s: float, drag_id: int = 0) -> Edit:
    """Mark a stretch; a drag is one edit."""
    ordered = min(start_s, end_s), max(start_s, end_s)
    return Edit(
        tr("Select"),
        lambda project: _selected(project, *ordered),
        merge_key="select",
        drag_id=drag_id,
    )


def clear_selection() -> Edit:
    """Forget in and out point."""
    return Edit(tr("Forget in and out"), lambda project: replace(project, selection=None))


def add_marker(time_s: float, text: str = "") -> Edit:
    """Set a marker; where one stands already nothing changes.

    Args:
        time_s: Where.
        text: What it says; a number when empty.
    """

    def apply(project: Project) -> Project:
        markers = project.markers
        if any(abs(marker.time_s - time_s) < _SAME_PLACE_S for marker in markers):
            return project
        number = max((marker.marker_id for marker in markers), default=0) + 1
        return _marked(
            project,
            *markers,
            Marker(number, time_s, text or tr("Marker {number}", number=number)),
        )

    return Edit(tr("Set a marker"), apply)


def remove_marker(marker_id: int) -> Edit:
    """Take a marker away."""

    def apply(project: Project) -> Project:
        return _marked(project, *(m for m in project.markers if m.marker_id != marker_id))

    return Edit(tr("Remove the marker"), apply)


def move_marker(marker_id: int, time_s: float, drag_id: int = 0) -> Edit:
    """Have a marker stand elsewhere; a drag is one edit."""
    return Edit(
        tr("Move the marker"),
        lambda project: _changed(project, marker_id, lambda m: replace(m, time_s=time_s)),
        merge_key=f"marker {marker_id}",
        drag_id=drag_id,
    )


def rename_marker(marker_id: int, text: str) -> Edit:
    """Call a marker something."""
    return Edit(
        tr("Rename the marker"),
        lambda project: _changed(project, marker_id, lambda m: replace(m, text=text)),
    )


def nearest_marker(project: Project, time_s: float) -> Marker | None:
    """The marker that is nearest to a time."""
    return min(project.markers, key=lambda marker: abs(marker.time_s - time_s), default=None)


def marker_before(project: Project, time_s: float) -> Marker | None:
    """The last marker before a time."""
    return max(
        (marker for marker in project.markers if marker.time_s < time_s - _SAME_PLACE_S),
        key=lambda marker: marker.time_s,
        default=None,
    )


def marker_behind(project: Project, time_s: float) -> Marker | None:
    """The first marker behind a time."""
    later = (marker for marker in project.markers if marker.time_s > time_s + _SAME_PLACE_S)
    return next(later, None)


def _changed(project: Project, marker_id: int, change: Callable[[Marker], Marker]) -> Project:
    return _marked(
        project, *(change(m) if m.marker_id == marker_id else m for m in project.markers)
    )


def _marked(project: Project, *markers: Marker) -> Project:
    duration_s = _duration_s(project)
    inside = (replace(m, time_s=min(max(m.time_s, 0.0), duration_s)) for m in markers)
    return replace(project, markers=tuple(sorted(inside, key=lambda marker: marker.time_s)))


def _selected(project: Project, start_s: float, end_s: float) -> Project:
    """The project with a selection within the sound; the same if that would be nothing."""
    start_s, end_s = max(start_s, 0.0), min(end_s, _duration_s(project))
    if end_s - start_s < _LEAST_S:
        return project
    return replace(project, selection=Region(start_s, end_s))


def _duration_s(project: Project) -> float:
    return project.media.mix.duration_s if project.media is not None else 0.0
