"""Many upright lines and stripes at once: one image instead of hundreds of rectangles."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.waveform_tiles import premultiplied


def paint_columns(
    painter: QPainter,
    columns: NDArray[np.bool_],
    left_px: int,
    top_px: int,
    height_px: int,
    color: QColor,
) -> None:
    """Fill the columns that are True.

    Args:
        painter: In logical pixels.
        columns: (width,) one for each logical pixel.
        left_px: Where the first one lies.
        top_px: Where all begin.
        height_px: How high they are.
        color: May be transparent.
    """
    if columns.any():
        width = columns.size
        pixels = np.where(columns, premultiplied(color.rgb())[color.alpha()], np.uint32(0))
        row = QImage(pixels.data, width, 1, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(QRectF(left_px, top_px, width, height_px), row, QRectF(0, 0, width, 1))
