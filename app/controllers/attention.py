"""Long work that is over -> a call to the user who looks elsewhere meanwhile."""

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from app.jobs import Job, JobRunner, JobState

LONG_S = 10.0
"""Who waited for less is still there."""


class AttentionController(QObject):
    """Calls once for each long job that ended by itself, well or not."""

    def __init__(
        self,
        jobs: JobRunner,
        call: Callable[[], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._call, self._clock_s = call, clock_s
        jobs.job_added.connect(self._watch)

    def _watch(self, job: Job) -> None:
        job.finished.connect(partial(self._on_finished, job, self._clock_s()))

    def _on_finished(self, job: Job, begun_s: float) -> None:
        is_long = self._clock_s() - begun_s >= LONG_S
        if is_long and job.is_awaited and job.state is not JobState.CANCELLED:
            self._call()
