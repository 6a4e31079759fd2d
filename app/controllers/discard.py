"""Unfinished work goes only when the user says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent

from app.controllers.awaited import AwaitedController
from app.controllers.project import ProjectController
from app.controllers.queue import QueueController
from app.controllers.restore import RestoreController
from app.document import Document
from app.jobs import Job
from app.project import Project
from engine.translation import ntr, tr
from widgets.main_window import MainWindow
from widgets.questions import Unfinished


class AskUnfinished(Protocol):
    """Asks the user what is to become of work, given what would be lost."""

    def __call__(self, reasons: str, *, can_save: bool) -> Unfinished:
        """Ask; `can_save` offers to save it first."""


@dataclass(frozen=True, slots=True)
class Stakes:
    """What another video would take the place of.

    Attributes:
        project: What is worked on.
        restore: The restore that runs.
    """

    project: Project
    restore: Job | None


class DiscardController(QObject):
    """Asks before another video is opened or the window closes."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        restore: RestoreController,
        awaited: AwaitedController,
        queue: QueueController,
        project: ProjectController,
        ask: AskUnfinished,
        is_testing: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._is_testing = is_testing
        self._document, self._restore, self._awaited = document, restore, awaited
        self._queue, self._project, self._ask = queue, project, ask
        window.closing.connect(self._on_closing)

    def agree(self, agreed: Stakes | None = None) -> Stakes | None:
        """Have the user agree that another video takes the place of what is open.

        Args:
            agreed: What the user has agreed to before; the same is not asked about twice.

        Returns:
            What may go; None when the user wants to keep it.
        """
        # Read before the question: work may come in while it stands.
        stakes = Stakes(self._document.project, self._restore.job)
        reasons = self._reasons()
        return stakes if stakes == agreed or self._may_go(reasons) else None

    def _on_closing(self, event: QCloseEvent) -> None:
        reasons = self._reasons()
        others = (job for job in self._awaited.at_stake if job is not self._restore.job)
        reasons += [tr("{job} is still running.", job=job.title) for job in others]
        if self._queue.is_busy:
            reasons.append(_queue_words(self._queue.queue.num_left))
        if not self._may_go(reasons):
            event.ignore()

    def _may_go(self, reasons: list[str]) -> bool:
        if not reasons:
            return True
        answer = self._ask(" ".join(reasons), can_save=self._has_changes)
        if answer is Unfinished.SAVE:
            return self._project.save()
        return answer is Unfinished.DISCARD

    @property
    def _has_changes(self) -> bool:
        return self._document.is_edited and self._document.project.media is not None

    def _reasons(self) -> list[str]:
        reasons = []
        if self._has_changes:
            reasons.append(tr("There are changes that are neither saved nor exported."))
        if self._restore.job is not None:
            reasons.append(tr("A restore is still running."))
        if self._is_testing():
            reasons.append(tr("A blind test goes on; its answers are kept only when it is over."))
        return reasons


def _queue_words(num_left: int) -> str:
    return ntr(
        "One video of the queue is not restored yet, and the queue is not kept.",
        "{count} videos of the queue are not restored yet, and the queue is not kept.",
        num_left,
    )
