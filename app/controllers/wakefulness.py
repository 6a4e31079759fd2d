"""Work that goes on -> a computer that does not go to sleep."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.desktop.awake import Wakefulness
from app.jobs import Job, JobRunner, ThreadPool

AFTER_MS = 5_000
"""Nobody's computer goes to sleep sooner, and most jobs are over by then."""
_CLOSE_S = 3.0


class WakefulnessController(QObject):
    """Holds the computer awake while any job runs that the user does not hold back.

    Attributes:
        is_held: Whether it is held awake.
    """

    def __init__(
        self, jobs: JobRunner, make_way: Callable[[], Wakefulness], after_ms: int = AFTER_MS
    ) -> None:
        super().__init__()
        self._jobs, self._make_way = jobs, make_way
        self._way: Wakefulness | None = None
        self.is_held = False
        # One thread: it may have to wait for others, and on some systems the state is the thread's.
        self._pool = ThreadPool(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(after_ms)
        self._timer.timeout.connect(self._hold)
        jobs.job_added.connect(self._watch)

    def close(self) -> None:
        """Let it sleep."""
        self._timer.stop()
        self._release()
        self._pool.close(_CLOSE_S)

    def _watch(self, job: Job) -> None:
        job.finished.connect(self._look)
        job.pause_changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        if all(job.is_paused for job in self._jobs.active_jobs):
            self._timer.stop()
            self._release()
        elif not self.is_held and not self._timer.isActive():
            self._timer.start()

    def _hold(self) -> None:
        self.is_held = True
        self._pool.put(self._hold_in_thread)

    def _release(self) -> None:
        if self.is_held:
            self.is_held = False
            self._pool.put(self._release_in_thread)

    def _hold_in_thread(self) -> None:
        # Made here: it may load what has to wait for the first paint.
        self._way = self._way or self._make_way()
        self._way.hold()

    def _release_in_thread(self) -> None:
        if self._way is not None:
            self._way.release()
