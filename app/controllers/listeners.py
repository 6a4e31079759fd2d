"""Blind tests of other listeners: their files -> one table with the project's own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Change, Document
from app.jobs import JobRunner
from app.messages import Messages
from app.review.listeners import ListenersFile, read_listeners
from app.review.pooling import HeardTest, pool, pooled_finding
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.review_cards import ListenersCard


class ListenersController(QObject):
    """Keeps what was read until another video is opened; nothing of it goes into the project."""

    def __init__(
        self,
        card: ListenersCard,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        ask: Callable[[Path | None], tuple[Path, ...]],
    ) -> None:
        super().__init__()
        self._card, self._document, self._jobs = card, document, jobs
        self._messages, self._ask = messages, ask
        self._files: dict[Path, ListenersFile] = {}
        card.add_requested.connect(self._add)
        card.clear_requested.connect(self._clear)
        document.listen(self._on_change)

    def _add(self) -> None:
        media = self._document.project.media
        for path in self._ask(media.path.parent if media is not None else None):
            self._read(path.absolute())

    def _read(self, path: Path) -> None:
        def work(_: RunContext) -> ListenersFile:
            return read_listeners(path)

        job = self._jobs.run_in_thread(tr("Reading {file}", file=path.name), work)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)

    def _on_read(self, file: ListenersFile) -> None:
        if not file.tests:
            self._messages.warn(tr("There are no listening tests in {file}.", file=file.path.name))
            return
        self._files[file.path] = file
        self._show()

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)

    def _clear(self) -> None:
        self._files.clear()
        self._show()

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._files.clear()
        if change.media or change.sessions:
            self._show()

    def _show(self) -> None:
        own = self._own() if self._files else []
        others = [test for file in self._files.values() for test in file.tests]
        self._card.show_findings(tuple(pooled_finding(each) for each in pool([*own, *others])))

    def _own(self) -> list[HeardTest]:
        project = self._document.project
        film = project.media.path.name if project.media is not None else ""
        return [HeardTest(each, film, each.plan.listener) for each in project.sessions]
