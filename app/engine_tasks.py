"""The window's book of engine jobs: who waits for which, and what happens to them if it dies."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Protocol

import msgspec

from engine.context import Progress
from engine.errors import EngineError, EngineProcessError
from engine.protocol import (
    Cancelled,
    Crashed,
    Failed,
    FromEngine,
    Payload,
    Progressed,
    Started,
    Submit,
    Succeeded,
    known_error,
    pack,
    unpack,
)
from engine.translation import tr
from engine.urgency import Urgency


class JobListener(Protocol):
    """Hears of one job, in the GUI thread, never before `submit` has returned."""

    def begin(self) -> None:
        """The job runs; called again if it had to begin anew."""

    def report(self, progress: Progress) -> None:
        """How far it is."""

    def succeed(self, result: object) -> None:
        """It is done; nothing follows."""

    def fail(self, error: EngineError) -> None:
        """It failed; nothing follows."""


@dataclass(eq=False, slots=True)
class _Task:
    submit: Submit
    listener: JobListener | None  # None once it is cancelled.
    is_started: bool = False
    is_paused: bool = False
    cancelled_s: float = 0.0


class TaskBook:
    """All jobs that the engine has not answered yet. Used in the GUI thread only.

    Attributes:
        clock: Seconds that never run backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._tasks: dict[int, _Task] = {}
        self._job_ids = count(1)

    def add(self, urgency: Urgency, request: object, listener: JobListener) -> Submit:
        """Enter a job."""
        submit = Submit(next(self._job_ids), urgency, pack(request))
        self._tasks[submit.job_id] = _Task(submit, listener)
        return submit

    def cancel(self, job_id: int) -> bool:
        """Cut a job off from its listener; False if it was over already."""
        task = self._tasks.get(job_id)
        if task is None or task.listener is None:
            return False
        task.listener = None
        task.cancelled_s = self.clock()
        return True

    def set_paused(self, job_id: int, *, is_paused: bool) -> bool:
        """Remember whether the user holds a job back; False if it is over."""
        task = self._tasks.get(job_id)
        if task is None:
            return False
        task.is_paused = is_paused
        return True

    def hear(self, message: FromEngine) -> None:
        """Tell the listener concerned; what comes late for a job that is over is dropped."""
        match message:
            case Started(job_id):
                self._start(job_id)
            case Progressed(job_id, stage, done, total):
                listener = self._listener(job_id)
                if listener is not None:
                    listener.report(Progress(stage, done, total))
            case Succeeded(job_id, payload):
                self._succeed(job_id, payload)
            case Failed(job_id):
                self._fail(job_id, known_error(message))
            case Crashed(job_id, summary):
                self._fail(job_id, _bug(summary))
            case Cancelled(job_id):
                self._tasks.pop(job_id, None)

    def overdue_in_s(self, limit_s: float) -> float | None:
        """Time until a cancelled job has run for `limit_s` more; None if there is none.

        A job that has not begun is in nobody's way, however long its engine takes to start.
        """
        ends_s = [
            task.cancelled_s + limit_s
            for task in self._tasks.values()
            if task.listener is None and task.is_started
        ]
        return max(0.0, min(ends_s) - self.clock()) if ends_s else None

    def lose_engine(self, error: EngineError, *, is_fatal: bool) -> Callable[[], None]:
        """The engine is gone: keep for the next one what can be kept.

        Args:
            error: What to tell those who lose their job.
            is_fatal: False spares the jobs that had begun, too.

        Returns:
            Tells them, when the caller is ready for what they may do then.
        """
        losers: list[JobListener] = []
        for job_id, task in list(self._tasks.items()):
            if task.listener is None or (is_fatal and task.is_started):
                del self._tasks[job_id]
                if task.listener is not None:
                    losers.append(task.listener)
            task.is_started = False
        return partial(_fail_all, losers, error)

    def drop_all(self, error: EngineError) -> Callable[[], None]:
        """No engine will come any more: forget all jobs; returns as `lose_engine` does."""
        losers = [task.listener for task in self._tasks.values() if task.listener is not None]
        self._tasks.clear()
        return partial(_fail_all, losers, error)

    def replay(self) -> list[Submit]:
        """What to tell a new engine."""
        return [
            msgspec.structs.replace(task.submit, is_paused=task.is_paused)
            for task in self._tasks.values()
        ]

    def _listener(self, job_id: int) -> JobListener | None:
        task = self._tasks.get(job_id)
        return task.listener if task is not None else None

    def _start(self, job_id: int) -> None:
        task = self._tasks.get(job_id)
        if task is None:
            return
        task.is_started = True
        task.cancelled_s = self.clock()
        if task.listener is not None:
            task.listener.begin()

    def _end(self, job_id: int, tell: Callable[[JobListener], None]) -> None:
        task = self._tasks.pop(job_id, None)
        if task is not None and task.listener is not None:
            tell(task.listener)

    def _succeed(self, job_id: int, payload: Payload) -> None:
        try:
            result = unpack(payload)
        except EngineProcessError as error:
            self._fail(job_id, error)
        else:
            self._end(job_id, lambda listener: listener.succeed(result))

    def _fail(self, job_id: int, error: EngineError) -> None:
        self._end(job_id, lambda listener: listener.fail(error))


def _fail_all(listeners: list[JobListener], error: EngineError) -> None:
    for listener in listeners:
        listener.fail(error)


def _bug(summary: str) -> EngineError:
    return EngineError(
        tr("The engine met an unexpected error: {summary}.", summary=summary),
        tr("The log of the engine says more."),
    )
