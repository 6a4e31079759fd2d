"""Placed music: the mouse and keys -> edits of clips."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.clip_edits import (
    ClipEnd,
    fade_clip,
    move_clip,
    remove_clip,
    slip_clip,
    split_clip,
    trim_clip,
)
from app.controllers.clips import ClipsController
from app.controllers.playback import PlaybackController
from app.document import Document, Edit
from engine.translation import tr
from widgets.accessibility import announce
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.wording import clock

if TYPE_CHECKING:
    from collections.abc import Callable

_STILL_FRAME_S = 1 / 25


class ClipHandsController(QObject):
    """Drags change the clip under the mouse, keys the one that is selected."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        clips: ClipsController,
        playback: PlaybackController,
    ) -> None:
        super().__init__()
        self._timeline, self._document = window.timeline, document
        self._clips, self._playback = clips, playback
        self._wishes: dict[str, Callable[[], None]] = {
            Command.CLIP_BEFORE: lambda: self._step(-1),
            Command.CLIP_BEHIND: lambda: self._step(1),
            Command.NUDGE_BACK: lambda: self._nudge(-1),
            Command.NUDGE_ON: lambda: self._nudge(1),
            Command.TRIM_START: lambda: self._trim("in"),
            Command.TRIM_END: lambda: self._trim("out"),
            Command.SPLIT_CLIP: self._split,
            Command.REMOVE_CLIP: self._remove,
        }
        window.music_requested.connect(self._on_wish)
        window.music_panel.clip_card.split_requested.connect(self._split)
        self._connect_drag()

    def _connect_drag(self) -> None:
        drag = self._timeline.clip_drag
        drag.clip_pressed.connect(self._clips.select)
        drag.moved.connect(self._on_moved)
        drag.trimmed.connect(self._on_trimmed)
        drag.slipped.connect(self._on_slipped)
        drag.faded.connect(self._on_faded)
        drag.given_up.connect(self._on_given_up)

    def _do_dragged(self, edit: Edit) -> None:
        self._document.do(replace(edit, drag_id=self._timeline.drag_id))

    def _on_moved(self, clip_id: int, start_s: float, lane_id: str) -> None:
        self._do_dragged(move_clip(clip_id, start_s, lane_id))

    def _on_trimmed(self, clip_id: int, end: str, time_s: float) -> None:
        self._do_dragged(trim_clip(clip_id, _end(end), time_s))

    def _on_slipped(self, clip_id: int, track_start_s: float) -> None:
        self._do_dragged(slip_clip(clip_id, track_start_s))

    def _on_faded(self, clip_id: int, end: str, duration_s: float) -> None:
        self._do_dragged(fade_clip(clip_id, _end(end), duration_s))

    def _on_given_up(self) -> None:
        self._document.give_up(self._timeline.drag_id)

    def _on_wish(self, command: str) -> None:
        wish = self._wishes.get(command)
        if wish is not None:
            wish()

    def _step(self, way: int) -> None:
        """Select the next clip in the order of the film, and say which one it is."""
        clips = sorted(self._document.project.clips, key=lambda clip: (clip.start_s, clip.clip_id))
        if not clips:
            return
        chosen = self._clips.selected
        outside = -1 if way > 0 else len(clips)
        index = clips.index(chosen) if chosen is not None else outside
        clip = clips[min(max(index + way, 0), len(clips) - 1)]
        self._clips.select(clip.clip_id)
        announce(
            self._timeline,
            tr(
                "{track}, {start} to {end}",
                track=clip.track.stem,
                start=clock(clip.start_s),
                end=clock(clip.end_s),
            ),
        )

    def _nudge(self, frames: int) -> None:
        clip, media = self._clips.selected, self._document.project.media
        if clip is not None and media is not None:
            frame_s = 1 / media.frame_rate_hz if media.has_picture else _STILL_FRAME_S
            start_s = clip.start_s + frames * frame_s
            self._document.do(move_clip(clip.clip_id, start_s))
            announce(self._timeline, tr("begins at {time}", time=clock(start_s)))

    def _trim(self, end: ClipEnd) -> None:
        clip = self._clips.selected
        if clip is not None:
            self._document.do(trim_clip(clip.clip_id, end, self._playback.position_s))

    def _remove(self) -> None:
        clip = self._clips.selected
        if clip is not None:
            self._document.do(remove_clip(clip.clip_id))

    def _split(self) -> None:
        clip = self._clips.selected
        if clip is not None:
            known = {each.clip_id for each in self._document.project.clips}
            self._document.do(split_clip(clip.clip_id, self._playback.position_s))
            for half in self._document.project.clips:
                if half.clip_id not in known:
                    self._clips.select(half.clip_id)


def _end(word: str) -> ClipEnd:
    return "in" if word == "in" else "out"
