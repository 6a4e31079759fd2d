"""Open a file -> a new project."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.controllers.discard import DiscardController, Stakes
from app.controllers.lanes import lane_spec
from app.document import Document
from app.jobs import Awaited, Job, JobRunner
from app.messages import Messages
from app.project import Lane
from app.project_io import MediaMissingError
from app.settings import SettingsStore
from engine.context import Progress, RunContext
from engine.errors import EngineError
from engine.media.readable import check_readable
from engine.remarks import all_in_words
from engine.translation import tr
from engine.types import StemName
from widgets.main_window import MainWindow

if TYPE_CHECKING:
    from app.opening import Glance, Opened

_RENEWED = tr("Sounds of this project had gone from the cache: they are made again.")


AskMoved = Callable[[Path], Path | None]
"""Asks the user where the video of a project is now; None when the user thinks better of it."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be opened.

    Attributes:
        path: A video or a project.
        moved_to: Where the project's video is now, if not where it says.
        is_copy: The project is a copy of unsaved work.
        opened: Called when it is open.
    """

    path: Path
    moved_to: Path | None = None
    is_copy: bool = False
    opened: Callable[[], None] | None = None


class MediaController(QObject):
    """Opens one video at a time; what was open stays, in use, until the next one has been read.

    Signals:
        sounds_gone: A `Restore` of the project that was opened has to be made again.
    """

    sounds_gone = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        cache: Path,
        discard: DiscardController,
        ask_moved: AskMoved,
    ) -> None:
        super().__init__()
        self._window, self._document, self._jobs = window, document, jobs
        self._messages, self._settings = messages, settings
        self._cache, self._discard, self._ask_moved = cache, discard, ask_moved
        self._job: Job | None = None
        self._glances: list[Glance] = []
        self._glance: Glance | None = None
        self._agreed: Stakes | None = None
        self._missing: tuple[_Wanted, Path] | None = None
        window.recent_chosen.connect(self.open)

    def open(self, path: Path, opened: Callable[[], None] | None = None) -> None:
        """Open a file unless the user keeps what is open; the window stays usable meanwhile.

        Args:
            path: A video or a project.
            opened: Called once it is open.
        """
        self._open(_Wanted(path.absolute(), opened=opened))

    def recover(self, copy: Path, done: Callable[[], None]) -> None:
        """Open a copy of unsaved work; `done` is called once it is open."""
        self._open(_Wanted(copy, is_copy=True, opened=done))

    def _open(self, wanted: _Wanted, agreed: Stakes | None = None) -> None:
        try:
            # Before the question: nothing has to go for a file that is not there.
            check_readable(wanted.path)
        except EngineError as error:
            self._messages.error(error)
            return
        agreed = self._discard.agree(agreed)
        if agreed is None:
            return
        if self._job is not None:
            self._job.cancel()
        self._window.message_bar.clear()
        path, is_copy = wanted.path, wanted.is_copy
        glances: list[Glance] = []
        cache = self._cache

        def work(context: RunContext) -> "Opened":
            # PyAV comes along, which has to wait for the first paint and stay out of this thread.
            from app.opening import open_file

            moved_to = wanted.moved_to
            return open_file(path, cache, context, glances.append, moved_to, is_copy=is_copy)

        self._glances, self._glance, self._agreed = glances, None, agreed
        self._job = job = self._jobs.run_in_thread(
            tr("Open {file}", file=path.name), work, Awaited.TO_SEE
        )
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(partial(self._on_succeeded, wanted))
        job.failed.connect(partial(self._on_failed, wanted))
        job.cancelled.connect(self._clear_glance)
        job.finished.connect(self._on_finished)

    def _on_progressed(self, progress: Progress) -> None:
        percent = round(100 * progress.fraction)
        if self._glances and self._document.project.media is None:
            self._show_glance(self._glances[0], percent)

    def _show_glance(self, glance: "Glance", percent: int) -> None:
        """Show in the empty window what is known already."""
        timeline = self._window.timeline
        if self._glance is not glance:
            self._glance = glance
            timeline.set_duration(glance.duration_s)
            timeline.set_lanes((lane_spec(Lane(StemName.MIX)),))
        timeline.set_waveform(StemName.MIX, glance.waveform)
        self._window.video_view.show_text(
            tr("Reading {file}: {percent} %", file=glance.path.name, percent=percent)
        )

    def _on_succeeded(self, wanted: _Wanted, result: "Opened") -> None:
        # There may be new work by now.
        if self._discard.agree(self._agreed) is None:
            return
        before, project = self._document.project, result.project
        is_fresh = result.file is None and not wanted.is_copy
        if before.media is None and is_fresh:
            project = replace(project, track=before.track)
        is_unsaved = wanted.is_copy or wanted.moved_to is not None
        self._document.open(project, result.file, is_unsaved=is_unsaved)
        if wanted.opened is not None:
            wanted.opened()
        media = project.media
        if media is None:
            return
        self._settings.remember(result.file or media.path)
        hint = _RENEWED if project.lost is not None else ""
        if result.warnings:
            self._messages.warn(
                f"{media.path.name}: {'; '.join(all_in_words(result.warnings))}", hint
            )
        elif hint:
            self._messages.notice(hint)
        if project.lost is not None:
            self.sounds_gone.emit(project.lost)

    def _on_failed(self, wanted: _Wanted, error: EngineError) -> None:
        if isinstance(error, MediaMissingError):
            self._missing = wanted, error.video
            return
        self._messages.error(error)
        self._clear_glance()

    def _clear_glance(self) -> None:
        """Have the empty window empty again."""
        if self._document.project.media is None:
            self._window.timeline.set_lanes(())
            self._window.timeline.set_duration(0.0)
            self._window.video_view.show_frame(None)

    def _on_finished(self) -> None:
        self._job = None
        if self._missing is not None:
            (wanted, video), self._missing = self._missing, None
            self._messages.warn(
                tr("{file} is not there any more.", file=video),
                tr("Choose where it is now."),
            )
            moved_to = self._ask_moved(video)
            if moved_to is not None:
                self._open(replace(wanted, moved_to=moved_to), self._agreed)
