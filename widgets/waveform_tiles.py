"""Waveforms as cached image tiles: drawn once with numpy, blitted ever after."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from widgets.lanes import Peaks, WaveformSource

TILE_WIDTH = 512
_MARGIN = 0.06
_MIN_THICKNESS = 1.0
_MOST_STAND_INS = 4
_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class TileKey:
    """What a tile shows; all sizes in device pixels.

    Attributes:
        lane_id: Whose waveform.
        px_per_s: Zoom.
        height: Height of the tile.
        rgb: Colour.
        index: Number of the tile; it begins at pixel `index * TILE_WIDTH` of the whole sound.
    """

    lane_id: str
    px_per_s: float
    height: int
    rgb: int
    index: int

    @property
    def strip(self) -> tuple[str, int, int]:
        """What it has in common with the tiles of other zooms."""
        return self.lane_id, self.height, self.rgb

    def beside(self, px_per_s: float, index: int) -> "TileKey":
        """Another tile of the same strip; asked for often, and `replace` takes its time."""
        return TileKey(self.lane_id, px_per_s, self.height, self.rgb, index)


class TileCache:
    """Keeps the tiles used last."""

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        self._tiles: OrderedDict[TileKey, QImage] = OrderedDict()
        # Numbers of the tiles there are, by strip and zoom: looked through for each missing one.
        self._numbers: dict[tuple[str, int, int], dict[float, set[int]]] = {}

    def known(self, key: TileKey) -> QImage:
        """Give a tile that has been drawn; what stands in for others is in use."""
        self._tiles.move_to_end(key)
        return self._tiles[key]

    def __contains__(self, key: TileKey) -> bool:
        """Whether a tile has been drawn."""
        return key in self._tiles

    def tile(self, key: TileKey, source: WaveformSource, duration_s: float) -> QImage:
        """Give a tile, drawing it if it is not there."""
        image = self._tiles.get(key)
        if image is None:
            image = render_tile(key, source, duration_s)
            self._tiles[key] = image
            zooms = self._numbers.setdefault(key.strip, {})
            zooms.setdefault(key.px_per_s, set()).add(key.index)
            if len(self._tiles) > self._capacity:
                self._drop(next(iter(self._tiles)))
        self._tiles.move_to_end(key)
        return image

    def stand_ins(
        self, missing: TileKey, zooms: list[float], start_s: float, end_s: float
    ) -> list[TileKey]:
        """Tiles that show most of a stretch in the place of another one; none if there are none.

        Args:
            missing: What they stand in for.
            zooms: Those of which there are tiles, the best one first.
            start_s: Where the stretch begins.
            end_s: Where it ends.
        """
        there = self._numbers.get(missing.strip, {})
        for zoom in zooms:
            first, last = int(start_s * zoom / TILE_WIDTH), int(end_s * zoom / TILE_WIDTH)
            if last - first >= _MOST_STAND_INS:
                continue
            found = [index for index in range(first, last + 1) if index in there[zoom]]
            tile_s = TILE_WIDTH / zoom
            shown_s = sum(
                min((index + 1) * tile_s, end_s) - max(index * tile_s, start_s) for index in found
            )
            if shown_s >= _ENOUGH * (end_s - start_s):
                return [missing.beside(zoom, index) for index in found]
        return []

    def zooms_near(self, missing: TileKey) -> list[float]:
        """Give the zooms at which a lane has been drawn, the nearest one first.

        The farthest one is kept: while nothing else is there it can stand in for anything.
        """
        zooms = self._numbers.get(missing.strip, {})
        if zooms:
            farthest = min(zooms)
            for index in zooms[farthest]:
                self._tiles.move_to_end(missing.beside(farthest, index))
        return sorted(zooms, key=lambda zoom: abs(math.log(zoom / missing.px_per_s)))

    def forget(self, lane_id: str) -> None:
        """Drop the tiles of a lane whose sound changed."""
        for key in [key for key in self._tiles if key.lane_id == lane_id]:
            self._drop(key)

    def _drop(self, key: TileKey) -> None:
        del self._tiles[key]
        zooms = self._numbers[key.strip]
        zooms[key.px_per_s].remove(key.index)
        if not zooms[key.px_per_s]:
            del zooms[key.px_per_s]
        if not zooms:
            del self._numbers[key.strip]


def render_tile(key: TileKey, source: WaveformSource, duration_s: float) -> QImage:
    """Draw one tile; narrower than `TILE_WIDTH` at the end of the sound."""
    first = key.index * TILE_WIDTH
    last = min(first + TILE_WIDTH, math.ceil(duration_s * key.px_per_s))
    before = min(first, 1)
    peaks = source.window(
        (first - before) / key.px_per_s, last / key.px_per_s, last - first + before
    )
    return waveform_image(joined(peaks)[before:], key.height, QColor.fromRgb(key.rgb))


def joined(peaks: Peaks) -> Peaks:
    """Stretch every bin to touch the one before it, so that a deep zoom shows one line.

    Args:
        peaks: (num_bins, 2) float32.

    Returns:
        (num_bins, 2) float32.
    """
    result = peaks.copy()
    result[1:, 0] = np.minimum(peaks[1:, 0], peaks[:-1, 1])
    result[1:, 1] = np.maximum(peaks[1:, 1], peaks[:-1, 0])
    return result


def waveform_image(peaks: Peaks, height: int, color: QColor) -> QImage:
    """Draw peaks, one bin a column, full scale at the edges less a margin.

    Args:
        peaks: (width, 2) float32.
        height: Rows.
        color: Colour of the waveform; the rest stays transparent.
    """
    # As indexing does, in half the time; no opacity lies beyond the table.
    pixels = np.take(premultiplied(color.rgb()), opacity(peaks, height), mode="wrap")
    width = peaks.shape[0]
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


@lru_cache(maxsize=64)
def premultiplied(rgb: int) -> NDArray[np.uint32]:
    """Give a colour at all 256 opacities, as `Format_ARGB32_Premultiplied` stores it."""
    alpha = np.arange(256, dtype=np.uint32)
    table = alpha << np.uint32(24)
    for shift in (16, 8, 0):
        channel = rgb >> shift & 0xFF
        table |= (alpha * np.uint32(channel) + np.uint32(127)) // np.uint32(255) << np.uint32(shift)
    return table


def opacity(peaks: Peaks, height: int) -> NDArray[np.uint8]:
    """Give how much of each pixel a waveform covers, with smooth upper and lower edges.

    Args:
        peaks: (width, 2) float32.
        height: Rows.

    Returns:
        (height, width) uint8, 255 where all of the pixel is covered.
    """
    middle = height / 2
    scale = middle * (1 - _MARGIN)
    top = middle - np.clip(peaks[:, 1], -1, 1) * scale
    bottom = middle - np.clip(peaks[:, 0], -1, 1) * scale
    missing = np.maximum(_MIN_THICKNESS - (bottom - top), 0) / 2
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    covered = np.minimum(bottom + missing, rows + 1)
    covered -= np.maximum(top - missing, rows)
    np.clip(covered, 0, 1, out=covered)
    covered *= 255
    return covered.astype(np.uint8)
