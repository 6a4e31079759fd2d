"""What was written -> the Result card."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.controllers.export import ExportController
from app.document import Change, Document
from engine.translation import tr
from widgets.restore_panel import RestorePanel
from widgets.result_card import ResultView

if TYPE_CHECKING:
    from app.export.work import Exported


class ResultController(QObject):
    """Shows the last export of the video that is open.

    Attributes:
        written: Its files; none before there was one.
    """

    def __init__(self, panel: RestorePanel, document: Document, export: ExportController) -> None:
        super().__init__()
        self._panel, self._document = panel, document
        self.written: tuple[Path, ...] = ()
        export.exported.connect(self._on_exported)
        document.listen(self._on_change)

    def _on_exported(self, exported: "Exported") -> None:
        if exported.project.media is self._document.project.media:
            self._show(exported.paths)
            self._panel.reveal(self._panel.result_card)

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._show(())

    def _show(self, paths: tuple[Path, ...]) -> None:
        self.written = paths
        words = tr("Drag it into another program, or find it in its folder.")
        self._panel.result_card.show_view(ResultView(paths, words))
