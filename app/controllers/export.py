"""Export of the video and of the stems, as the document stands at that moment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.document import Document, Project, Restore, lane_word
from app.export.presets import preset_views
from app.jobs import Job, JobRunner
from app.messages import Messages
from app.paths import restored_path
from app.project_io import MediaMissingError
from app.sounds import stem_sound
from engine.context import Progress, RunContext
from engine.errors import EngineError
from engine.types import StemName
from widgets.export_sheet import Content, ExportView, ExportWish
from widgets.main_window import MainWindow

if TYPE_CHECKING:
    from app.export.work import Exported

    Write = Callable[[Project, RunContext], Exported]
    WriteInto = Callable[[Project, Path, Path, RunContext], Exported]


@dataclass(frozen=True, slots=True)
class ExportQuestions:
    """Asks the user where to; each gives None when the user thinks better of it.

    Attributes:
        wish: What of it, given what there is.
        video: Given a suggestion.
        folder: Given where to begin.
    """

    wish: Callable[[ExportView], ExportWish | None]
    video: Callable[[Path], Path | None]
    folder: Callable[[Path | None], Path | None]


class ExportController(QObject):
    """Writes files in a worker, one export at a time.

    Attributes:
        job: The export that runs; None when none does.

    Signals:
        exported: `Exported`, what has been written.
        video_missing: Path where the video was, and what to call once it is found.
    """

    exported = Signal(object)
    video_missing = Signal(object, object)

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        cache: Path,
        questions: ExportQuestions,
    ) -> None:
        super().__init__()
        self._status, self._document, self.jobs = window.status_line, document, jobs
        self._messages, self._cache, self._ask = messages, cache, questions
        self.job: Job | None = None
        self._missing: Path | None = None
        self._again: Callable[[], None] = self.export_video
        window.export_video_requested.connect(self.export_video)
        window.export_stems_requested.connect(self.export_stems)
        window.export_timeline_requested.connect(self.export_timeline)
        window.collect_requested.connect(self.collect)

    def export_video(self) -> None:
        """Ask for a name and write the restored video."""
        project, cache = self._document.project, self._cache
        if project.media is None or not _is_whole(project.restore) or self._is_busy():
            return
        wish = self._ask.wish(export_view(project))
        output = self._ask.video(wished_path(project.media.path, wish)) if wish else None
        if wish is None or output is None:
            return

        def write(project: Project, context: RunContext) -> "Exported":
            from app.export.work import export_video

            return export_video(project, output, wish, cache, context)

        self._start(f"Export {output.name}", write)

    def export_stems(self) -> None:
        """Ask for a folder and write the stems."""
        self._into_folder("Export the stems to", _write_stems)

    def export_timeline(self) -> None:
        """Ask for a folder and write the lanes with timelines for other editors."""
        self._into_folder("Export a timeline to", _write_timeline)

    def collect(self) -> None:
        """Ask for a folder and copy all that the project is made of into it."""
        self._into_folder("Collect in", _collect, is_whole=True)

    def _into_folder(self, title: str, write: "WriteInto", *, is_whole: bool = False) -> None:
        project, cache = self._document.project, self._cache
        is_there = is_whole or _is_whole(project.restore)
        if project.media is None or not is_there or self._is_busy():
            return
        folder = self._ask.folder(project.media.path.parent)
        if folder is None:
            return

        def into(project: Project, context: RunContext) -> "Exported":
            return write(project, folder, cache, context)

        self._start(f"{title} {folder.name}", into)

    def cancel(self) -> None:
        """Give the running export up; nothing half written stays."""
        if self.job is not None:
            self.job.cancel()

    def _holds_all(self, project: Project) -> bool:
        """Whether what was exported says all of a project: marks and a file are not in it."""
        is_marked = project.selection is not None or bool(project.markers)
        return self._document.file is None and not is_marked

    def _is_busy(self) -> bool:
        if self.job is not None:
            self._messages.notice("An export is running already.", "Wait until it is done.")
        return self.job is not None

    def _start(self, title: str, write: "Write") -> None:
        """Write the project as it is now."""
        if self._is_busy():
            return
        project = self._document.project

        def work(context: RunContext) -> "Exported":
            try:
                return write(project, context)
            except EngineError as error:
                if project.media is None or project.media.path.exists():
                    raise
                raise MediaMissingError(project.media.path) from error

        self._again = partial(self._start, title, write)
        self.job = job = self.jobs.run_in_thread(title, work)
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self._status.set_queue(title)

    def _on_progressed(self, progress: Progress) -> None:
        if self.job is not None:
            self._status.set_queue(f"{self.job.title}: {round(100 * progress.fraction)} %")

    def _on_succeeded(self, exported: "Exported") -> None:
        if exported.project is self._document.project and self._holds_all(exported.project):
            self._document.keep()
        self.exported.emit(exported)
        words = " ".join((written_words(exported.paths), *exported.notes))
        folder = exported.paths[0].parent
        if exported.warnings:
            self._messages.warn(words, f"{'; '.join(exported.warnings)}.", folder)
        else:
            self._messages.notice(words, folder=folder)

    def _on_failed(self, error: EngineError) -> None:
        if isinstance(error, MediaMissingError):
            self._missing = error.video
        else:
            self._messages.error(error)

    def _on_finished(self) -> None:
        self.job = None
        self._status.set_queue("")
        missing, self._missing = self._missing, None
        if missing is not None:
            self.video_missing.emit(missing, self._again)


def _write_stems(project: Project, folder: Path, cache: Path, context: RunContext) -> "Exported":
    from app.export.work import export_stems

    return export_stems(project, folder, cache, context)


def _write_timeline(project: Project, folder: Path, cache: Path, context: RunContext) -> "Exported":
    # OpenTimelineIO takes a moment to load.
    from app.export.other_editors import export_timeline

    return export_timeline(project, folder, cache, context)


def _collect(project: Project, folder: Path, cache: Path, context: RunContext) -> "Exported":
    from app.export.collect import collect

    return collect(project, folder, cache, context)


def export_view(project: Project) -> ExportView:
    """What can be exported of a project, and what the user may have overlooked."""
    lanes = project.lanes
    names = [lane_word(lane.lane_id) for lane in lanes if lane.soloed]
    warnings = []
    if names:
        warnings.append(f"Solo of {', '.join(names)} is for listening and does not count.")
    if any(lane.gain_db > 0 and not lane.muted for lane in lanes):
        warnings.append("A lane is made louder: it may clip. A loudness below keeps it from that.")
    if any(lane.lane_id == StemName.MIX and not lane.muted for lane in lanes):
        warnings.append("The original mix is heard too, with the added music in it.")
    if project.restore is not None and project.restore.result.poor:
        warnings.append("Some stretches are marked as doubtful: listen there first.")
    has_speech = stem_sound(project, StemName.DIALOGUE) is not None
    return ExportView(preset_views(), has_speech, tuple(warnings))


def wished_path(video: Path, wish: ExportWish) -> Path:
    """What is suggested for a name."""
    if wish.content is Content.HEARD:
        return restored_path(video)
    return video.with_name(f"{video.stem}.speech{video.suffix}").absolute()


def _is_whole(restore: Restore | None) -> bool:
    return restore is not None and not restore.is_preview


def written_words(paths: tuple[Path, ...]) -> str:
    """What was written, in one sentence."""
    if len(paths) == 1:
        return f"Written: {paths[0]}"
    return f"Written: {len(paths)} files in {paths[0].parent}"
