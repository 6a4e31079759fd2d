"""What this is -> the dialog that says so."""

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import metadata
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from app.jobs import JobRunner
from app.licences import PROGRAM, Part, installed_parts, notes, source_folder
from engine.translation import tr
from widgets.about_dialog import AboutDialog, AboutView, PartView
from widgets.main_window import MainWindow


class AboutController(QObject):
    """Shows the dialog; the licences are read when they are first asked for."""

    def __init__(
        self, window: MainWindow, jobs: JobRunner, open_folder: Callable[[Path], object]
    ) -> None:
        super().__init__()
        self._window, self._jobs, self._open_folder = window, jobs, open_folder
        self._view: AboutView | None = None
        self._dialog: AboutDialog | None = None
        window.about_requested.connect(self._show)

    def _show(self) -> None:
        if self._view is None:
            said = metadata(PROGRAM)
            self._view = AboutView(said["Version"], said["License-Expression"], source_folder())
        dialog = AboutDialog(self._view, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.folder_requested.connect(self._open_folder)
        dialog.finished.connect(self._on_closed)
        self._dialog = dialog
        dialog.open()
        if not self._view.parts:
            job = self._jobs.run_in_thread(tr("Reading the licences"), installed_parts)
            job.succeeded.connect(self._on_read)

    def _on_closed(self) -> None:
        self._dialog = None

    def _on_read(self, parts: tuple[Part, ...]) -> None:
        if self._view is None:
            return
        shown = tuple(PartView(part.name, part.version, part.licence, part.home) for part in parts)
        self._view = replace(self._view, notes=notes(parts), parts=shown)
        if self._dialog is not None:
            self._dialog.show_view(self._view)
