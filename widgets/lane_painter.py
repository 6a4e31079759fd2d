"""Draws what is in a lane: marked stretches and the waveform, from cached tiles."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QPainter

from engine.types import Region
from widgets.lanes import LaneSpec, WaveformSource
from widgets.theme import Theme
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TILE_WIDTH, TileCache, TileKey

_REGION_ALPHA = 34
_REGION_EDGE_PX = 2


@dataclass(frozen=True, slots=True)
class LaneView:
    """How lanes are drawn just now."""

    theme: Theme
    axis: TimeAxis
    pixel_ratio: float

    @property
    def origin(self) -> int:
        """Distance of the left edge from time 0 in device pixels."""
        return round(self.axis.start_s * self.axis.px_per_s * self.pixel_ratio)


class LanePainter:
    """Knows sounds and marked stretches by lane, and keeps their tiles."""

    def __init__(self) -> None:
        self._sources: dict[str, WaveformSource] = {}
        self._regions: dict[str, tuple[Region, ...]] = {}
        self._tiles = TileCache()

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Take a lane's sound; None forgets it."""
        self._tiles.forget(lane_id)
        if source is None:
            self._sources.pop(lane_id, None)
        else:
            self._sources[lane_id] = source

    def set_regions(self, lane_id: str, regions: tuple[Region, ...]) -> None:
        """Take the marked stretches of a lane."""
        self._regions[lane_id] = regions

    def forget(self, lane_id: str) -> None:
        """Drop all that belongs to a lane."""
        self.set_waveform(lane_id, None)
        self._regions.pop(lane_id, None)

    def paint(
        self, painter: QPainter, view: LaneView, lane: LaneSpec, row: QRect, visible: QRect
    ) -> None:
        """Draw a lane.

        Args:
            painter: On the canvas, in logical pixels.
            view: Colours and the visible stretch of time.
            lane: Which lane.
            row: Where it lies.
            visible: The part of the row that has to be drawn.
        """
        color = view.theme.lane_color(lane.color_token)
        for region in self._regions.get(lane.lane_id, ()):
            self._paint_region(painter, view.axis, region, row, color)
        source = self._sources.get(lane.lane_id)
        if source is not None and view.axis.duration_s:
            self._paint_waveform(painter, view, lane, source, visible, row)

    def _paint_region(
        self, painter: QPainter, axis: TimeAxis, region: Region, row: QRect, color: QColor
    ) -> None:
        left = max(round(axis.x_at(region.start_s)), row.left())
        right = min(round(axis.x_at(region.end_s)), row.right() + 1)
        if left < right:
            shade = QColor(color)
            shade.setAlpha(_REGION_ALPHA)
            painter.fillRect(left, row.top(), right - left, row.height(), shade)
            painter.fillRect(left, row.top(), right - left, _REGION_EDGE_PX, color)

    def _paint_waveform(
        self,
        painter: QPainter,
        view: LaneView,
        lane: LaneSpec,
        source: WaveformSource,
        visible: QRect,
        row: QRect,
    ) -> None:
        ratio, origin = view.pixel_ratio, view.origin
        px_per_s = view.axis.px_per_s * ratio
        rgb = view.theme.lane_color(lane.color_token).rgb()
        end = math.ceil(view.axis.duration_s * px_per_s)
        first = math.floor((origin + visible.left() * ratio) / TILE_WIDTH)
        last = math.floor(min(origin + (visible.right() + 1) * ratio, end - 1) / TILE_WIDTH)
        for index in range(max(first, 0), last + 1):
            key = TileKey(lane.lane_id, px_per_s, round(row.height() * ratio), rgb, index)
            image = self._tiles.tile(key, source, view.axis.duration_s)
            image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF((index * TILE_WIDTH - origin) / ratio, row.top()), image)
