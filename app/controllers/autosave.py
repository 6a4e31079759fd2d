"""Unsaved work -> copies, every minute; after a crash the user is asked."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.autosave import Left, Session, left_behind, settle
from app.controllers.media import MediaController
from app.document import Document, Project
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.project_io import read_project
from engine.context import RunContext
from engine.errors import EngineError

EVERY_MS = 60_000

AskRecover = Callable[[str, str], bool]
"""Asks the user whether work is to come back, given its name and when it was left."""


class AutosaveController(QObject):
    """Keeps copies of what is not saved, and brings back what a crash left."""

    def __init__(
        self,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        media: MediaController,
        folder: Path,
        ask: AskRecover,
    ) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._media, self._folder, self._ask = media, folder, ask
        self._session = Session(folder)
        self._copied: Project | None = None
        self._job: Job | None = None
        self._problem = ""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep)
        self._timer.start(EVERY_MS)

    def recover(self) -> bool:
        """Ask about work that was left behind, if there is any.

        Returns:
            Whether it is being opened.
        """
        left = left_behind(self._folder)
        if left is None:
            return False
        if not self._ask(_name(left), _when(left)):
            settle(left)
            return False
        self._media.recover(left.newest, partial(settle, left))
        return True

    def keep(self) -> None:
        """Write a copy in a thread if something has changed since the last one."""
        document, session = self._document, self._session
        has_changes = document.is_edited and document.project.media is not None
        unsaved, file = document.project if has_changes else None, document.file
        if self._job is not None or unsaved is self._copied:
            return
        self._copied = unsaved

        def work(_: RunContext) -> None:
            if unsaved is None:
                session.clear()
            else:
                session.keep(unsaved, file)

        self._job = job = self._jobs.run_in_thread("Keeping a copy", work)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def close(self) -> None:
        """The program ends as it should: nothing has to be brought back."""
        self._timer.stop()
        self._session.clear()

    def _on_failed(self, error: EngineError) -> None:
        self._copied = None
        # Once: it would be said again every minute.
        if error.message != self._problem:
            self._problem = error.message
            self._messages.warn(f"No copy of unsaved work can be kept: {error.message}", error.hint)

    def _on_finished(self) -> None:
        self._job = None


def _name(left: Left) -> str:
    try:
        saved = read_project(left.newest)
    except EngineError:
        return "A project"
    return (saved.file or saved.video).name


def _when(left: Left) -> str:
    moment = datetime.fromtimestamp(left.left_s).astimezone()
    if moment.date() == datetime.now().astimezone().date():
        return f"today at {moment:%H:%M}"
    return f"on {moment:%Y-%m-%d} at {moment:%H:%M}"
