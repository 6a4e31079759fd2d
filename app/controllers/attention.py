"""Long work that is over -> a call to the user who looks elsewhere meanwhile."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from app.jobs import Job, JobRunner
from engine.errors import EngineError
from engine.translation import tr

LONG_S = 10.0
"""Who waited for less is still there."""


class AttentionController(QObject):
    """Calls once for each long work that ended by itself, well or not.

    Args:
        jobs: Whose ends are told of.
        call: Given what ended and how.
        clock_s: Never runs backwards.
    """

    def __init__(
        self,
        jobs: JobRunner,
        call: Callable[[str, str], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._call, self._clock_s = call, clock_s
        jobs.job_added.connect(self._watch)

    def tell_queue(self, words: str) -> None:
        """The queue is through: a work of many jobs."""
        self._call(tr("The queue is through"), words)

    def _watch(self, job: Job) -> None:
        begun_s = self._clock_s()
        job.failed.connect(partial(self._on_failed, job, begun_s))
        job.succeeded.connect(partial(self._on_succeeded, job, begun_s))

    def _on_succeeded(self, job: Job, begun_s: float, _: object) -> None:
        self._tell(job, begun_s, tr("Done."))

    def _on_failed(self, job: Job, begun_s: float, error: EngineError) -> None:
        self._tell(job, begun_s, tr("Failed: {message}", message=error.message))

    def _tell(self, job: Job, begun_s: float, words: str) -> None:
        if self._clock_s() - begun_s >= LONG_S and job.is_awaited:
            self._call(job.title, words)
