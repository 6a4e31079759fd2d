"""Plain values for widgets to show."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from widgets.lanes import LaneSpec, Peaks

DURATION_S = 60.0
LANES = (
    LaneSpec("mix", "0", "Original mix", "mix"),
    LaneSpec("dialogue", "D", "Dialogue", "dialogue", gain_db=-6.0),
    LaneSpec("bgm", "B", "BGM removed", "bgm", muted=True),
)

Kind = TypeVar("Kind", bound=QWidget)


@dataclass
class Saw:
    """A sound whose peaks reach `peak` everywhere; remembers what was asked."""

    peak: float
    asked: list[tuple[float, float, int]] = field(default_factory=list)

    def window(self, start_s: float, end_s: float, num_bins: int) -> Peaks:
        """Give (num_bins, 2) constant peaks."""
        self.asked.append((start_s, end_s, num_bins))
        return np.tile(np.array([-self.peak, self.peak], np.float32), (num_bins, 1))


@dataclass
class Clicks:
    """Silence with a click at each whole second, told apart from its neighbours exactly."""

    def window(self, start_s: float, end_s: float, num_bins: int) -> Peaks:
        """Give peaks that are 1 in the bins that hold a whole second."""
        edges = start_s + (end_s - start_s) * np.arange(num_bins + 1) / num_bins
        holds = np.floor(edges[1:] - 1e-9) > np.floor(edges[:-1] - 1e-9)
        return np.stack([np.zeros(num_bins), holds], axis=1).astype(np.float32)


def child(parent: QWidget, kind: type[Kind], name: str = "") -> Kind:
    """Give the child of a kind with an accessible name; the first one when no name is given."""
    return next(w for w in parent.findChildren(kind) if name in {"", w.accessibleName()})


def press(
    widget: QWidget | None,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key while a widget has the keyboard."""
    assert widget is not None
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Click with the left button, in the middle unless a place is given."""
    place = place or widget.rect().center()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)


def color_at(widget: QWidget, x: int, y: int) -> str:
    """Give the colour that a widget shows at a place, as "#rrggbb"."""
    return widget.grab().toImage().pixelColor(x, y).name()


def plain_image(width: int, height: int, color: str) -> QImage:
    """Make a picture of one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def turn_wheel(
    widget: QWidget,
    x: float,
    delta: QPoint,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> QWheelEvent:
    """Turn the wheel over a widget; the event tells whether it was taken."""
    place = QPointF(x, 5)
    event = QWheelEvent(
        place,
        widget.mapToGlobal(place),
        QPoint(),
        delta,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def file_mime(*paths: str) -> QMimeData:
    """Make what a file manager drags."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def drag_in(widget: QWidget, mime: QMimeData) -> QDragEnterEvent:
    """Drag something over a widget; the event tells whether it was taken."""
    event = QDragEnterEvent(QPoint(9, 9), _COPY, mime, _LEFT, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event


def drop(widget: QWidget, mime: QMimeData) -> None:
    """Drag something over a widget and let it go."""
    drag_in(widget, mime)
    event = QDropEvent(
        QPointF(9, 9), _COPY, mime, _LEFT, Qt.KeyboardModifier.NoModifier, QEvent.Type.Drop
    )
    QApplication.sendEvent(widget, event)


_COPY = Qt.DropAction.CopyAction
_LEFT = Qt.MouseButton.LeftButton
