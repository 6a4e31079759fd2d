"""The Music page: what is asked for, the selected clip in numbers, room for speech."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.clip_edits import (
    change_clip_gain,
    fade_clip,
    find_clip,
    move_clip,
    remove_clip,
    slip_clip,
    trim_clip,
)
from app.clips import MAX_DUCK_DB, Clip
from app.controllers.clips import ClipsController
from app.controllers.ducking import DuckingController
from app.controllers.lanes import lane_spec
from app.controllers.playback import PlaybackController
from app.controllers.track_placer import TrackPlacer
from app.document import Change, Document, Edit
from app.envelope_edits import duck_lane
from app.gain_curves import FadeShape
from app.project import Project
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.music_cards import ClipCard
from widgets.music_view import DuckView, Listening, MusicView
from widgets.pages import Page

AskTrack = Callable[[Path | None], Path | None]
"""Asks for a sound file, given a folder to begin in."""


class MusicController(QObject):
    """Asks for tracks to be placed; shows and changes the selected clip."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        placer: TrackPlacer,
        clips: ClipsController,
        playback: PlaybackController,
        ducking: DuckingController,
        ask_track: AskTrack,
    ) -> None:
        super().__init__()
        self._window, self._panel = window, window.music_panel
        self._document, self._placer = document, placer
        self._clips, self._playback, self._ask_track = clips, playback, ask_track
        self._ducking = ducking
        window.music_requested.connect(self._on_wish)
        window.timeline.track_drop.tracks_dropped.connect(placer.add)
        window.timeline.clip_drag.clip_opened.connect(self._on_opened)
        self._connect_cards()
        clips.selection_changed.connect(self._show)
        ducking.listening_changed.connect(lambda _: self._show())
        document.listen(self._on_change)

    def _connect_cards(self) -> None:
        panel, card = self._panel, self._panel.clip_card
        panel.add_card.add_requested.connect(self._ask)
        panel.placed_card.clip_chosen.connect(self._clips.select)
        panel.placed_card.go_requested.connect(self._go)
        panel.placed_card.find_requested.connect(self._find)
        panel.placed_card.remove_requested.connect(lambda each: self._do(remove_clip(each)))
        panel.duck_card.duck_changed.connect(lambda lane, db: self._do(duck_lane(lane, db)))
        _connect_numbers(card, self._change)

    def _do(self, edit: Edit) -> None:
        self._document.do(edit)

    def _change(self, edit_of: Callable[[Clip], Edit]) -> None:
        clip = self._clips.selected
        if clip is not None:
            self._do(edit_of(clip))
            # A number may have been more than there is.
            self._show()

    def _on_wish(self, command: str) -> None:
        if command == Command.ADD_MUSIC:
            self._ask()

    def _ask(self) -> None:
        media = self._document.project.media
        track = self._ask_track(media.path.parent) if media is not None else None
        if track is not None:
            self._placer.add([track], self._playback.position_s)

    def _on_opened(self, _clip_id: int) -> None:
        self._window.show_page(Page.MUSIC)

    def _go(self, clip_id: int) -> None:
        clip = find_clip(self._document.project, clip_id)
        if clip is not None:
            self._playback.seek(clip.start_s)

    def _find(self, clip_id: int) -> None:
        clip = find_clip(self._document.project, clip_id)
        track = self._ask_track(clip.track.parent) if clip is not None else None
        if clip is not None and track is not None:
            self._placer.relink(clip.track, track)

    def _on_change(self, change: Change) -> None:
        if change.media or change.sounds or change.curves or change.lanes:
            self._show()

    def _show(self) -> None:
        project, clip = self._document.project, self._clips.selected
        self._panel.show_view(
            MusicView(
                has_media=project.media is not None,
                clips=tuple(
                    self._clips.spec(each)
                    for each in sorted(project.clips, key=lambda each: each.start_s)
                ),
                selected=self._clips.spec(clip) if clip is not None else None,
                duck=self._duck_view(project, clip) if clip is not None else None,
            )
        )

    def _duck_view(self, project: Project, clip: Clip) -> DuckView:
        lane = next(lane for lane in project.lanes if lane.lane_id == clip.lane_id)
        listening = Listening.SILENT if project.speech == () else Listening.KNOWN
        if project.speech is None:
            listening = Listening.LISTENING if self._ducking.is_listening else Listening.UNKNOWN
        return DuckView(lane.lane_id, lane_spec(lane).name, lane.duck_db, MAX_DUCK_DB, listening)


def _connect_numbers(card: ClipCard, change: Callable[[Callable[[Clip], Edit]], None]) -> None:
    card.start_edited.connect(lambda at_s: change(lambda clip: move_clip(clip.clip_id, at_s)))
    card.track_start_edited.connect(lambda at_s: change(lambda clip: slip_clip(clip.clip_id, at_s)))
    card.length_edited.connect(
        lambda length_s: change(
            lambda clip: trim_clip(clip.clip_id, "out", clip.start_s + length_s)
        )
    )
    card.gain_edited.connect(
        lambda gain_db: change(lambda clip: change_clip_gain(clip.clip_id, gain_db))
    )
    card.fade_edited.connect(
        lambda end, length_s, shape: change(
            lambda clip: fade_clip(
                clip.clip_id, "in" if end == "in" else "out", length_s, FadeShape(shape)
            )
        )
    )
