"""A video that was opened -> the tracks of the user's library that sound in it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.document import Change, Document
from app.jobs import Job, JobRunner
from app.messages import Messages
from engine.errors import EngineError
from engine.library.database import has_library, library_folder
from engine.remarks import all_in_words
from engine.translation import tr
from engine.types import BgmMatch, IdentifyRequest, IdentifyResult
from engine.urgency import Urgency


class LibrarySearch(QObject):
    """Has the engine look through the library behind everything else it does.

    Attributes:
        matches: Where tracks sound in the video that is open.

    Signals:
        changed: `matches` or `is_running` are others.
    """

    changed = Signal()

    def __init__(self, document: Document, jobs: JobRunner, messages: Messages) -> None:
        super().__init__()
        self.matches: tuple[BgmMatch, ...] = ()
        self._jobs, self._messages = jobs, messages
        self._job: Job | None = None
        self._said: set[str] = set()
        document.listen(self._on_change)

    @property
    def is_running(self) -> bool:
        """Whether there may be more to come."""
        return self._job is not None

    @property
    def is_worth_saying(self) -> bool:
        """Whether the user, who has a library, is to hear of it."""
        return self.is_running and has_library(library_folder())

    @property
    def tracks(self) -> tuple[Path, ...]:
        """The files of the tracks, each once."""
        return tuple(dict.fromkeys(match.track for match in self.matches))

    def _on_change(self, change: Change) -> None:
        if not change.media:
            return
        job, self._job, self.matches = self._job, None, ()
        if job is not None:
            job.cancel()
        media = change.after.media
        if media is not None and media.has_sound:
            self._job = job = self._jobs.submit(
                tr("Looking through the library"), Urgency.BACKGROUND, IdentifyRequest(media.path)
            )
            job.succeeded.connect(self._on_succeeded)
            job.failed.connect(self._on_failed)
        self.changed.emit()

    def _on_succeeded(self, result: IdentifyResult) -> None:
        self._job, self.matches = None, result.matches
        news = [warning for warning in result.warnings if warning not in self._said]
        self._said.update(news)
        if news:
            self._messages.warn(" ".join(all_in_words(tuple(news))))
        self.changed.emit()

    def _on_failed(self, error: EngineError) -> None:
        self._job = None
        self._messages.warn(
            tr("The library was not searched: {message}", message=error.message), error.hint
        )
        self.changed.emit()
