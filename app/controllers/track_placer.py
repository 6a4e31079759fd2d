"""Files of music -> clips in the document."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.clip_edits import place_clip, relink_track
from app.clips import MAX_CLIPS, Clip
from app.controllers.clips import ClipsController
from app.document import Document
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.project import Media
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from engine.types import AudioRef


class TrackPlacer(QObject):
    """Reads tracks in a worker, then places them or puts them where one is missing."""

    def __init__(
        self,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        clips: ClipsController,
        cache: Path,
    ) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._clips, self._cache = clips, cache

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

    def relink(self, missing: Path, track: Path) -> None:
        """Have all clips of a track that is missing play another file."""
        media, found = self._document.project.media, track.absolute()
        if media is None:
            return

        def take(sound: AudioRef) -> None:
            if self._document.project.media is media:
                before = self._document.project.clips
                self._document.do(relink_track(missing, found, sound))
                self._tell_found(found, before)

        self._read(found, media, take)

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
        self._document.do(place_clip(track, sound, start_s, lane_id=lane_id))
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
