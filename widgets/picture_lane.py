"""The first row of the canvas: pictures of the video."""

import math

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QPainter

from widgets.lane_view import LaneView
from widgets.lanes import Thumbnail
from widgets.theme import LANE_HEIGHT_PX
from widgets.thumbnail_strip import ThumbnailStrip

_MARGIN_PX = 3
_HEIGHT_PX = LANE_HEIGHT_PX - 1 - 2 * _MARGIN_PX


class PictureLane(QObject):
    """Thumbnails side by side, as wide as the film is long.

    Signals:
        changed: There is something else to see.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._strip: ThumbnailStrip | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to see."""
        return bool(self._thumbnails)

    def set_thumbnails(self, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Take other pictures, sorted by time."""
        self._thumbnails, self._strip = thumbnails, None
        self.changed.emit()

    def paint(self, painter: QPainter, view: LaneView, dirty: QRect) -> None:
        """Draw the part that meets a rectangle; the row begins at 0."""
        if not self._thumbnails:
            return
        if self._strip is None or self._strip.pixel_ratio != view.pixel_ratio:
            self._strip = ThumbnailStrip(self._thumbnails, _HEIGHT_PX, view.pixel_ratio)
        visible = QRect(dirty.left(), _MARGIN_PX, dirty.width(), _HEIGHT_PX)
        end_x = math.ceil(view.axis.x_at(view.axis.duration_s))
        painter.save()
        painter.setClipRect(visible.intersected(QRect(0, 0, end_x, LANE_HEIGHT_PX)))
        self._strip.paint(painter, visible, view.origin / view.pixel_ratio, view.axis.px_per_s)
        painter.restore()
