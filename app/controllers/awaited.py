"""What the user waits for -> the line at the foot of the window, where it can be given up."""

from PySide6.QtCore import QObject

from app.jobs import Awaited, Job, JobRunner
from engine.translation import tr
from widgets.status_line import StatusLine


class AwaitedController(QObject):
    """Shows the newest of the jobs that the user asked for, and how many there are besides."""

    def __init__(self, status: StatusLine, jobs: JobRunner) -> None:
        super().__init__()
        self._status, self._jobs = status, jobs
        jobs.job_added.connect(self._watch)
        status.cancel_requested.connect(self._cancel)

    @property
    def waiting(self) -> tuple[Job, ...]:
        """The jobs that somebody waits for, oldest first."""
        return tuple(job for job in self._jobs.active_jobs if job.is_awaited)

    @property
    def at_stake(self) -> tuple[Job, ...]:
        """Those of them that make what the user wants to have."""
        return tuple(job for job in self.waiting if job.awaited is Awaited.TO_KEEP)

    def _watch(self, job: Job) -> None:
        if job.is_awaited:
            job.progressed.connect(self._show)
            job.finished.connect(self._show)
            self._show()

    def _cancel(self) -> None:
        """Give up what is shown."""
        for job in self.waiting[-1:]:
            job.cancel()

    def _show(self) -> None:
        waiting = self.waiting
        words = [_words(job) for job in waiting[-1:]]
        if len(waiting) > 1:
            words.append(tr("{count} more", count=len(waiting) - 1))
        self._status.show_job(" · ".join(words))


def _words(job: Job) -> str:
    """What it is at; the stages of the engine begin anew, each with a share of its own."""
    if job.estimate is None or job.urgency is not None:
        return job.title
    return f"{job.title}: {round(100 * job.estimate.fraction)} %"
