"""The files that came of the work: to be found, dragged into another program, or copied."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication

from engine.translation import tr
from widgets.accessibility import announce
from widgets.cards import Card, row
from widgets.file_chip import FileChip, files_mime
from widgets.styling import button, label
from widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class ResultView:
    """What was written.

    Attributes:
        paths: The files; none hides the card.
        words: One line more, e.g. their size; may be empty.
    """

    paths: tuple[Path, ...] = ()
    words: str = ""


class ResultCard(Card):
    """The last files that were exported.

    Signals:
        folder_requested: pathlib.Path of the folder that the user wants to see.
    """

    folder_requested = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._view = ResultView()
        self._words = label("", "dim", wrap=True)
        self._chip = FileChip()
        self._open = button(
            tr("Open folder"),
            "main",
            tr("Open the folder of the result"),
            tr("Show where the result lies."),
        )
        self._open.clicked.connect(self._on_open)
        self._copy = button(
            tr("Copy path"),
            description=tr("Put the result on the clipboard, as a file and as a path."),
        )
        self._copy.clicked.connect(self._on_copy)
        self.column.addWidget(label(tr("Written"), "strong"))
        self.column.addWidget(self._chip)
        self.column.addWidget(self._words)
        self.column.addLayout(row(self._open, self._copy, stretch_after=1))
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._chip.set_theme(theme)

    def show_view(self, view: ResultView) -> None:
        """Show what was written; hidden when nothing was."""
        self._view = view
        self.setVisible(bool(view.paths))
        if view.paths:
            self._chip.show_files(view.paths)
        self._words.setText(view.words)
        self._words.setVisible(bool(view.words))

    def _on_open(self) -> None:
        self.folder_requested.emit(self._view.paths[0].parent)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setMimeData(files_mime(self._view.paths))
        announce(self, tr("Copied"))
