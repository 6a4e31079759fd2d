"""Files dropped on a widget."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


def dropped_paths(mime_data: QMimeData) -> list[Path]:
    """Give the local files of a drag; links to the web and other data are left out."""
    return [Path(url.toLocalFile()) for url in mime_data.urls() if url.isLocalFile()]


class FileDrop(QObject):
    """Lets a widget take files.

    Signals:
        entered: Files hover over the widget.
        left: They no longer do, also after a drop.
        dropped: list of pathlib.Path.
        dropped_at: The same, and where, in the pixels of the widget.
    """

    entered = Signal()
    left = Signal()
    dropped = Signal(list)
    dropped_at = Signal(list, QPointF)

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, _target: QObject, event: QEvent) -> bool:
        """Handle the drags of the target."""
        if isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if event.type() == QEvent.Type.DragLeave:
            self.left.emit()
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.acceptProposedAction()
            self.left.emit()
            paths = dropped_paths(event.mimeData())
            self.dropped.emit(paths)
            self.dropped_at.emit(paths, event.position())
            return True
        return False

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not dropped_paths(event.mimeData()):
            return False
        event.acceptProposedAction()
        self.entered.emit()
        return True
