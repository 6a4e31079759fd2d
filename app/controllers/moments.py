"""Moments of placed tracks that are dragged into another program."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.document import Document
from app.jobs import Job, JobRunner
from app.messages import Messages
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.music_cards import PlacedCard

if TYPE_CHECKING:
    from app.export.work import Exported


class MomentsController(QObject):
    """Writes what is dragged beside the film: whoever takes it may refer to the file."""

    def __init__(
        self, card: PlacedCard, document: Document, jobs: JobRunner, messages: Messages, cache: Path
    ) -> None:
        super().__init__()
        self._card, self._document, self._jobs = card, document, jobs
        self._messages, self._cache = messages, cache
        self._job: Job | None = None
        card.drag_requested.connect(self._write)

    def _write(self, clip_id: int) -> None:
        project, media = self._document.project, self._document.project.media
        if media is None or all(clip.clip_id != clip_id for clip in project.clips):
            return
        folder, cache = moments_folder(media.path), self._cache

        def work(context: RunContext) -> "Exported":
            from app.export.moment import export_moment
            from engine.media.atomic import make_folder

            make_folder(folder)
            return export_moment(project, clip_id, folder, cache, context)

        if self._job is not None:
            # Only the drag that goes on waits for a file.
            self._job.cancel()
        self._job = job = self._jobs.run_in_thread(tr("Writing a moment"), work)
        job.succeeded.connect(self._on_written)
        job.failed.connect(self._on_failed)

    def _on_written(self, exported: "Exported") -> None:
        self._card.hand_over(exported.paths[0])

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)


def moments_folder(video: Path) -> Path:
    """Where the moments of a film lie."""
    return video.with_name(f"{video.stem} moments")
