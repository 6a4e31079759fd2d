"""Other films and sounds to compare with: files -> the document."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Document
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.project import Media, Rival
from app.review.edits import MAX_RIVALS, add_rival, remove_rival
from app.sounds import rival_of
from engine.context import RunContext
from engine.translation import tr
from widgets.compare_card import CompareCard


class RivalsController(QObject):
    """Reads what the user wants to compare with."""

    def __init__(
        self,
        card: CompareCard,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        cache: Path,
        ask: Callable[[Path | None], Path | None],
    ) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._cache, self._ask = cache, ask
        card.add_requested.connect(self._add)
        card.remove_requested.connect(self._remove)

    def _add(self) -> None:
        media, cache = self._document.project.media, self._cache
        if len(self._document.project.rivals) >= MAX_RIVALS:
            self._messages.warn(
                tr("{count} files are compared already.", count=MAX_RIVALS),
                tr("Remove one first."),
            )
            return
        path = self._ask(media.path.parent) if media is not None else None
        if media is None or path is None:
            return

        def work(context: RunContext) -> Rival:
            # PyAV comes along.
            from app.review.rivals import read_rival

            return read_rival(path.absolute(), media.mix.sample_rate_hz, cache, context)

        job = self._jobs.run_in_thread(tr("Reading {file}", file=path.name), work, Awaited.TO_SEE)
        job.succeeded.connect(partial(self._on_read, media))
        job.failed.connect(self._on_failed)

    def _on_read(self, media: Media, rival: Rival) -> None:
        if media is self._document.project.media:
            self._document.do(add_rival(rival))

    def _on_failed(self, error: Exception) -> None:
        self._messages.error(error)

    def _remove(self, version_id: str) -> None:
        rival = rival_of(self._document.project, version_id)
        if rival is not None:
            self._document.do(remove_rival(rival.path))
