"""Music that is placed -> when its beats are, for whoever puts something on them."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Change, Document
from app.jobs import Job, JobRunner
from app.project import Project
from engine.errors import EngineError
from engine.translation import tr
from engine.types import BeatsRequest, BeatsResult
from engine.urgency import Urgency


class BeatsController(QObject):
    """Has the engine listen to each track that has a clip, behind everything else it does.

    Signals:
        beats_found: Of which track, and its beats in seconds of the track, ascending; none of what
            keeps no time.
    """

    beats_found = Signal(object, object)

    def __init__(self, document: Document, jobs: JobRunner) -> None:
        super().__init__()
        self._jobs = jobs
        self._found: dict[Path, tuple[float, ...]] = {}
        self._running: dict[Path, Job] = {}
        self._given_up: set[Path] = set()
        document.listen(self._on_change)

    def beats_of(self, track: Path) -> tuple[float, ...]:
        """The beats of a track in its own time; none as long as they are not known."""
        return self._found.get(track, ())

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._forget()
        if not change.media and not change.clips:
            return
        wanted = _tracks(change.after)
        for track in tuple(self._running.keys() - wanted):
            self._running.pop(track).cancel()
        for track in wanted - self._found.keys() - self._running.keys() - self._given_up:
            self._listen_to(track)

    def _forget(self) -> None:
        for job in self._running.values():
            job.cancel()
        self._running, self._found, self._given_up = {}, {}, set()

    def _listen_to(self, track: Path) -> None:
        title = tr("Looking for the beats of {track}", track=track.name)
        job = self._jobs.submit(title, Urgency.BACKGROUND, BeatsRequest(track))
        self._running[track] = job
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(partial(self._on_failed, track))

    def _on_succeeded(self, result: BeatsResult) -> None:
        self._running.pop(result.track, None)
        self._found[result.track] = result.beats_s
        self.beats_found.emit(result.track, result.beats_s)

    def _on_failed(self, track: Path, _: EngineError) -> None:
        self._running.pop(track, None)
        # It is in the log: nobody asked for them, and everything else works without.
        self._given_up.add(track)


def _tracks(project: Project) -> set[Path]:
    """The files that clips play; of those that are missing nothing can be heard."""
    return {clip.track for clip in project.clips if clip.sound is not None}
