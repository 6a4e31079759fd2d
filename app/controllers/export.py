"""Export of the video and of the stems, as the document stands at that moment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.clip_edits import find_clip
from app.contents import is_held_by_film, lost_tracks
from app.controllers.ducking import DuckingController
from app.document import Document
from app.envelope_edits import needs_speech
from app.export.presets import preset_views
from app.jobs import Awaited, Job, JobRunner
from app.lane_words import lane_word
from app.messages import Messages
from app.paths import restored_path
from app.project import Project
from app.project_io import MediaMissingError
from app.sounds import stem_sound
from engine.context import RunContext
from engine.errors import EngineError
from engine.remarks import all_in_words
from engine.translation import ntr, tr
from engine.types import StemName
from widgets.actions import Command
from widgets.export_sheet import Content, ExportView, ExportWish
from widgets.main_window import MainWindow
from widgets.wording import sentences

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
        folder: Given what goes there, in words, and where to begin.
    """

    wish: Callable[[ExportView], ExportWish | None]
    video: Callable[[Path], Path | None]
    folder: Callable[[str, Path | None], Path | None]


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
        ducking: DuckingController,
    ) -> None:
        super().__init__()
        self._document, self.jobs = document, jobs
        self._messages, self._cache, self._ask = messages, cache, questions
        self._ducking = ducking
        self.job: Job | None = None
        self._missing: Path | None = None
        self._again: Callable[[], None] = self.export_video
        window.export_video_requested.connect(self.export_video)
        window.export_stems_requested.connect(self.export_stems)
        window.export_timeline_requested.connect(self.export_timeline)
        window.collect_requested.connect(self.collect)
        window.music_requested.connect(self._on_music_wish)
        window.music_panel.placed_card.moment_requested.connect(self.export_moment)

    def export_video(self) -> None:
        """Ask for a name and write the restored video."""
        project, cache = self._document.project, self._cache
        if project.media is None or not project.has_result or self._is_busy():
            return
        wish = self._ask.wish(export_view(project))
        output = self._ask.video(wished_path(project, project.media.path, wish)) if wish else None
        if wish is None or output is None:
            return

        def write(project: Project, context: RunContext) -> "Exported":
            from app.export.work import export_video

            return export_video(project, output, wish, cache, context)

        self._start(tr("Export {file}", file=output.name), write)

    def export_stems(self) -> None:
        """Ask for a folder and write the stems."""
        self._into_folder(tr("Export the stems to"), _write_stems)

    def export_timeline(self) -> None:
        """Ask for a folder and write the lanes with timelines for other editors."""
        self._into_folder(tr("Export a timeline to"), _write_timeline)

    def collect(self) -> None:
        """Ask for a folder and copy all that the project is made of into it."""
        file = self._document.file
        write = partial(_collect, file.stem if file is not None else "")
        self._into_folder(tr("Collect in"), write, is_whole=True)

    def export_cue_sheet(self) -> None:
        """Ask for a folder and write what placed music the film uses."""
        self._into_folder(tr("Export the cue sheet to"), _write_cue_sheet, is_whole=True)

    def export_moment(self, clip_id: int) -> None:
        """Ask for a folder and write what a clip plays of its track, with handles."""
        if find_clip(self._document.project, clip_id) is not None:
            write = partial(_write_moment, clip_id)
            title = tr("Export the moment to")
            # It has no lane around it that could make room for speech.
            self._into_folder(title, write, is_whole=True, is_spoken=False)

    def _into_folder(
        self, title: str, write: "WriteInto", *, is_whole: bool = False, is_spoken: bool = True
    ) -> None:
        project, cache = self._document.project, self._cache
        is_there = is_whole or project.has_result
        if project.media is None or not is_there or self._is_busy(is_spoken=is_spoken):
            return
        folder = self._ask.folder(f"{title}…", project.media.path.parent)
        if folder is None:
            return

        def into(project: Project, context: RunContext) -> "Exported":
            return write(project, folder, cache, context)

        self._start(f"{title} {folder.name}", into, is_spoken=is_spoken)

    def cancel(self) -> None:
        """Give the running export up; nothing half written stays."""
        if self.job is not None:
            self.job.cancel()

    def _on_music_wish(self, command: str) -> None:
        if command == Command.CUE_SHEET:
            self.export_cue_sheet()

    def _is_busy(self, *, is_spoken: bool = True) -> bool:
        """Whether an export has to wait, which is said.

        Args:
            is_spoken: It depends on where somebody speaks.
        """
        restore, words = self._document.project.restore, ""
        if self.job is not None:
            words = tr("An export is running already.")
        elif is_spoken and restore is not None and restore.is_behind:
            words = tr("Speech is still being separated again.")
        elif is_spoken and self._ducking.is_listening:
            words = tr("Speech is still being looked for, for which music makes room.")
        if words:
            self._messages.notice(words, tr("Wait until it is done."))
        return bool(words)

    def _start(self, title: str, write: "Write", *, is_spoken: bool = True) -> None:
        """Write the project as it is now."""
        if self._is_busy(is_spoken=is_spoken):
            return
        project = self._document.project

        def work(context: RunContext) -> "Exported":
            try:
                return write(project, context)
            except EngineError as error:
                if project.media is None or project.media.path.exists():
                    raise
                raise MediaMissingError(project.media.path) from error

        self._again = partial(self._start, title, write, is_spoken=is_spoken)
        self.job = job = self.jobs.run_in_thread(title, work, Awaited.TO_KEEP)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def _on_succeeded(self, exported: "Exported") -> None:
        is_all = exported.is_film and is_held_by_film(exported.project)
        if is_all and exported.project is self._document.project and self._document.file is None:
            self._document.keep()
        self.exported.emit(exported)
        words = sentences(written_words(exported.paths), *exported.notes)
        folder = exported.paths[0].parent
        if exported.warnings:
            hints = (f"{each.removesuffix('.')}." for each in all_in_words(exported.warnings))
            self._messages.warn(words, sentences(*hints), folder)
        else:
            self._messages.notice(words, folder=folder)

    def _on_failed(self, error: EngineError) -> None:
        if isinstance(error, MediaMissingError):
            self._missing = error.video
        else:
            self._messages.error(error)

    def _on_finished(self) -> None:
        self.job = None
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


