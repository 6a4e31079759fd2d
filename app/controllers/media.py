"""Open, by dialog, argument or drop -> a new project."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.controllers.discard import DiscardController, Stakes
from app.controllers.lanes import lane_spec
from app.document import Document, Lane, opened
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.settings import SettingsStore
from engine.context import Progress, RunContext
from engine.errors import EngineError
from engine.types import StemName
from widgets.main_window import MainWindow

if TYPE_CHECKING:
    from app.opening import Glance, Opened

AskVideo = Callable[[Path | None], Path | None]
"""Asks the user for a video, beginning in a folder."""


class MediaController(QObject):
    """Opens one video at a time; what was open stays, in use, until the next one has been read."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        cache: Path,
        discard: DiscardController,
        ask_video: AskVideo,
    ) -> None:
        super().__init__()
        self._window, self._document, self._jobs = window, document, jobs
        self._messages, self._settings = messages, settings
        self._cache, self._discard, self._ask_video = cache, discard, ask_video
        self._job: Job | None = None
        self._glances: list[Glance] = []
        self._glance: Glance | None = None
        self._agreed: Stakes | None = None
        window.open_requested.connect(self.ask)
        window.files_dropped.connect(self.open_first)

    def ask(self) -> None:
        """Let the user choose a video."""
        path = self._ask_video(self._settings.current.last_folder)
        if path is not None:
            self.open(path)

    def open_first(self, paths: list[Path]) -> None:
        """Open the first of some files."""
        if paths:
            self.open(paths[0])
        if len(paths) > 1:
            self._messages.notice(f"One video at a time: only {paths[0].name} counts.")

    def open(self, path: Path) -> None:
        """Open a video unless the user keeps what is open; the window stays usable meanwhile."""
        agreed = self._discard.agree()
        if agreed is None:
            return
        if self._job is not None:
            self._job.cancel()
        self._window.message_bar.clear()
        path = path.absolute()
        glances: list[Glance] = []
        cache = self._cache

        def work(context: RunContext) -> "Opened":
            # PyAV comes along, which has to wait for the first paint and stay out of this thread.
            from app.opening import open_video

            return open_video(path, cache, context, glances.append)

        self._glances, self._glance, self._agreed = glances, None, agreed
        self._job = job = self._jobs.run_in_thread(f"Open {path.name}", work)
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self._window.status_line.set_queue(job.title)

    def _on_progressed(self, progress: Progress) -> None:
        percent = round(100 * progress.fraction)
        if self._job is not None:
            self._window.status_line.set_queue(f"{self._job.title}: {percent} %")
        if self._glances and self._document.project.media is None:
            self._show_glance(self._glances[0], percent)

    def _show_glance(self, glance: "Glance", percent: int) -> None:
        """Show in the empty window what is known already."""
        timeline = self._window.timeline
        if self._glance is not glance:
            self._glance = glance
            sound = glance.info.audio[0]
            timeline.set_duration(sound.num_samples / sound.sample_rate_hz)
            timeline.set_lanes((lane_spec(Lane(StemName.MIX)),))
        timeline.set_waveform(StemName.MIX, glance.waveform)
        self._window.video_view.show_text(f"Reading {glance.path.name}: {percent} %")

    def _on_succeeded(self, result: "Opened") -> None:
        # There may be new work by now.
        if self._discard.agree(self._agreed) is None:
            return
        self._settings.change(last_folder=result.media.path.parent)
        before = self._document.project
        track = before.track if before.media is None else None
        self._document.open(opened(result.media, track))
        if result.warnings:
            self._messages.warn(f"{result.media.path.name}: {'; '.join(result.warnings)}")

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)
        if self._document.project.media is None:
            self._window.timeline.set_lanes(())
            self._window.timeline.set_duration(0.0)
            self._window.video_view.show_frame(None)

    def _on_finished(self) -> None:
        self._window.status_line.set_queue("")
        self._job = None
