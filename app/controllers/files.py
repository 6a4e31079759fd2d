"""Files that the user drops, chooses or names at the start -> the editor, and the queue."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.media import MediaController
from app.controllers.queue import QueueController
from app.document import Document
from app.film_files import is_project, is_sound, named_files
from app.jobs import Awaited, JobRunner
from app.messages import Messages
from app.sample import own_sample
from app.settings import SettingsStore
from engine.catalog import data_folder
from engine.context import RunContext
from engine.errors import OutputError
from engine.translation import tr
from widgets.main_window import MainWindow
from widgets.pages import Page

AskFiles = Callable[[Path | None], tuple[Path, ...]]
"""Asks the user for videos or a project, beginning in a folder."""

Place = Callable[[Sequence[Path]], None]
"""Places tracks in the film, at the play head."""

_WHERE_SOUND_GOES = tr(
    "Drop it on the card of the added track to take it out, or on the lanes to place it as music. "
    "Open, in the menu File, opens it by itself."
)


class FilesController(QObject):
    """Opens the first of some files; where there are more, all videos join the queue."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        messages: Messages,
        settings: SettingsStore,
        media: MediaController,
        queue: QueueController,
        ask: AskFiles,
        place: Place,
    ) -> None:
        super().__init__()
        self._window, self._document, self._place = window, document, place
        self._jobs, self._messages, self._settings = jobs, messages, settings
        self._media, self._queue, self._ask = media, queue, ask
        self._panel = window.restore_panel
        window.open_requested.connect(self.ask)
        window.sample_requested.connect(self.open_sample)
        window.files_dropped.connect(self._on_dropped)
        window.restore_panel.queue_card.files_dropped.connect(self._queue_up)

    def ask(self) -> None:
        """Let the user choose."""
        self.take(self._ask(self._settings.current.last_folder))

    def open_sample(self) -> None:
        """Open the user's own copy of the sample project."""
        try:
            self._media.open(own_sample(data_folder() / "sample"))
        except OutputError as error:
            self._messages.error(error)

    def take(self, paths: Iterable[Path]) -> None:
        """Take files and folders in."""
        self._look_through(paths, self._share_out)

    def put_off(self, paths: Sequence[Path]) -> None:
        """Say that other work came back in their place; where they are several, they are queued."""
        self._messages.notice(
            tr("{name} was not opened: the work came back instead.", name=paths[0].name)
        )
        self._look_through(paths, self._queue_several)

    def _on_dropped(self, paths: list[Path]) -> None:
        """Open films; a sound takes no film's place, for it is more likely meant to go with it."""
        sounds = [path for path in paths if is_sound(path)]
        if self._document.project.media is None or not sounds:
            self.take(paths)
        elif len(sounds) < len(paths):
            self.take(path for path in paths if path not in sounds)
        elif self._window.page is Page.MUSIC:
            self._place(sounds)
        else:
            self._messages.notice(
                tr("{name} was not opened: a film is open.", name=sounds[0].name),
                _WHERE_SOUND_GOES,
            )

    def _queue_up(self, paths: list[Path]) -> None:
        self._look_through(paths, self._queue.add)

    def _look_through(
        self, paths: Iterable[Path], then: Callable[[tuple[Path, ...]], None]
    ) -> None:
        """Have folders read in a thread: they may be on a slow disk."""
        wanted = tuple(paths)
        if not wanted:
            return
        if len(wanted) == 1 and wanted[0].is_file():
            then((wanted[0].absolute(),))
            return

        def work(_: RunContext) -> tuple[Path, ...]:
            return named_files(wanted)

        job = self._jobs.run_in_thread(tr("Looking for videos"), work, Awaited.TO_SEE)
        job.succeeded.connect(then)
        job.failed.connect(self._messages.error)

    def _share_out(self, files: tuple[Path, ...]) -> None:
        self._media.open(files[0])
        self._queue_several(files)

    def _queue_several(self, files: tuple[Path, ...]) -> None:
        if len(files) > 1:
            self._queue.add(file for file in files if not is_project(file))
            self._panel.reveal(self._panel.queue_card)
