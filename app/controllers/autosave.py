"""Unsaved work -> copies, soon and then every minute; after a crash the user is asked."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.autosave import Left, Session, left_behind, settle
from app.controllers.media import MediaController
from app.document import Change, Document
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.project import Project
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.questions import Recovery

EVERY_MS = 60_000
SOON_MS = 5_000
"""After the first change of which there is no copy at all."""

AskRecover = Callable[[str, str], Recovery]
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
        self._asked: Left | None = None
        self._kept: tuple[Left, Recovery] | None = None
        self._recovered: Left | None = None
        self._is_closed = False
        self._problem = ""
        document.listen(self._on_change)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.keep)
        self._timer.start(EVERY_MS)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.keep)

    def recover(self) -> bool:
        """Ask about work that was left behind, if there is any.

        Returns:
            Whether it is being opened.
        """
        left = self._asked = left_behind(self._folder)
        if left is None:
            return False
        answer = self._ask(_name(left), _when(left))
        if answer is Recovery.BRING_BACK:
            self._media.recover(left.newest, partial(self._on_recovered, left))
            return True
        if answer is Recovery.START_EMPTY:
            settle(left)
        self._kept = left, answer
        return False

    def tell_kept(self) -> None:
        """Say where the work lies that did not come back."""
        if self._kept is None:
            return
        (left, answer), self._kept = self._kept, None
        if answer is Recovery.START_EMPTY:
            words = tr(
                "The work on {name} was left behind; copies are kept for a while.", name=_name(left)
            )
        else:
            words = tr("At the next start you are asked about {name} again.", name=_name(left))
        self._messages.notice(
            words, tr("The copies are in {folder}.", folder=left.folder), left.folder
        )

    def keep(self) -> None:
        """Write a copy in a thread if something has changed since the last one."""
        session, unsaved, file = self._session, self._unsaved, self._document.file
        if self._is_closed or self._job is not None or unsaved is self._copied:
            return

        def work(_: RunContext) -> None:
            if unsaved is None:
                session.clear()
            else:
                session.keep(unsaved, file)

        self._job = job = self._jobs.run_in_thread(tr("Keeping a copy"), work, is_prompt=True)
        job.succeeded.connect(partial(self._on_copied, unsaved))
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def close(self) -> None:
        """The program ends as it should: nothing has to be brought back."""
        self._timer.stop()
        self._soon.stop()
        self._is_closed = True
        self._session.close()
        if self._asked is not None:
            # What was not brought back after all may be asked about once more.
            self._asked.held.close()

    @property
    def _unsaved(self) -> Project | None:
        """The project, if there is anything of it that no file holds."""
        project = self._document.project
        return project if self._document.is_edited and project.media is not None else None

    def _on_change(self, _: Change) -> None:
        # At once: a copy that is older than what was saved must not come back.
        if self._unsaved is None:
            self._soon.stop()
            self.keep()
        elif self._copied is None and not self._is_closed and not self._soon.isActive():
            self._soon.start(SOON_MS)

    def _on_recovered(self, left: Left) -> None:
        """Ask about it again until there is a copy of this session's own."""
        self._recovered = left
        self.keep()

    def _on_copied(self, copied: Project | None, _: object) -> None:
        self._copied = copied
        left, self._recovered = self._recovered, None
        if left is not None:
            settle(left)

    def _on_failed(self, error: EngineError) -> None:
        # Once: it would be said again every minute.
        if error.message != self._problem:
            self._problem = error.message
            self._messages.warn(
                tr("No copy of unsaved work can be kept: {message}", message=error.message),
                error.hint,
            )

    def _on_finished(self) -> None:
        self._job = None
        if self._unsaved is None:
            self.keep()


def _name(left: Left) -> str:
    return (left.saved.file or left.saved.video).name


def _when(left: Left) -> str:
    moment = datetime.fromtimestamp(left.left_s).astimezone()
    if moment.date() == datetime.now().astimezone().date():
        return tr("today at {time}", time=f"{moment:%H:%M}")
    return tr("on {date} at {time}", date=f"{moment:%Y-%m-%d}", time=f"{moment:%H:%M}")
