"""The Queue card <-> files that are restored one after the other, without the document."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.controllers.file_progress import FileProgress
from app.controllers.file_run import FileRun
from app.controllers.queue_results import QueueDoors, QueueResults
from app.controllers.queue_words import place_in_queue, queue_shown, summary
from app.document import Document
from app.jobs import Job, JobRunner
from app.project import Project
from app.queue import FileState, FileWish, Queue, QueuedFile, Written
from app.settings import SettingsStore
from engine.artifacts import ArtifactStore
from engine.context import Progress
from engine.errors import EngineError
from engine.urgency import Urgency
from widgets.queue_card import QueueCard
from widgets.queue_view import QueueAct, QueueRun
from widgets.status_line import StatusLine


class QueueController(QObject):
    """Restores one file at a time; one that fails never stops the others.

    Attributes:
        queue: The files.
        run: What the queue is at.

    Signals:
        ended(str): Nothing waits any more; how it went, in words.
    """

    ended = Signal(str)

    def __init__(
        self,
        card: QueueCard,
        status: StatusLine,
        document: Document,
        jobs: JobRunner,
        settings: SettingsStore,
        store: ArtifactStore,
        doors: QueueDoors,
    ) -> None:
        super().__init__()
        self.queue, self.run = Queue(), QueueRun.IDLE
        self._card, self._status, self._document = card, status, document
        self._jobs, self._settings, self._store = jobs, settings, store
        self._ask_videos = doors.ask_videos
        self._results = QueueResults(document, store, doors)
        self._file_run: FileRun | None = None
        self._progress = FileProgress()
        card.start_requested.connect(self.start)
        card.pause_requested.connect(self.pause)
        card.resume_requested.connect(self.start)
        card.add_requested.connect(self._ask)
        card.clear_requested.connect(self._clear)
        card.act_requested.connect(self._act)
        card.only_speech_changed.connect(self._set_only_speech)
        jobs.job_added.connect(self._watch)
        self._show()

    @property
    def is_busy(self) -> bool:
        """Whether files are being restored, or held."""
        return self.run is not QueueRun.IDLE

    def add(self, videos: Iterable[Path]) -> None:
        """Take more videos in; they wait."""
        self.queue = self.queue.added(videos)
        self._show()

    def start(self) -> None:
        """Restore the files that wait, one after the other; go on after a pause."""
        if self._file_run is None and self.queue.next_waiting is None:
            return
        self.run = QueueRun.RUNNING
        if self._file_run is None:
            self._next()
        else:
            self._file_run.set_paused(is_paused=False)
        self._show()

    def pause(self) -> None:
        """Hold the running file at its next chunk; no other one is begun."""
        if self.run is QueueRun.RUNNING:
            self.run = QueueRun.PAUSED
            if self._file_run is not None:
                self._file_run.set_paused(is_paused=True)
            self._show()

    def _act(self, file_id: int, act: str) -> None:
        file = self.queue.find(file_id)
        if file is None:
            return
        acts: dict[QueueAct, Callable[[QueuedFile], None]] = {
            QueueAct.OPEN: self._results.open,
            QueueAct.OPEN_FOLDER: self._results.open_folder,
            QueueAct.CANCEL: self._cancel,
            QueueAct.RETRY: lambda file: self._keep(self.queue.retried(file.file_id)),
            QueueAct.LOG: self._results.show_log,
            QueueAct.REMOVE: lambda file: self._keep(self.queue.removed(file.file_id)),
        }
        acts[QueueAct(act)](file)

    def _cancel(self, file: QueuedFile) -> None:
        if file.state is FileState.RUNNING and self._file_run is not None:
            self._file_run.cancel()
            self._finish(self.queue.changed(file.file_id, FileState.CANCELLED))

    def _clear(self) -> None:
        self._keep(self.queue.cleared())

    def _ask(self) -> None:
        self.add(self._ask_videos(self._settings.current.last_folder))

    def _set_only_speech(self, only_speech: object) -> None:
        self._settings.change(only_speech=bool(only_speech))
        self._show()

    def _keep(self, queue: Queue) -> None:
        """Go on with another queue; one that is held with nothing left is not held any more."""
        self.queue = queue
        if queue.num_left == 0 and self.run is QueueRun.PAUSED:
            self.run = QueueRun.IDLE
        self._show()

    def _next(self) -> None:
        """Begin the next file that waits; be done if none does."""
        file = self.queue.next_waiting
        if file is None:
            self.run = QueueRun.IDLE
            self.ended.emit(summary(self.queue))
            return
        preferred, project = self._settings.current, self._document.project
        others = [each for each in self.queue.files if each is not file]
        in_use = [project.media.path if project.media is not None else None, project.track]
        wish = FileWish(
            video=file.video,
            inputs=(*(each.video for each in self.queue.files), *filter(None, in_use)),
            outputs=tuple(each.written.output for each in others if each.written is not None),
            quality=preferred.quality,
            device=preferred.device,
            only_speech=preferred.only_speech,
            track=_chosen_track(project, file.video),
        )
        self.queue = self.queue.changed(file.file_id, FileState.RUNNING)
        self._progress.begin()
        self._file_run = run = FileRun(self._jobs, self._store, wish)
        run.progressed.connect(self._on_progressed)
        run.succeeded.connect(partial(self._on_succeeded, file.file_id))
        run.failed.connect(partial(self._on_failed, file.file_id))

    def _on_progressed(self, progress: Progress) -> None:
        self._progress.advance(progress)
        self._show()

    def _on_succeeded(self, file_id: int, written: Written) -> None:
        self._finish(self.queue.changed(file_id, FileState.DONE, written=written))

    def _on_failed(self, file_id: int, error: EngineError) -> None:
        self._finish(self.queue.changed(file_id, FileState.FAILED, error=error))

    def _finish(self, queue: Queue) -> None:
        """One file is over: go on with the next, unless the queue is held."""
        self._file_run = None
        running = self.queue.running
        after = queue.find(running.file_id) if running is not None else None
        self._progress.end(is_done=after is not None and after.state is FileState.DONE)
        self._keep(queue)
        if self.run is QueueRun.RUNNING:
            self._next()
            self._show()

    def _watch(self, job: Job) -> None:
        """Other work for the engine goes first."""
        if job.urgency is not None and job.urgency > Urgency.QUEUE:
            job.finished.connect(self._show)
            self._show()

    @property
    def _is_behind(self) -> bool:
        """Whether the running file waits for other work."""
        urgencies = [job.urgency for job in self._jobs.active_jobs if not job.is_paused]
        is_in_engine = self._file_run is not None and self._file_run.is_in_engine
        return is_in_engine and any(each is not None and each > Urgency.QUEUE for each in urgencies)

    def _show(self) -> None:
        is_behind = self._is_behind
        self._progress.set_held(is_held=is_behind or self.run is QueueRun.PAUSED)
        view = queue_shown(
            self.queue,
            self.run,
            self._progress.shown,
            only_speech=self._settings.current.only_speech,
            is_behind=is_behind,
            left_s=self._progress.all_left_s(self.queue.num_left - 1),
        )
        self._card.show_view(view)
        self._status.set_files(place_in_queue(self.queue))


def _chosen_track(project: Project, video: Path) -> Path | None:
    """The track that was chosen for a video, if that is the one that is open."""
    media = project.media
    return project.track if media is not None and media.path == video else None
