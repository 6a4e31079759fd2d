"""What the last restore did, to be read; what a bug report needs, on the clipboard."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.controllers.restore import RestoreController
from app.controllers.result import ResultController
from app.controllers.shell import engine_words
from app.document import Document
from app.engine_client import EngineClient
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.restore_log import log_lines
from app.settings import SettingsStore
from engine.context import RunContext
from engine.translation import tr
from widgets.progress_card import ProgressCard


@dataclass(frozen=True, slots=True)
class DetailSources:
    """Whom a bug report asks, besides the document.

    Attributes:
        settings: What the user prefers.
        engine: How the engine is.
        restore: What went wrong last.
        result: What was written last.
        cache: Folder of the artifacts.
    """

    settings: SettingsStore
    engine: EngineClient
    restore: RestoreController
    result: ResultController
    cache: Path


class DetailsController(QObject):
    """Answers the two buttons for details of the progress card."""

    def __init__(
        self,
        card: ProgressCard,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        sources: DetailSources,
        show_text: Callable[[str, str], object],
    ) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._sources, self._show_text = sources, show_text
        card.log_requested.connect(self._show_log)
        card.details_requested.connect(self._copy)

    def _copy(self) -> None:
        """Put what a bug report needs on the clipboard, looked up in a thread."""
        project, sources = self._document.project, self._sources
        preferred, written = sources.settings.current, sources.result.written
        engine, problem = engine_words(sources.engine.state), sources.restore.problem

        def work(_: RunContext) -> str:
            # PyAV comes along, which has to wait for the first paint.
            from app.bug_report import Subject, bug_report

            return bug_report(
                Subject(
                    settings=preferred,
                    engine=engine,
                    cache=sources.cache,
                    video=project.media.path if project.media is not None else None,
                    result=project.restore.result if project.restore is not None else None,
                    problem=problem,
                    written=written,
                )
            )

        job = self._jobs.run_in_thread(tr("Collecting details"), work, Awaited.TO_SEE)
        job.succeeded.connect(self._on_collected)
        job.failed.connect(self._messages.error)

    def _show_log(self) -> None:
        restore = self._document.project.restore
        if restore is not None:
            name = restore.result.video.name
            self._show_text(tr("Log of {file}", file=name), "\n".join(log_lines(restore.result)))

    def _on_collected(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._messages.notice(
            tr("The details are on the clipboard."), tr("Paste them into your report.")
        )
