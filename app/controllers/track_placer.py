"""Files of music -> clips in the document."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.clip_edits import place_tracks, relink_track
from app.clips import MAX_CLIPS, Clip
from app.controllers.clips import ClipsController
from app.document import Document
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.project import Media
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import ntr, tr
from engine.types import AudioRef

ReadTrack = tuple[Path, AudioRef]
"""A file, and what is in it as it can be placed."""


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
        """Place tracks one behind the other, in their order; those that cannot be read are said.

        Args:
            tracks: Their files.
            start_s: Where in the film the first one begins.
            lane_id: The lane of music that is wanted.
        """
        media, paths = self._document.project.media, [track.absolute() for track in tracks]
        if media is not None and paths:
            self._read(paths, media, partial(self._place, media, start_s, lane_id))

    def relink(self, missing: Path, track: Path) -> None:
        """Have all clips of a track that is missing play another file."""
        media, found = self._document.project.media, track.absolute()
        if media is None:
            return

        def take(read: Sequence[ReadTrack]) -> None:
            if self._document.project.media is media:
                _, sound = read[0]
                before = self._document.project.clips
                self._document.do(relink_track(missing, found, sound))
                self._tell_found(found, before)

        self._read([found], media, take)

    def _read(
        self, tracks: Sequence[Path], media: Media, then: Callable[[Sequence[ReadTrack]], None]
    ) -> None:
        """Read tracks one after the other; `then` gets those that could be read."""
        cache = self._cache

        def work(context: RunContext) -> tuple[list[ReadTrack], list[EngineError]]:
            # PyAV comes along.
            from app.placing import read_track

            read: list[ReadTrack] = []
            errors: list[EngineError] = []
            for track in tracks:
                try:
                    read.append((track, read_track(track, media.mix, cache, context)))
                except EngineError as error:
                    errors.append(error)
            return read, errors

        def take(found: tuple[list[ReadTrack], list[EngineError]]) -> None:
            read, errors = found
            for error in errors:
                self._messages.error(error)
            if read:
                then(read)

        title = tr("Reading {file}", file=tracks[0].name)
        if len(tracks) > 1:
            title = ntr("Reading {count} track", "Reading {count} tracks", len(tracks))
        job = self._jobs.run_in_thread(title, work, Awaited.TO_SEE)
        job.succeeded.connect(take)
        job.failed.connect(self._messages.error)

    def _place(
        self, media: Media, start_s: float, lane_id: str, tracks: Sequence[ReadTrack]
    ) -> None:
        before = self._document.project
        if before.media is not media:
            return
        self._document.do(place_tracks(tracks, start_s, lane_id))
        known = {clip.clip_id for clip in before.clips}
        placed = [clip for clip in self._document.project.clips if clip.clip_id not in known]
        if placed:
            self._clips.select(min(clip.clip_id for clip in placed))
        left = [track.name for track, _ in tracks[len(placed) :]]
        if left:
            self._tell_left(left)

    def _tell_left(self, names: Sequence[str]) -> None:
        """Say which tracks had no place, and why."""
        tracks = ", ".join(names)
        if len(self._document.project.clips) >= MAX_CLIPS:
            self._messages.warn(
                tr(
                    "{track} was not placed: {count} clips are placed already.",
                    track=tracks,
                    count=MAX_CLIPS,
                ),
                tr("Remove one first."),
            )
        else:
            self._messages.warn(
                tr("{track} was not placed: the film ends here.", track=tracks),
                tr("Move the play head back and add it again."),
            )

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
