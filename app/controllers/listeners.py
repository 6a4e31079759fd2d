"""Blind tests of other listeners: their files -> the document -> one table with its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Change, Document
from app.jobs import JobRunner
from app.messages import Messages
from app.review.edits import MAX_LISTENER_FILES, add_listener_file, forget_listener_files
from app.review.listeners import ListenersFile, beside, own_tests, read_listeners
from app.review.pooling import pool, pooled_finding
from app.review.versions import sound_keys
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.review_cards import ListenersCard, ReportCard


class ListenersController(QObject):
    """Reads and verifies the files that the project names, each time it is opened."""

    def __init__(
        self,
        card: ListenersCard,
        report_card: ReportCard,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        ask: Callable[[Path | None], tuple[Path, ...]],
    ) -> None:
        super().__init__()
        self._card, self._document, self._jobs = card, document, jobs
        self._report_card = report_card
        self._messages, self._ask = messages, ask
        # None while it is read, and where it cannot be.
        self._files: dict[Path, ListenersFile | None] = {}
        card.add_requested.connect(self._add)
        report_card.signer_changed.connect(self._show)
        card.clear_requested.connect(lambda: document.do(forget_listener_files()))
        document.listen(self._on_change)

    def _add(self) -> None:
        media = self._document.project.media
        for path in self._ask(media.path.parent if media is not None else None):
            self._read(path.absolute(), self._keep)

    def _read(self, path: Path, take: Callable[[ListenersFile], None]) -> None:
        media = self._document.project.media

        def work(_: RunContext) -> ListenersFile:
            return read_listeners(path)

        def on_read(file: ListenersFile) -> None:
            if self._document.project.media is media:
                take(file)

        job = self._jobs.run_in_thread(tr("Reading {file}", file=path.name), work)
        job.succeeded.connect(on_read)
        job.failed.connect(self._on_failed)

    def _keep(self, file: ListenersFile) -> None:
        """Take in what the user has just chosen."""
        known = self._document.project.listener_files
        if not file.tests:
            self._messages.warn(tr("There are no listening tests in {file}.", file=file.path.name))
        elif len(known) >= MAX_LISTENER_FILES:
            self._messages.warn(
                tr("{count} files of other listeners are there already.", count=len(known)),
                tr("Forget them first."),
            )
        else:
            self._files[file.path] = file
            self._document.do(add_listener_file(file.path))
            self._show()

    def _take(self, file: ListenersFile) -> None:
        self._files[file.path] = file
        self._show()

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._files.clear()
        if change.media or change.listener_files:
            for path in change.after.listener_files:
                if path not in self._files:
                    self._files[path] = None
                    self._read(path, self._take)
        if change.sounds or change.sessions or change.listener_files:
            self._show()

    def _show(self) -> None:
        project = self._document.project
        found = (self._files.get(path) for path in project.listener_files)
        files = [file for file in found if file is not None]
        others = list(beside(files, sound_keys(project))) if files else []
        # Who gave no name is counted as in the report.
        own = own_tests(project, self._report_card.signer) if others else ()
        pooled = pool([*own, *others]) if others else ()
        self._card.show_findings(
            tuple(map(pooled_finding, pooled)), can_forget=bool(project.listener_files)
        )
