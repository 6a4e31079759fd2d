"""The Music page: files -> clips, the selected clip in numbers, room for speech."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.clip_edits import (
    change_clip_gain,
    fade_clip,
    find_clip,
    move_clip,
    place_clip,
    relink_track,
    remove_clip,
    slip_clip,
    trim_clip,
)
from app.clips import MAX_CLIPS, Clip
from app.controllers.clips import ClipsController
from app.controllers.lanes import lane_spec
from app.controllers.playback import PlaybackController
from app.document import Change, Document, Edit
from app.envelope_edits import duck_lane
from app.gain_curves import FadeShape
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.project import Media, Project
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from engine.types import AudioRef
from widgets.actions import Command
from widgets.main_window import MainWindow
from widgets.music_cards import ClipCard
from widgets.music_view import DuckView, Listening, MusicView
from widgets.pages import Page

AskTrack = Callable[[Path | None], Path | None]
"""Asks for a sound file, given a folder to begin in."""


class MusicController(QObject):
    """Reads tracks in a worker and places them; shows and changes the selected clip."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        clips: ClipsController,
        playback: PlaybackController,
        cache: Path,
        ask_track: AskTrack,
    ) -> None:
        super().__init__()
        self._window, self._panel = window, window.music_panel
        self._document, self._jobs, self._messages = document, jobs, messages
        self._clips, self._playback = clips, playback
        self._cache, self._ask_track = cache, ask_track
        self._is_listening = False
        window.music_requested.connect(self._on_wish)
        window.timeline.track_drop.tracks_dropped.connect(self._on_dropped)
        window.timeline.clip_drag.clip_opened.connect(self._on_opened)
        self._connect_cards()
        clips.selection_changed.connect(self._show)
        document.listen(self._on_change)

    def show_listening(self, is_listening: object) -> None:
        """Show whether speech is being looked for."""
        self._is_listening = bool(is_listening)
        self._show()

    def add(self, tracks: Iterable[Path], start_s: float, lane_id: str = "") -> None:
        """Place tracks one behind the other.

        Args:
            tracks: Their files.
            start_s: Where in the film the first one begins.
            lane_id: The lane of music that is wanted.
        """
        media = self._document.project.media
        if media is None:
            return
        for track in tracks:
            if len(self._document.project.clips) >= MAX_CLIPS:
                self._messages.warn(
                    tr("{count} clips are placed already.", count=MAX_CLIPS),
                    tr("Remove one first."),
                )
                return
            then = partial(self._place, media, track.absolute(), start_s, lane_id)
            self._read(track.absolute(), media, then)

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
            self.add([track], self._playback.position_s)

    def _on_dropped(self, tracks: list[Path], time_s: float, lane_id: str) -> None:
        self.add(tracks, time_s, lane_id)

    def _on_opened(self, _clip_id: int) -> None:
        self._window.show_page(Page.MUSIC)

    def _read(self, track: Path, media: Media, then: Callable[[AudioRef], None]) -> None:
        cache = self._cache

        def work(context: RunContext) -> AudioRef:
            # PyAV comes along.
            from app.placing import read_track

            return read_track(track, media.mix, cache, context)

        job = self._jobs.run_in_thread(tr("Reading {file}", file=track.name), work, Awaited.TO_SEE)
        job.succeeded.connect(then)
        job.failed.connect(self._on_failed)

    def _place(
        self, media: Media, track: Path, start_s: float, lane_id: str, sound: AudioRef
    ) -> None:
        before = self._document.project
        if before.media is not media:
            return
        self._do(place_clip(track, sound, start_s, lane_id=lane_id))
        placed = [clip for clip in self._document.project.clips if clip not in before.clips]
        if placed:
            self._clips.select(placed[0].clip_id)
        else:
            self._messages.warn(
                tr("{track} was not placed: the film ends here.", track=track.name),
                tr("Move the play head back and add it again."),
            )

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)

    def _go(self, clip_id: int) -> None:
        clip = find_clip(self._document.project, clip_id)
        if clip is not None:
            self._playback.seek(clip.start_s)

    def _find(self, clip_id: int) -> None:
        clip, media = find_clip(self._document.project, clip_id), self._document.project.media
        track = self._ask_track(clip.track.parent) if clip is not None else None
        if clip is None or media is None or track is None:
            return
        missing, found = clip.track, track.absolute()

        def take(sound: AudioRef) -> None:
            if self._document.project.media is media:
                before = self._document.project.clips
                self._do(relink_track(missing, found, sound))
                self._tell_found(found, before)

        self._read(found, media, take)

    def _tell_found(self, track: Path, before: tuple[Clip, ...]) -> None:
        """Say that a track is heard again, and whether its clips had to change for it."""
        stretches = {clip.clip_id: (clip.track_start_s, clip.duration_s) for clip in before}
        is_cut = any(
            stretches[clip.clip_id] != (clip.track_start_s, clip.duration_s)
            for clip in self._document.project.clips
        )
        words = tr("{file} is heard again.", file=track.name)
        if is_cut:
            self._messages.warn(words, tr("It is shorter than before: its clips were fitted."))
        else:
            self._messages.notice(words)

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
            listening = Listening.LISTENING if self._is_listening else Listening.UNKNOWN
        return DuckView(lane.lane_id, lane_spec(lane).name, lane.duck_db, listening)


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
