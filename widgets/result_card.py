"""The files that came of the work: to be found, dragged into another program, or copied."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from engine.translation import ntr, tr
from widgets.accessibility import announce, describe
from widgets.cards import Card, row
from widgets.icons import icon
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


def files_mime(paths: tuple[Path, ...]) -> QMimeData:
    """Files for another program: as files where it takes such, else their paths as text."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    mime.setText("\n".join(str(path) for path in paths))
    return mime


class FileChip(QFrame):
    """The name of a file, which can be dragged out of the window."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: tuple[Path, ...] = ()
        self._pressed: QPoint | None = None
        self._symbol = QLabel()
        self._name = label("", "strong", wrap=True)
        self.setProperty("kind", "chip")
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self._symbol)
        layout.addWidget(self._name, 1)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._symbol.setPixmap(icon("drag", theme.dim).pixmap(16, 16))

    def show_files(self, paths: tuple[Path, ...]) -> None:
        """Show what can be dragged."""
        self._paths = paths
        name = (
            paths[0].name if len(paths) == 1 else ntr("{count} file", "{count} files", len(paths))
        )
        self._name.setText(name)
        describe(self, tr("{file}, drag it into another program", file=name))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """It was no drag."""
        self._pressed = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag once the hand has really moved."""
        pressed = self._pressed
        if pressed is None:
            return
        moved = (event.position().toPoint() - pressed).manhattanLength()
        if moved >= QGuiApplication.styleHints().startDragDistance():
            self._pressed = None
            drag = QDrag(self)
            drag.setMimeData(files_mime(self._paths))
            drag.setPixmap(self.grab())
            drag.setHotSpot(pressed)
            # Never moved: the file belongs where it was written.
            drag.exec(Qt.DropAction.CopyAction)


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
