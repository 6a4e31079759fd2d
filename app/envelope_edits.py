"""Edits of how loud a lane is over time: its envelope, and how it makes room for speech."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from app.clips import MAX_DUCK_DB, MAX_GAIN_DB, MAX_GAIN_POINTS, MIN_GAIN_DB
from app.document import Edit
from app.gain_curves import GainPoint
from app.lane_words import lane_word
from app.project import Lane, Project, change_lane
from engine.translation import tr
from engine.types import Region

_SAME_TIME_S = 0.002
"""No two points of an envelope are nearer to each other."""


def duck_lane(lane_id: str, duck_db: float) -> Edit:
    """Make a lane softer while somebody speaks; a drag is one edit."""
    limited = min(max(duck_db, 0.0), MAX_DUCK_DB)
    return Edit(
        tr("Duck {lane}", lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, duck_db=limited)),
        merge_key=f"duck {lane_id}",
    )


def take_speech(speech: tuple[Region, ...]) -> Edit:
    """Take in where somebody speaks in the mix."""
    return Edit(tr("Find speech"), lambda project: replace(project, heard_speech=speech))


def needs_speech(project: Project) -> bool:
    """Whether a lane is to make room for speech that nobody has looked for."""
    is_ducked = any(lane.duck_db > 0 for lane in project.lanes)
    return project.media is not None and is_ducked and project.speech is None


def set_gain_point(lane_id: str, time_s: float, gain_db: float) -> Edit:
    """Set a point of a lane's envelope; one that stands there already gets this gain."""
    limited = min(max(gain_db, MIN_GAIN_DB), MAX_GAIN_DB)

    def change(lane: Lane) -> Lane:
        others = [p for p in lane.envelope if abs(p.time_s - time_s) >= _SAME_TIME_S]
        if len(others) >= MAX_GAIN_POINTS:
            return lane
        return _enveloped(lane, [*others, GainPoint(max(time_s, 0.0), limited)])

    return _envelope_edit(
        tr("Gain point in {lane}"), lane_id, change, merge_key=f"point at {time_s:.3f}"
    )


def move_gain_point(lane_id: str, index: int, time_s: float, gain_db: float) -> Edit:
    """Move a point of a lane's envelope, between its neighbours; a drag is one edit."""
    limited = min(max(gain_db, MIN_GAIN_DB), MAX_GAIN_DB)

    def change(lane: Lane) -> Lane:
        points = list(lane.envelope)
        if not 0 <= index < len(points):
            return lane
        earliest_s = points[index - 1].time_s + _SAME_TIME_S if index else 0.0
        is_last = index + 1 == len(points)
        latest_s = time_s if is_last else points[index + 1].time_s - _SAME_TIME_S
        points[index] = GainPoint(max(min(time_s, latest_s), earliest_s), limited)
        return _enveloped(lane, points)

    return _envelope_edit(
        tr("Move a gain point of {lane}"), lane_id, change, merge_key=f"point {index}"
    )


def remove_gain_point(lane_id: str, index: int) -> Edit:
    """Take a point of a lane's envelope away."""
    return _envelope_edit(
        tr("Remove a gain point of {lane}"),
        lane_id,
        lambda lane: _enveloped(lane, [p for i, p in enumerate(lane.envelope) if i != index]),
    )


def clear_envelope(lane_id: str) -> Edit:
    """Forget a lane's envelope."""
    return _envelope_edit(
        tr("Forget the envelope of {lane}"), lane_id, lambda lane: _enveloped(lane, [])
    )


def _envelope_edit(
    name: str, lane_id: str, change: Callable[[Lane], Lane], merge_key: str = ""
) -> Edit:
    return Edit(
        name.format(lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, change),
        merge_key=merge_key and f"{merge_key} of {lane_id}",
    )


def _enveloped(lane: Lane, points: Iterable[GainPoint]) -> Lane:
    return replace(lane, envelope=tuple(sorted(points, key=lambda point: point.time_s)))
