"""Draws in and out points and markers on the ruler and over the lanes."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from engine.types import Region
from widgets.marks import MARKER_HALF_PX, Marks
from widgets.snapping import SnapPoint
from widgets.theme import Theme, ui_font
from widgets.time_axis import TimeAxis

_BAND_PX = 4
_EDGE_PX = 2
_EDGE_HEIGHT_PX = 12
_OUTSIDE_ALPHA = 120
_GROUND_ALPHA = 150
_LABEL_GROUND_ALPHA = 220
_LABEL_FONT_PX = 11
_LABEL_GAP_PX = 5


def paint_on_ruler(
    painter: QPainter, axis: TimeAxis, marks: Marks, theme: Theme, height_px: int
) -> None:
    """Draw the selection as a band with two edges at the foot, and markers as diamonds."""
    if marks.selection is not None:
        left, right = _edges_px(axis, marks.selection)
        accent = QColor(theme.accent)
        painter.fillRect(left, height_px - _BAND_PX, right - left, _BAND_PX, accent)
        for x in (left, right - _EDGE_PX):
            painter.fillRect(x, height_px - _EDGE_HEIGHT_PX, _EDGE_PX, _EDGE_HEIGHT_PX, accent)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.window))
    painter.setBrush(QColor(theme.warn))
    for marker in marks.markers_in(axis):
        painter.drawPolygon(_diamond(axis.x_at(marker.time_s) + 0.5, height_px - 1))
    painter.restore()


def paint_on_lanes(
    painter: QPainter, axis: TimeAxis, marks: Marks, theme: Theme, dirty: QRect
) -> None:
    """Shade what is not selected, and draw a line at each marker."""
    if marks.selection is not None:
        left, right = _edges_px(axis, marks.selection)
        shade = QColor(theme.window)
        shade.setAlpha(_OUTSIDE_ALPHA)
        before = QRect(dirty.left(), dirty.top(), left - dirty.left(), dirty.height())
        behind = QRect(right, dirty.top(), dirty.right() + 1 - right, dirty.height())
        for outside in (before, behind):
            painter.fillRect(outside.intersected(dirty), shade)
    places = (round(axis.x_at(marker.time_s)) for marker in marks.markers_in(axis))
    fill(painter, [QRect(x, dirty.top(), 1, dirty.height()) for x in places], QColor(theme.warn))


def fill(painter: QPainter, rects: Sequence[QRect], color: QColor) -> None:
    """Fill many rectangles at one go.

    Each call of the painter gives the interpreter away for a moment: while a job computes, many
    calls a frame would wait for it many times.
    """
    if rects:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects(rects)
        painter.restore()


def paint_line(painter: QPainter, x: int, height_px: int, theme: Theme, color: str) -> None:
    """Draw an upright line that stands out of whatever is under it."""
    ground = QColor(theme.window)
    ground.setAlpha(_GROUND_ALPHA)
    painter.fillRect(x - 1, 0, 3, height_px, ground)
    painter.fillRect(x, 0, 1, height_px, QColor(color))


def paint_guide(
    painter: QPainter, axis: TimeAxis, guide: SnapPoint, theme: Theme, height_px: int
) -> None:
    """Draw what a drag holds on to: a line, and its name beside it."""
    x = round(axis.x_at(guide.time_s))
    paint_line(painter, x, height_px, theme, theme.accent)
    font = ui_font()
    font.setPixelSize(_LABEL_FONT_PX)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    width = metrics.horizontalAdvance(guide.name)
    # At the right of the line, unless that is out of sight.
    fits = x + 2 * _LABEL_GAP_PX + width <= axis.width_px
    left = x + _LABEL_GAP_PX if fits else x - _LABEL_GAP_PX - width
    place = QRect(left, _LABEL_GAP_PX, width, metrics.height())
    ground = QColor(theme.lane)
    ground.setAlpha(_LABEL_GROUND_ALPHA)
    painter.fillRect(place.adjusted(-3, -1, 3, 1), ground)
    painter.setPen(QColor(theme.text))
    painter.drawText(place, guide.name)


def _edges_px(axis: TimeAxis, selection: Region) -> tuple[int, int]:
    return round(axis.x_at(selection.start_s)), round(axis.x_at(selection.end_s))


def _diamond(x: float, foot: int) -> QPolygonF:
    half = MARKER_HALF_PX
    corners = (x, foot - 2 * half), (x + half, foot - half), (x, foot), (x - half, foot - half)
    return QPolygonF([QPointF(*corner) for corner in corners])
