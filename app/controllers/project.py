"""Save and Save as -> the project file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.document import Change, Document
from app.messages import Messages
from app.project_io import SUFFIX, write_project
from app.settings import SettingsStore
from engine.errors import OutputError
from engine.translation import tr
from widgets.main_window import MainWindow

AskProject = Callable[[Path], Path | None]
"""Asks the user where a project is to be kept, given a suggestion."""


class ProjectController(QObject):
    """Keeps the project in a file; a few kilobytes, written at once."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        messages: Messages,
        settings: SettingsStore,
        ask_project: AskProject,
    ) -> None:
        super().__init__()
        self._document, self._messages = document, messages
        self._settings, self._ask_project = settings, ask_project
        self._written: tuple[Path, int] | None = None
        document.listen(self._on_change)
        window.save_requested.connect(self.save)
        window.save_as_requested.connect(self.save_as)

    def save(self) -> bool:
        """Keep the project where it was kept last; ask where if it never was.

        Returns:
            Whether it is kept now.
        """
        file = self._document.file
        if file is None:
            return self.save_as()
        if self._written != _stamp(file):
            self._messages.error(
                OutputError(
                    tr(
                        "{file} was changed or removed by something else since it was opened",
                        file=file.name,
                    ),
                    tr("use Save as to keep this under another name, or over it"),
                )
            )
            return False
        return self._write(file)

    def save_as(self) -> bool:
        """Ask for a file and keep the project there."""
        media = self._document.project.media
        if media is None:
            return False
        file = self._ask_project(self._document.file or media.path.with_suffix(SUFFIX))
        if file is None:
            return False
        if file.suffix.lower() != SUFFIX:
            # Never the video, whatever is chosen; and a project is known by its name.
            file = file.with_name(file.name + SUFFIX)
            if file.exists():
                self._messages.error(
                    OutputError(tr("{file} is there already", file=file), tr("choose that name"))
                )
                return False
        return self._write(file)

    def _on_change(self, change: Change) -> None:
        file = self._document.file
        if change.media:
            self._written = _stamp(file) if file is not None else None

    def _write(self, file: Path) -> bool:
        try:
            write_project(self._document.project, file)
        except OutputError as error:
            self._messages.error(error)
            return False
        self._written = _stamp(file)
        self._document.saved_as(file)
        self._settings.remember(file)
        return True


def _stamp(file: Path) -> tuple[Path, int] | None:
    """What tells whether somebody else has written a file; None where there is none."""
    try:
        return file, file.stat().st_mtime_ns
    except OSError:
        return None
