"""Jobs as the window sees them: one face for work in the engine and in threads of the window."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from itertools import count
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.desktop.priority import give_way
from app.engine_client import EngineClient
from app.engine_tasks import JobListener
from app.estimate import Estimate, updated
from engine.context import Progress, RunContext
from engine.errors import CancelledError, EngineError
from engine.throttle import ProgressThrottle
from engine.translation import tr
from engine.urgency import Urgency

NUM_THREADS = 4
NUM_PROMPT_THREADS = 2
"""For what is short and cannot wait behind waveforms and loudness: a sound device, a copy."""
_CLOSE_S = 2.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class JobState(StrEnum):
    """PENDING -> RUNNING -> one of the others; a pending job may also end at once."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Awaited(StrEnum):
    """Whether the user asked for a job by itself, and what giving it up would cost."""

    NO = "no"
    """The program's own work: nobody has to hear of its end."""
    TO_SEE = "to see"
    """The user waits to see or hear what it finds; it can be asked for again."""
    TO_KEEP = "to keep"
    """It makes what the user wants to have: it is not dropped without a question."""


class JobControls(Protocol):
    """What the user can do to running work. After `cancel` its listener hears nothing more."""

    def cancel(self) -> None:
        """Give it up."""

    def pause(self) -> None:
        """Hold it at its next check-in."""

    def resume(self) -> None:
        """Let it go on."""


class Job(QObject):
    """One piece of work on its way; lives in the GUI thread, as all its signals do.

    A cancelled job is over at once: its work stops at its next check-in, and what it still says
    or finds is dropped.

    Attributes:
        title: For the user.
        state: What it is at.
        estimate: How far it is; None before the first report.
        urgency: In the engine; None for work in a thread.
        awaited: Whether somebody asked for it by itself.
        error: Why it failed; None unless it did.

    Signals:
        started(): It runs.
        progressed(Progress): How far it is; `estimate` is up to date.
        pause_changed(): The user paused it or let it go on, see `is_paused`.
        succeeded(object): It is done; the result.
        failed(EngineError): It failed.
        cancelled(): It was cancelled.
        finished(): It is over, one way or another. Always the last one, once.
    """

    started = Signal()
    progressed = Signal(object)
    pause_changed = Signal()
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(
        self,
        title: str,
        begin: Callable[[JobListener], JobControls],
        awaited: Awaited = Awaited.NO,
    ) -> None:
        super().__init__()
        self.title = title
        self.state = JobState.PENDING
        self.estimate: Estimate | None = None
        self.urgency: Urgency | None = None
        self.awaited = awaited
        self.error: EngineError | None = None
        self._paused_s: float | None = None
        self._controls = begin(self)

    @property
    def is_awaited(self) -> bool:
        """Somebody wants to know when it ends."""
        return self.awaited is not Awaited.NO

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.state not in (JobState.PENDING, JobState.RUNNING)

    @property
    def is_paused(self) -> bool:
        """The user holds it back."""
        return self._paused_s is not None

    def cancel(self) -> None:
        """Give the work up."""
        if not self.is_over:
            self._controls.cancel()
            self._end(JobState.CANCELLED, self.cancelled.emit)

    def pause(self) -> None:
        """Hold the work at its next check-in."""
        if not self.is_over and self._paused_s is None:
            self._paused_s = time.monotonic()
            self._controls.pause()
            self.pause_changed.emit()

    def resume(self) -> None:
        """Let the work go on."""
        if self.is_over or self._paused_s is None:
            return
        if self.estimate is not None:
            self.estimate = self.estimate.shifted(time.monotonic() - self._paused_s)
        self._paused_s = None
        self._controls.resume()
        self.pause_changed.emit()

    def begin(self) -> None:
        """Called by what does the work: it runs, perhaps once more."""
        if self.state is JobState.PENDING:
            self.state = JobState.RUNNING
            self.started.emit()

    def report(self, progress: Progress) -> None:
        """Called by what does the work: it is so far."""
        if self.state is JobState.RUNNING:
            self.estimate = updated(self.estimate, progress, time.monotonic())
            self.progressed.emit(progress)

    def succeed(self, result: object) -> None:
        """Called by what does the work: it is done."""
        if not self.is_over:
            self._end(JobState.SUCCEEDED, partial(self.succeeded.emit, result))

    def fail(self, error: EngineError) -> None:
        """Called by what does the work: it failed."""
        if not self.is_over:
            # Here, so that what nobody tells the user is written down at least.
            # Its code stays the same in every language.
            logger.warning("%s: failed (%s): %s", self.title, error.code, str(error))
            self.error = error
            self._end(JobState.FAILED, partial(self.failed.emit, error))

    def _end(self, state: JobState, tell: Callable[[], None]) -> None:
        self.state = state
        self._paused_s = None
        tell()
        self.finished.emit()


