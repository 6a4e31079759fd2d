"""Spectrograms as cached image tiles: asked for as they are looked at, shown when they come."""

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.color_map import level_colors
from widgets.frequency_axis import FrequencyAxis
from widgets.lane_view import LaneView
from widgets.lanes import LaneSpec, Levels, SpectrogramTile
from widgets.theme import Theme, ui_font
from widgets.tile_painting import paint_scaled, paint_tile

ASK_AFTER_MS = 40
"""While the view moves nobody is asked for what is gone again."""

_CAPACITY_BYTES = 96_000_000
_BYTES_A_PIXEL = 5
_LABEL_FONT_PX = 9
_LABEL_LEFT_PX = 4
_LABELS_FROM_PX = 40
_LABEL_GROUND_ALPHA = 190


@dataclass(slots=True)
class _Shown:
    """The levels of a tile, and its image in the colours it was painted in last."""

    levels: Levels
    image: QImage | None = None


class SpectrogramTiles(QObject):
    """Keeps the tiles used last; one that is missing is asked for and never waited for.

    Until it comes, what is known at another zoom is shown in its place, or nothing.

    Signals:
        wanted: tuple of `SpectrogramTile` that are looked at and missing; whoever hears it answers
            with `put`, and may forget what it was asked before.
        changed: lane_id of a lane that has more to show.
    """

    wanted = Signal(tuple)
    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._tiles: OrderedDict[SpectrogramTile, _Shown] = OrderedDict()
        self._axes: dict[str, FrequencyAxis] = {}
        self._num_bytes = 0
        self._missing: tuple[SpectrogramTile, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)

    def put(self, tile: SpectrogramTile, levels: Levels) -> None:
        """Show a tile; what was not looked at for longest gives way."""
        self._drop([tile] if tile in self._tiles else [])
        self._tiles[tile] = _Shown(levels)
        self._axes[tile.lane_id] = FrequencyAxis(levels.top_hz)
        self._num_bytes += _BYTES_A_PIXEL * levels.values.size
        while self._num_bytes > _CAPACITY_BYTES and len(self._tiles) > 1:
            self._drop([next(iter(self._tiles))])
        self.changed.emit(tile.lane_id)

    def forget(self, lane_id: str) -> None:
        """Drop the tiles of a lane whose sound changed."""
        self._drop([tile for tile in self._tiles if tile.lane_id == lane_id])
        self._axes.pop(lane_id, None)
        self._missing = ()
        self.changed.emit(lane_id)

    def recolor(self) -> None:
        """Paint with other colours from now on."""
        for shown in self._tiles.values():
            shown.image = None

    def look_at(self, tiles: Iterable[SpectrogramTile]) -> None:
        """Say what is in view: what is missing of it is asked for in a moment."""
        missing = tuple(tile for tile in tiles if tile not in self._tiles)
        if missing != self._missing:
            self._missing = missing
            if not self._timer.isActive():
                self._timer.start()

    def paint(
        self, painter: QPainter, view: LaneView, lane: LaneSpec, row: QRect, visible: QRect
    ) -> None:
        """Draw the spectrogram of a lane as far as it is known, see `LanePainter.paint`."""
        tiles = tiles_in(view, lane.lane_id, row, visible)
        if any(tile not in self._tiles for tile in tiles):
            for tile in self._others(tiles[0]):
                image = self._image(tile, view.theme, lane.color_token)
                paint_scaled(painter, view, tile, image, row, visible)
        for tile in tiles:
            if tile in self._tiles:
                self._tiles.move_to_end(tile)
                image = self._image(tile, view.theme, lane.color_token)
                paint_tile(painter, view, tile.index, image, row.top())
        axis = self._axes.get(lane.lane_id)
        if axis is not None and row.height() >= _LABELS_FROM_PX:
            paint_frequencies(painter, axis, view.theme, row, visible)

    def _ask(self) -> None:
        self.wanted.emit(self._missing)

    def _drop(self, tiles: list[SpectrogramTile]) -> None:
        for tile in tiles:
            self._num_bytes -= _BYTES_A_PIXEL * self._tiles.pop(tile).levels.values.size

    def _image(self, tile: SpectrogramTile, theme: Theme, token: str) -> QImage:
        shown = self._tiles[tile]
        if shown.image is None:
            shown.image = level_image(shown.levels, theme, token)
        return shown.image

    def _others(self, missing: SpectrogramTile) -> list[SpectrogramTile]:
        """Tiles of two other zooms, coarse ones first: the farthest view, and the nearest zoom."""
        others = [
            tile
            for tile in self._tiles
            if tile.lane_id == missing.lane_id
            and tile.height == missing.height
            and tile.px_per_s != missing.px_per_s
        ]
        zooms = {tile.px_per_s for tile in others}
        if not zooms:
            return []
        nearest = min(zooms, key=lambda zoom: abs(math.log(zoom / missing.px_per_s)))
        chosen = [tile for tile in others if tile.px_per_s in (min(zooms), nearest)]
        return sorted(chosen, key=lambda tile: tile.px_per_s)


def tiles_in(
    view: LaneView, lane_id: str, row: QRect, visible: QRect | None = None
) -> tuple[SpectrogramTile, ...]:
    """The tiles of a lane that meet a rectangle, or all of its row."""
    height = round(row.height() * view.pixel_ratio)
    return tuple(
        SpectrogramTile(lane_id, view.px_per_s, height, index)
        for index in view.tiles(visible or row)
    )


def level_image(levels: Levels, theme: Theme, token: str) -> QImage:
    """Colour levels with the colours of a lane."""
    pixels = np.ascontiguousarray(level_colors(theme, token)[levels.values])
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()


def paint_frequencies(
    painter: QPainter, axis: FrequencyAxis, theme: Theme, row: QRect, visible: QRect
) -> None:
    """Name a few frequencies at the left edge of a row."""
    font = ui_font()
    font.setPixelSize(_LABEL_FONT_PX)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    ground = QColor(theme.window)
    ground.setAlpha(_LABEL_GROUND_ALPHA)
    for mark in axis.marks():
        width = metrics.horizontalAdvance(mark.label)
        middle = row.bottom() + 1 - mark.part * row.height()
        top = min(max(round(middle - _LABEL_FONT_PX / 2), row.top()), row.bottom() - _LABEL_FONT_PX)
        place = QRect(_LABEL_LEFT_PX, top, width, _LABEL_FONT_PX)
        if place.left() <= visible.right() and place.right() >= visible.left():
            painter.fillRect(place.adjusted(-2, 0, 2, 1), ground)
            painter.setPen(QColor(theme.dim))
            painter.drawText(QPointF(place.left(), place.bottom() + 0.5), mark.label)
