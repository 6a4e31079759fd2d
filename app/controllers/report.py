"""Sign and save: the project as it stands -> a signed report."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.controllers.export import written_words
from app.document import Document
from app.jobs import Awaited, Job, JobRunner
from app.messages import Messages
from app.settings import SettingsStore
from engine.catalog import data_folder
from engine.context import RunContext
from engine.errors import EngineError, InputNotFoundError
from engine.translation import tr
from widgets.main_window import MainWindow

if TYPE_CHECKING:
    from app.review.report import Written

SUFFIX = ".report.html"


class ReportController(QObject):
    """Writes one report at a time, in a worker.

    Signals:
        video_missing: Path where the video was, and what to call once it is found.
    """

    video_missing = Signal(object, object)

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        cache: Path,
        ask: Callable[[Path], Path | None],
    ) -> None:
        super().__init__()
        self._card = window.review_panel.report_card
        self._document, self._jobs, self._messages = document, jobs, messages
        self._settings, self._cache, self._ask = settings, cache, ask
        self._job: Job | None = None
        self._card.report_requested.connect(self.save)
        self._card.show_signer(settings.current.signer)

    def save(self, signer: str) -> None:
        """Ask for a name, then write the report as HTML and as PDF beside it."""
        project = self._document.project
        if project.media is None or self._job is not None:
            return
        if project.restore is not None and project.restore.is_preview:
            self._messages.warn(
                tr("A preview is not signed: it is of a few seconds only."),
                tr("Restore the whole film first."),
            )
            return
        video = project.media.path
        output = self._ask(video.with_name(f"{video.stem}{SUFFIX}"))
        if output is None:
            return
        self._settings.change(signer=signer)
        self._write(output, signer)

    def _write(self, output: Path, signer: str) -> None:
        project, cache = self._document.project, self._cache
        if self._job is not None:
            return

        def work(context: RunContext) -> "Written":
            # PyAV comes along.
            from app.review.report import write_report

            return write_report(project, output, signer, (cache, data_folder()), context)

        self._job = job = self._jobs.run_in_thread(
            tr("Report {file}", file=output.name), work, Awaited.TO_KEEP
        )
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(partial(self._on_failed, job, partial(self._write, output, signer)))
        job.finished.connect(self._on_finished)

    def _on_succeeded(self, written: "Written") -> None:
        self._messages.notice(written_words(written.paths), folder=written.paths[0].parent)

    def _on_failed(self, job: Job, again: Callable[[], None], error: EngineError) -> None:
        media = self._document.project.media
        is_missing = isinstance(error, InputNotFoundError)
        if is_missing and media is not None and not media.path.exists():
            # The user is asked when the job is over.
            job.finished.connect(partial(self.video_missing.emit, media.path, again))
        else:
            self._messages.error(error)

    def _on_finished(self) -> None:
        self._job = None
