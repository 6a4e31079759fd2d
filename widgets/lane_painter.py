"""Draws what is in a lane: marked stretches, and the waveform or the spectrogram, from tiles."""

import time

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from engine.types import Region
from widgets.columns import paint_columns
from widgets.lane_view import LaneView
from widgets.lanes import LaneSpec, WaveformSource
from widgets.spectrogram_tiles import SpectrogramTiles
from widgets.stretches import Stretches
from widgets.theme import ui_font
from widgets.tile_painting import paint_scaled, paint_tile, waveform_tiles
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TileCache, TileKey

_FRAME_S = 0.004
"""So much of a frame may be spent on tiles that are new, where others can stand in for them."""

_REGION_ALPHA = 34
_REGION_EDGE_PX = 2
_DOUBT_PX = 14


class LanePainter:
    """Knows sounds and marked stretches by lane, and keeps their tiles.

    Attributes:
        spectrograms: The lanes of which frequencies are shown.
        is_behind: Since `begin_frame` something was drawn from tiles of another zoom.
    """

    def __init__(self) -> None:
        self.spectrograms = SpectrogramTiles()
        self._sources: dict[str, WaveformSource] = {}
        self._regions: dict[str, Stretches] = {}
        self._tiles = TileCache()
        self._deadline_s = 0.0
        self.is_behind = False

    def begin_frame(self) -> None:
        """Begin to draw; what takes too long comes with a later frame, if anything stands in."""
        self._deadline_s = time.perf_counter() + _FRAME_S
        self.is_behind = False

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Take a lane's sound; None forgets it."""
        self._tiles.forget(lane_id)
        if source is None:
            self._sources.pop(lane_id, None)
        else:
            self._sources[lane_id] = source

    def set_regions(self, lane_id: str, regions: tuple[Region, ...]) -> None:
        """Take the marked stretches of a lane."""
        self._regions[lane_id] = Stretches(regions)

    def forget(self, lane_id: str) -> None:
        """Drop all that belongs to a lane."""
        self.set_waveform(lane_id, None)
        self.spectrograms.forget(lane_id)
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
        if lane.as_spectrogram and view.axis.duration_s:
            self.spectrograms.paint(painter, view, lane, row, visible)
        color = view.theme.lane_color(lane.color_token)
        regions = self._regions.get(lane.lane_id)
        if regions is not None:
            paint_regions(painter, view.axis, regions, row, visible, color)
        source = self._sources.get(lane.lane_id)
        if source is not None and view.axis.duration_s and not lane.as_spectrogram:
            self._paint_waveform(painter, view, lane, source, visible, row)
        for region in lane.pending:
            paint_pending(painter, view, region, row, color)
        # As plain to see in a lane that is not heard.
        painter.setOpacity(1.0)
        for doubt in lane.doubts:
            paint_doubt(painter, view, doubt.region, row)

    def _paint_waveform(
        self,
        painter: QPainter,
        view: LaneView,
        lane: LaneSpec,
        source: WaveformSource,
        visible: QRect,
        row: QRect,
    ) -> None:
        color = view.theme.lane_color(lane.color_token)
        keys = waveform_tiles(view, lane.lane_id, row.height(), color, visible)
        zooms = self._tiles.zooms_near(keys[0]) if any(map(self._is_late, keys)) else []
        for key in keys:
            if self._is_late(key) and self._paint_stand_ins(
                painter, view, key, zooms, row, visible
            ):
                continue
            image = self._tiles.tile(key, source, view.axis.duration_s)
            paint_tile(painter, view, key.index, image, row.top())

    def _is_late(self, key: TileKey) -> bool:
        return key not in self._tiles and time.perf_counter() > self._deadline_s

    def _paint_stand_ins(
        self,
        painter: QPainter,
        view: LaneView,
        missing: TileKey,
        zooms: list[float],
        row: QRect,
        visible: QRect,
    ) -> bool:
        """Draw tiles of another zoom in the place of one; False if there are none."""
        left = round(view.tile_x(missing.index))
        width = round(view.tile_x(missing.index + 1)) - left
        place = visible.intersected(QRect(left, row.top(), width, row.height()))
        edges_s = (view.axis.time_at(x) for x in (place.left(), place.right() + 1))
        stand_ins = self._tiles.stand_ins(missing, zooms, *edges_s)
        for key in stand_ins:
            paint_scaled(painter, view, key, self._tiles.known(key), row, place)
        self.is_behind = self.is_behind or bool(stand_ins)
        return bool(stand_ins)


def paint_regions(
    painter: QPainter, axis: TimeAxis, regions: Stretches, row: QRect, visible: QRect, color: QColor
) -> None:
    """Shade stretches of a row, with a line above each."""
    shade = QColor(color)
    shade.setAlpha(_REGION_ALPHA)
    columns = np.zeros(visible.width(), np.bool_)
    for left, right in regions.spans_px(axis, visible.left(), visible.right() + 1):
        columns[left - visible.left() : right - visible.left()] = True
    paint_columns(painter, columns, visible.left(), row.top(), row.height(), shade)
    paint_columns(painter, columns, visible.left(), row.top(), _REGION_EDGE_PX, color)


def paint_pending(
    painter: QPainter, view: LaneView, region: Region, row: QRect, color: QColor
) -> None:
    """Hatch a stretch of a row that is being worked on, with three dots at its foot."""
    place = _place_px(view, region, row)
    if place.isEmpty():
        return
    painter.fillRect(place, QBrush(color, Qt.BrushStyle.FDiagPattern))
    _paint_badge(painter, view, place, color, "…")


def paint_doubt(painter: QPainter, view: LaneView, region: Region, row: QRect) -> None:
    """Hatch a stretch of a row, with a question mark at its foot."""
    place = _place_px(view, region, row)
    if place.isEmpty():
        return
    color = QColor(view.theme.warn)
    painter.fillRect(place, QBrush(color, Qt.BrushStyle.BDiagPattern))
    painter.fillRect(place.left(), row.bottom() - 1, place.width(), 2, color)
    _paint_badge(painter, view, place, color, "?")


def _place_px(view: LaneView, region: Region, row: QRect) -> QRect:
    """Where a stretch lies in a row, as far as it can be seen."""
    left = max(round(view.axis.x_at(region.start_s)), row.left())
    right = min(round(view.axis.x_at(region.end_s)), row.right() + 1)
    return QRect(left, row.top(), right - left, row.height())


def _paint_badge(painter: QPainter, view: LaneView, place: QRect, color: QColor, sign: str) -> None:
    font = ui_font(bold=True)
    font.setPixelSize(_DOUBT_PX - 3)
    painter.setFont(font)
    badge = QRect(place.left(), place.bottom() + 1 - _DOUBT_PX, _DOUBT_PX, _DOUBT_PX)
    painter.fillRect(badge, color)
    painter.setPen(QColor(view.theme.on_state))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, sign)
