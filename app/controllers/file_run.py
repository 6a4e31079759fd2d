"""One file of the queue on its way: looked at, restored by the engine, written."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, JobRunner
from app.queue import FileWish, Ready, Written
from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.translation import tr
from engine.types import RestoreResult
from engine.urgency import Urgency


class FileRun(QObject):
    """Three jobs, one after the other, with one face.

    Signals:
        progressed(Progress): How far a stage is.
        succeeded(Written): The file is there.
        failed(EngineError): It is not.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: JobRunner, store: ArtifactStore, wish: FileWish) -> None:
        super().__init__()
        self._jobs, self._store = jobs, store
        self._name = wish.video.name
        self._is_paused = False
        self._job: Job | None = None

        def look(_: RunContext) -> Ready:
            # PyAV comes along, which has to wait for the first paint.
            from app.queue_work import look_at

            return look_at(wish)

        self._follow(
            jobs.run_in_thread(tr("Look at {file}", file=self._name), look)
        ).succeeded.connect(self._restore)

    def set_paused(self, *, is_paused: bool) -> None:
        """Hold it at its next check-in, or let it go on."""
        self._is_paused = is_paused
        if self._job is not None and is_paused:
            self._job.pause()
        elif self._job is not None:
            self._job.resume()

    @property
    def is_in_engine(self) -> bool:
        """Whether it is where other work may go first."""
        return self._job is not None and self._job.urgency is not None

    def cancel(self) -> None:
        """Give it up; it says nothing more, and nothing half written stays."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _follow(self, job: Job) -> Job:
        # Not awaited: its end is told of with that of the queue.
        self._job = job
        job.progressed.connect(self.progressed)
        job.failed.connect(self.failed)
        if self._is_paused:
            job.pause()
        return job

    def _restore(self, ready: Ready) -> None:
        job = self._jobs.submit(tr("Restore {file}", file=self._name), Urgency.QUEUE, ready.request)
        self._follow(job).succeeded.connect(partial(self._write, ready))

    def _write(self, ready: Ready, result: RestoreResult) -> None:
        store = self._store

        def work(context: RunContext) -> Written:
            from app.queue_work import write

            return write(ready, result, store, context)

        job = self._jobs.run_in_thread(tr("Write {file}", file=self._name), work)
        self._follow(job).succeeded.connect(self.succeeded)
