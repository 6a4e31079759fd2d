"""Listens to jobs in tests."""

import threading

from PySide6.QtCore import QObject

from app.jobs import Job
from engine.context import Progress
from engine.errors import EngineError


class JobEar(QObject):
    """Hears all that a job says, and in which thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.heard: list[str] = []
        self.progress: list[Progress] = []
        self.result: object = None
        self.error: EngineError | None = None
        self.threads: set[int] = set()
        job.started.connect(self._on_started)
        job.progressed.connect(self._on_progressed)
        job.pause_changed.connect(self._on_pause_changed)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.finished.connect(self._on_finished)

    @property
    def is_done(self) -> bool:
        """Whether the job said that it is over."""
        return "finished" in self.heard

    def _hear(self, word: str) -> None:
        self.heard.append(word)
        self.threads.add(threading.get_ident())

    def _on_started(self) -> None:
        self._hear("started")

    def _on_progressed(self, progress: Progress) -> None:
        if not self.progress:
            self._hear("progressed")
        self.progress.append(progress)

    def _on_pause_changed(self) -> None:
        self._hear("paused" if self.job.is_paused else "resumed")

    def _on_succeeded(self, result: object) -> None:
        self.result = result
        self._hear("succeeded")

    def _on_failed(self, error: EngineError) -> None:
        self.error = error
        self._hear("failed")

    def _on_cancelled(self) -> None:
        self._hear("cancelled")

    def _on_finished(self) -> None:
        self._hear("finished")
