"""The first row of the canvas: pictures of the video, and where it is cut."""

import math

import numpy as np
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QColor, QPainter

from widgets.columns import paint_columns
from widgets.lane_view import LaneView
from widgets.lanes import Thumbnail
from widgets.theme import LANE_HEIGHT_PX
from widgets.thumbnail_strip import ThumbnailStrip

_MARGIN_PX = 3
_TICK_HEIGHT_PX = 5
_HEIGHT_PX = LANE_HEIGHT_PX - 1 - 2 * _MARGIN_PX


class PictureLane(QObject):
    """Thumbnails side by side, as wide as the film is long; a tick above them at each cut.

    Signals:
        changed: There is something else to see.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._strip: ThumbnailStrip | None = None
        self._cuts_s = np.zeros(0)

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to see."""
        return bool(self._thumbnails)

    @property
    def num_cuts(self) -> int:
        """How often the picture is cut."""
        return len(self._cuts_s)

    def set_thumbnails(self, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Take other pictures, sorted by time."""
        self._thumbnails, self._strip = thumbnails, None
        self.changed.emit()

    def set_cuts(self, cuts_s: tuple[float, ...]) -> None:
        """Take the times of other cuts, ascending."""
        self._cuts_s = np.array(cuts_s)
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
        self._paint_cuts(painter, view, dirty)

    def _paint_cuts(self, painter: QPainter, view: LaneView, dirty: QRect) -> None:
        edges_s = [view.axis.time_at(x) for x in (dirty.left() - 1, dirty.right() + 1)]
        first, last = np.searchsorted(self._cuts_s, edges_s)
        places = np.rint((self._cuts_s[first:last] - view.axis.start_s) * view.axis.px_per_s)
        columns = np.zeros(dirty.width(), np.bool_)
        inside = places.astype(int) - dirty.left()
        columns[inside[(inside >= 0) & (inside < columns.size)]] = True
        color = QColor(view.theme.text)
        paint_columns(painter, columns, dirty.left(), 0, _TICK_HEIGHT_PX, color)