def _write_cue_sheet(
    project: Project, folder: Path, cache: Path, context: RunContext
) -> "Exported":
    from app.export.cue_sheet import export_cue_sheet

    return export_cue_sheet(project, folder, cache, context)


def _write_moment(
    clip_id: int, project: Project, folder: Path, cache: Path, context: RunContext
) -> "Exported":
    from app.export.moment import export_moment

    return export_moment(project, clip_id, folder, cache, context)


def _collect(
    name: str, project: Project, folder: Path, cache: Path, context: RunContext
) -> "Exported":
    from app.export.collect import collect

    return collect(project, folder, cache, context, name)


def export_view(project: Project) -> ExportView:
    """What can be exported of a project, and what the user may have overlooked."""
    lanes = project.lanes
    names = [lane_word(lane.lane_id) for lane in lanes if lane.soloed]
    warnings = []
    if names:
        warnings.append(
            tr("Solo of {names} is for listening and does not count.", names=", ".join(names))
        )
    if any(lane.gain_db > 0 and not lane.muted for lane in lanes):
        warnings.append(
            tr("A lane is made louder: it may clip. A loudness below keeps it from that.")
        )
    is_mix_heard = any(lane.lane_id == StemName.MIX and not lane.muted for lane in lanes)
    if is_mix_heard and project.restore is not None:
        warnings.append(tr("The original mix is heard too, with the added music in it."))
    if project.restore is not None and project.restore.result.poor:
        warnings.append(tr("Some stretches are marked as doubtful: listen there first."))
    if needs_speech(project):
        warnings.append(tr("Where somebody speaks is not known: the music makes no room for it."))
    if lost := lost_tracks(project):
        warnings.append(
            tr(
                "{names} cannot be found and will not be heard: see the page Music.",
                names=", ".join(lost),
            )
        )
    has_speech = stem_sound(project, StemName.DIALOGUE) is not None
    return ExportView(preset_views(), has_speech, tuple(warnings))


def wished_path(project: Project, video: Path, wish: ExportWish) -> Path:
    """What is suggested for a name."""
    if wish.content is Content.SPEECH:
        return video.with_name(f"{video.stem}.speech{video.suffix}").absolute()
    if project.restore is None:
        return video.with_name(f"{video.stem}.music{video.suffix}").absolute()
    return restored_path(video)


def written_words(paths: tuple[Path, ...]) -> str:
    """What was written, in one sentence."""
    if len(paths) == 1:
        return tr("Written: {file}", file=paths[0])
    return ntr(
        "Written: {count} file in {folder}",
        "Written: {count} files in {folder}",
        len(paths),
        folder=paths[0].parent,
    )
