"""Music that is placed -> a word where the sound of the film is less than its own."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Change, Document
from app.jobs import JobRunner
from app.messages import Messages
from app.project import Media, Project
from engine.context import RunContext
from engine.translation import ntr, tr


class TrackFormats(QObject):
    """Says once of each track that is placed what the film cannot hold of it.

    Tracks of a project that is opened were placed before, and nothing is said of them.
    """

    def __init__(self, document: Document, jobs: JobRunner, messages: Messages) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._known: set[Path] = set()
        document.listen(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._known = set(_tracks(change.after))
        elif change.clips and change.after.media is not None:
            fresh = [track for track in _tracks(change.after) if track not in self._known]
            self._known.update(fresh)
            if fresh:
                self._look_at(fresh, change.after.media)

    def _look_at(self, tracks: Sequence[Path], media: Media) -> None:
        def work(_: RunContext) -> list[str]:
            # PyAV comes along.
            from app.placing import exceeds

            return [track.name for track in tracks if exceeds(track, media.mix)]

        job = self._jobs.run_in_thread(tr("Looking at placed music"), work, is_prompt=True)
        job.succeeded.connect(partial(self._tell, media))

    def _tell(self, media: Media, names: Sequence[str]) -> None:
        if not names or self._document.project.media is not media:
            return
        mix = media.mix
        channels = ntr("{count} channel", "{count} channels", mix.channels)
        self._messages.notice(
            tr("{names} has more than the sound of this film can hold.", names=", ".join(names)),
            tr(
                "Here, and in what is exported, it is heard as the film is: {rate} Hz, {channels}.",
                rate=mix.sample_rate_hz,
                channels=channels,
            ),
        )


def _tracks(project: Project) -> list[Path]:
    return list(dict.fromkeys(clip.track for clip in project.clips if clip.sound is not None))
