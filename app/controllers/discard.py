"""Unfinished work goes only when the user says so."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent

from app.controllers.export import ExportController
from app.controllers.restore import RestoreController
from app.document import Document, Project
from app.jobs import Job
from widgets.main_window import MainWindow

AskDiscard = Callable[[str], bool]
"""Asks the user whether work may go, given what would be lost."""


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
        export: ExportController,
        ask: AskDiscard,
    ) -> None:
        super().__init__()
        self._document, self._restore, self._export, self._ask = document, restore, export, ask
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
        if not reasons or stakes == agreed or self._ask(" ".join(reasons)):
            return stakes
        return None

    def _on_closing(self, event: QCloseEvent) -> None:
        reasons = self._reasons()
        if self._export.job is not None:
            reasons.append("An export is still running.")
        if reasons and not self._ask(" ".join(reasons)):
            event.ignore()

    def _reasons(self) -> list[str]:
        reasons = []
        if self._document.is_edited and self._document.project.media is not None:
            reasons.append("There are changes that are not exported.")
        if self._restore.job is not None:
            reasons.append("A restore is still running.")
        return reasons