class ThreadWork:
    """Work in a thread of the window: its `RunContext`, and the `JobControls` of its job.

    Args:
        work: Runs in the thread.
        post: Takes what is to be told to the job to the GUI thread.
    """

    def __init__(
        self,
        work: Callable[[RunContext], object],
        post: Callable[[Callable[[JobListener], None]], None],
    ) -> None:
        self._work = work
        self._post = post
        self._throttle = ProgressThrottle(self._post_progress)
        self._may_run = threading.Event()
        self._may_run.set()
        self._is_cancelled = False

    def run(self) -> None:
        """Do the work and post how it ends."""
        try:
            self.raise_if_cancelled()
            self._post(lambda job: job.begin())
            result = self._work(self)
            self._throttle.flush()
            self._post(lambda job: job.succeed(result))
        except CancelledError:
            # Heard only if nobody cancelled it: else its job was over at that moment.
            self._post_error(EngineError(tr("The work stopped though nobody cancelled it.")))
        except EngineError as error:
            self._post_error(error)
        except Exception as error:
            logger.exception("a job in a thread crashed")
            words = tr("Unexpected error: {kind}: {error}", kind=type(error).__name__, error=error)
            self._post_error(EngineError(words, tr("The log says more.")))

    def report(self, progress: Progress) -> None:
        """Tell the job how far the work is."""
        self._throttle.report(progress)

    def raise_if_cancelled(self) -> None:
        """Wait while paused; raise `CancelledError` once cancelled."""
        self._throttle.flush_due()
        self._may_run.wait()
        if self._is_cancelled:
            raise CancelledError

    def cancel(self) -> None:
        """Make the next check-in raise."""
        self._is_cancelled = True
        self._may_run.set()

    def pause(self) -> None:
        """Hold the work at its next check-in."""
        self._may_run.clear()

    def resume(self) -> None:
        """Let the work go on."""
        self._may_run.set()

    def _post_progress(self, progress: Progress) -> None:
        self._post(lambda job: job.report(progress))

    def _post_error(self, error: EngineError) -> None:
        self._post(lambda job: job.fail(error))


class ThreadPool:
    """A few threads, started as they are needed; unlike an executor's they never delay the end.

    Args:
        num_threads: So many at most.
        gives_way: They compute, and leave the processor to others.
    """

    def __init__(self, num_threads: int = NUM_THREADS, *, gives_way: bool = True) -> None:
        self._num_threads, self._gives_way = num_threads, gives_way
        self._threads: list[threading.Thread] = []
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def put(self, run: Callable[[], None]) -> None:
        """Queue something to run."""
        self._queue.put(run)
        if len(self._threads) < self._num_threads:
            thread = threading.Thread(target=self._serve, name="window-worker", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self, timeout_s: float) -> None:
        """Let the threads end once the queue is empty, and wait for them."""
        for _ in self._threads:
            self._queue.put(None)
        deadline_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        self._threads.clear()

    def _serve(self) -> None:
        if self._gives_way:
            give_way()
        while (run := self._queue.get()) is not None:
            run()
            # What is done is not kept alive by a thread that waits.
            del run


class JobRunner(QObject):
    """Starts jobs and keeps them until they are over.

    What is connected to a job's signal must not hold the job: neither would ever be freed.

    Signals:
        job_added(Job): A job was submitted.
        job_over(Job): It is over, one way or another, and has said so itself.
    """

    job_added = Signal(object)
    job_over = Signal(object)
    _posted = Signal(object)

    def __init__(self, client: EngineClient) -> None:
        super().__init__()
        self._client = client
        self._pool = ThreadPool()
        self._prompt_pool = ThreadPool(NUM_PROMPT_THREADS, gives_way=False)
        self._keys = count(1)
        self._jobs: dict[int, Job] = {}
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    @property
    def active_jobs(self) -> tuple[Job, ...]:
        """Jobs that are not over, oldest first."""
        return tuple(job for job in self._jobs.values() if not job.is_over)

    def submit(
        self, title: str, urgency: Urgency, request: object, awaited: Awaited = Awaited.NO
    ) -> Job:
        """Have the engine do something; returns at once."""
        job = Job(title, partial(self._client.submit, urgency, request), awaited)
        job.urgency = urgency
        return self._adopt(next(self._keys), job)

    def run_in_thread(
        self,
        title: str,
        work: Callable[[RunContext], T],
        awaited: Awaited = Awaited.NO,
        *,
        is_prompt: bool = False,
    ) -> Job:
        """Have a thread of this process do something that needs no torch; returns at once.

        The work may be given up while it runs, and whatever it returns then is dropped: it must
        publish nothing half done.

        Args:
            title: For the user.
            work: Runs in the thread.
            awaited: Whether the user asked for it by itself.
            is_prompt: It is short, and must not wait until others are done.
        """
        key = next(self._keys)
        thread_work = ThreadWork(work, partial(self._post, key))

        def begin(_: JobListener) -> JobControls:
            (self._prompt_pool if is_prompt else self._pool).put(thread_work.run)
            return thread_work

        return self._adopt(key, Job(title, begin, awaited))

    def close(self) -> None:
        """Cancel everything and wait a moment for the threads; the engine is the caller's."""
        for job in self.active_jobs:
            job.cancel()
        for pool in (self._prompt_pool, self._pool):
            pool.close(_CLOSE_S)

    def _adopt(self, key: int, job: Job) -> Job:
        self._jobs[key] = job
        job.finished.connect(self._let_go)
        self.job_added.emit(job)
        return job

    def _let_go(self) -> None:
        over = [job for job in self._jobs.values() if job.is_over]
        self._jobs = {key: job for key, job in self._jobs.items() if not job.is_over}
        for job in over:
            self.job_over.emit(job)

    def _post(self, key: int, tell: Callable[[JobListener], None]) -> None:
        self._posted.emit(partial(self._tell, key, tell))

    def _on_posted(self, action: Callable[[], None]) -> None:
        action()

    def _tell(self, key: int, tell: Callable[[JobListener], None]) -> None:
        job = self._jobs.get(key)
        if job is not None:
            tell(job)
