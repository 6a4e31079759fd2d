"""Draws tiles: where they belong, or of one zoom for those of another until these are there."""

from typing import Protocol

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.lane_view import LaneView
from widgets.waveform_tiles import TILE_WIDTH, TileKey


class PlacedTile(Protocol):
    """What any tile has; see `widgets.waveform_tiles.TileKey`."""

    @property
    def px_per_s(self) -> float:
        """Zoom, in device pixels."""

    @property
    def index(self) -> int:
        """Number of the tile."""


def waveform_tiles(
    view: LaneView, sound_id: str, height_px: float, color: QColor, visible: QRect
) -> list[TileKey]:
    """The tiles of a waveform that are needed.

    Args:
        view: Where the sound lies.
        sound_id: Which one.
        height_px: Of the waveform, in logical pixels.
        color: Of the waveform.
        visible: What has to be drawn.
    """
    height, rgb = round(height_px * view.pixel_ratio), color.rgb()
    return [TileKey(sound_id, view.px_per_s, height, rgb, index) for index in view.tiles(visible)]


def paint_tile(painter: QPainter, view: LaneView, index: int, image: QImage, top: float) -> None:
    """Draw a tile where it belongs."""
    image.setDevicePixelRatio(view.pixel_ratio)
    painter.drawImage(QPointF(view.tile_x(index), top), image)


def paint_scaled(
    painter: QPainter, view: LaneView, tile: PlacedTile, image: QImage, row: QRect, visible: QRect
) -> None:
    """Draw what is visible of a tile of another zoom, stretched to that of the view.

    Args:
        painter: On the canvas, in logical pixels.
        view: The visible stretch of time.
        tile: Where the image belongs.
        image: The tile.
        row: Where the lane lies.
        visible: The part of the row that has to be drawn.
    """
    axis, zoom, first = view.axis, tile.px_per_s, tile.index * TILE_WIDTH
    edges = visible.left(), visible.right() + 1
    left_px, right_px = ((axis.start_s + x / axis.px_per_s) * zoom - first for x in edges)
    left_px, right_px = max(left_px, 0.0), min(right_px, float(image.width()))
    if left_px < right_px:
        width = (right_px - left_px) * axis.px_per_s / zoom
        target = QRectF(axis.x_at((first + left_px) / zoom), row.top(), width, row.height())
        source = QRectF(left_px, 0, right_px - left_px, image.height())
        painter.drawImage(target, image, source)
