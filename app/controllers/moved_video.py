"""The open video is not where it was any more -> the user says where it is now."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Document, move_video
from app.jobs import JobRunner
from app.messages import Messages
from app.project import Media
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr

AskMoved = Callable[[Path], Path | None]
"""Asks the user where a video is now; None when the user thinks better of it."""


class MovedVideoController(QObject):
    """Asks, makes sure that it is the same video, and goes on with what could not be done."""

    def __init__(
        self,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        cache: Path,
        ask: AskMoved,
    ) -> None:
        super().__init__()
        self._document, self._jobs, self._messages = document, jobs, messages
        self._cache, self._ask = cache, ask

    def find(self, video: Path, go_on: Callable[[], None]) -> None:
        """Ask where a video is now.

        Args:
            video: Where it was.
            go_on: What to do once it is found.
        """
        media, cache = self._document.project.media, self._cache
        self._messages.warn(
            tr("{file} is not there any more.", file=video), tr("Choose where it is now.")
        )
        moved_to = self._ask(video)
        if moved_to is None or media is None:
            return

        def work(context: RunContext) -> Media:
            # PyAV comes along.
            from app.opening import read_moved

            return read_moved(moved_to.absolute(), media, cache, context)

        job = self._jobs.run_in_thread(tr("Reading {file}", file=moved_to.name), work)
        job.succeeded.connect(partial(self._on_found, media, go_on))
        job.failed.connect(self._on_failed)

    def _on_found(self, before: Media, go_on: Callable[[], None], found: Media) -> None:
        if before is self._document.project.media:
            self._document.do(move_video(found))
            go_on()

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)
