"""Files that can be dragged into another program."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from engine.translation import ntr, tr
from widgets.accessibility import describe
from widgets.icons import icon
from widgets.styling import label
from widgets.theme import Theme


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
            self.begin_drag(pressed)

    def begin_drag(self, place: QPoint) -> None:
        """Have the files hang at the mouse by a place of the chip."""
        drag = QDrag(self)
        drag.setMimeData(files_mime(self._paths))
        drag.setPixmap(self.grab())
        drag.setHotSpot(place)
        # Never moved: the file belongs where it was written.
        drag.exec(Qt.DropAction.CopyAction)


class PromisedChip(FileChip):
    """The name of a file that is not written before somebody drags it.

    Signals:
        wanted: A drag began: write the file and call `hand_over`.
    """

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._place = QPoint()
        self.set_theme(theme)

    def begin_drag(self, place: QPoint) -> None:
        """Ask for the file."""
        self._place = place
        self.wanted.emit()

    def hand_over(self, path: Path) -> None:
        """Have the file hang at the mouse, if its button is still held."""
        self._paths = (path,)
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            super().begin_drag(self._place)
