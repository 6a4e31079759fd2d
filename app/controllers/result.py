"""What came of the work -> the Result card, the log and the details of a bug report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from app.controllers.export import ExportController
from app.controllers.restore import RestoreController
from app.controllers.shell import engine_words
from app.document import Change, Document
from app.engine_client import EngineClient
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.restore_log import log_lines
from app.settings import SettingsStore
from engine.context import RunContext
from engine.translation import tr
from widgets.restore_panel import RestorePanel
from widgets.result_card import ResultView

if TYPE_CHECKING:
    from app.export.work import Exported


class ResultController(QObject):
    """Shows the last export of the video that is open, and what the last restore did."""

    def __init__(
        self,
        panel: RestorePanel,
        document: Document,
        restore: RestoreController,
        export: ExportController,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        engine: EngineClient,
        cache: Path,
        show_text: Callable[[str, str], object],
    ) -> None:
        super().__init__()
        self._panel = panel
        self._card, self._document, self._restore = panel.result_card, document, restore
        self._jobs, self._messages, self._settings = jobs, messages, settings
        self._engine, self._cache, self._show_text = engine, cache, show_text
        self._written: tuple[Path, ...] = ()
        panel.progress_card.log_requested.connect(self._show_log)
        panel.progress_card.details_requested.connect(self.copy_details)
        export.exported.connect(self._on_exported)
        document.listen(self._on_change)

    def copy_details(self) -> None:
        """Put what a bug report needs on the clipboard, looked up in a thread."""
        project, preferred, cache = self._document.project, self._settings.current, self._cache
        engine, problem, written = (
            engine_words(self._engine.state),
            self._restore.problem,
            self._written,
        )

        def work(_: RunContext) -> str:
            # PyAV comes along, which has to wait for the first paint.
            from app.bug_report import Subject, bug_report

            return bug_report(
                Subject(
                    settings=preferred,
                    engine=engine,
                    cache=cache,
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

    def _on_exported(self, exported: "Exported") -> None:
        if exported.project.media is self._document.project.media:
            self._show(exported.paths)
            self._panel.reveal(self._card)

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._show(())

    def _show(self, paths: tuple[Path, ...]) -> None:
        self._written = paths
        words = tr("Drag it into another program, or find it in its folder.")
        self._card.show_view(ResultView(paths, words))
