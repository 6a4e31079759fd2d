"""Gain over time: the mouse and keys on the timeline -> edits."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.controllers.playback import PlaybackController
from app.document import Document, Edit
from app.envelope_edits import move_gain_point, remove_gain_point, set_gain_point
from app.gain_curves import GainPoint, envelope_gain_db
from app.project import Lane
from engine.translation import tr
from widgets.accessibility import announce
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.wording import clock

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_DB = 1.0


class EnvelopesController(QObject):
    """Keys act on the current lane, at the play head."""

    def __init__(
        self, window: MainWindow, document: Document, playback: PlaybackController
    ) -> None:
        super().__init__()
        self._timeline, self._document, self._playback = window.timeline, document, playback
        self._wishes: dict[str, Callable[[Lane], None]] = {
            Command.GAIN_POINT: self._set_here,
            Command.GAIN_POINT_UP: lambda lane: self._change_nearest(lane, _STEP_DB),
            Command.GAIN_POINT_DOWN: lambda lane: self._change_nearest(lane, -_STEP_DB),
            Command.REMOVE_GAIN_POINT: self._remove_nearest,
        }
        window.music_requested.connect(self._on_wish)
        drag = window.timeline.envelope_drag
        drag.point_set.connect(self._on_set)
        drag.point_moved.connect(self._on_moved)
        drag.point_removed.connect(self._on_removed)
        drag.given_up.connect(self._on_given_up)

    def _do_dragged(self, edit: Edit) -> None:
        self._document.do(replace(edit, drag_id=self._timeline.drag_id))

    def _on_set(self, lane_id: str, time_s: float, gain_db: float) -> None:
        self._do_dragged(set_gain_point(lane_id, time_s, gain_db))

    def _on_moved(self, lane_id: str, index: int, time_s: float, gain_db: float) -> None:
        self._do_dragged(move_gain_point(lane_id, index, time_s, gain_db))

    def _on_removed(self, lane_id: str, index: int) -> None:
        self._document.do(remove_gain_point(lane_id, index))

    def _on_given_up(self) -> None:
        self._document.give_up(self._timeline.drag_id)

    def _on_wish(self, command: str) -> None:
        wish, current = self._wishes.get(command), self._timeline.headers.current_lane
        lanes = {lane.lane_id: lane for lane in self._document.project.lanes}
        if wish is not None and current in lanes:
            wish(lanes[current])

    def _set_here(self, lane: Lane) -> None:
        here_s = self._playback.position_s
        gain_db = envelope_gain_db(lane.envelope, here_s)
        self._document.do(set_gain_point(lane.lane_id, here_s, gain_db))
        self._tell(GainPoint(here_s, gain_db))

    def _change_nearest(self, lane: Lane, step_db: float) -> None:
        index = self._nearest(lane)
        if index is not None:
            point = lane.envelope[index]
            changed = replace(point, gain_db=point.gain_db + step_db)
            self._document.do(move_gain_point(lane.lane_id, index, changed.time_s, changed.gain_db))
            self._tell(changed)

    def _remove_nearest(self, lane: Lane) -> None:
        index = self._nearest(lane)
        if index is not None:
            self._document.do(remove_gain_point(lane.lane_id, index))

    def _nearest(self, lane: Lane) -> int | None:
        here_s, points = self._playback.position_s, lane.envelope
        indices = range(len(points))
        return min(indices, key=lambda each: abs(points[each].time_s - here_s), default=None)

    def _tell(self, point: GainPoint) -> None:
        announce(
            self._timeline,
            tr("{gain_db:+.1f} dB at {time}", gain_db=point.gain_db, time=clock(point.time_s)),
        )
