"""Long work that is over -> a call to the user who looks elsewhere meanwhile."""

import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject

from app.jobs import Job, JobRunner, JobState
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
        self._begun_s = WeakKeyDictionary[Job, float]()
        jobs.job_added.connect(self._watch)
        jobs.job_over.connect(self._on_over)

    def tell_queue(self, words: str) -> None:
        """The queue is through: a work of many jobs."""
        self._call(tr("The queue is through"), words)

    def _watch(self, job: Job) -> None:
        self._begun_s[job] = self._clock_s()

    def _on_over(self, job: Job) -> None:
        took_s = self._clock_s() - self._begun_s.pop(job)
        if took_s < LONG_S or not job.is_awaited:
            return
        if job.error is not None:
            self._call(job.title, tr("Failed: {message}", message=job.error.message))
        elif job.state is JobState.SUCCEEDED:
            self._call(job.title, tr("Done."))
