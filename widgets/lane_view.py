"""How lanes are drawn just now, and which tiles that takes."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QRect

from widgets.theme import Theme
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TILE_WIDTH


@dataclass(frozen=True, slots=True)
class LaneView:
    """Colours, the visible stretch of time, and device pixels a logical pixel."""

    theme: Theme
    axis: TimeAxis
    pixel_ratio: float

    @property
    def origin(self) -> int:
        """Distance of the left edge from time 0 in device pixels."""
        return round(self.axis.start_s * self.axis.px_per_s * self.pixel_ratio)

    @property
    def px_per_s(self) -> float:
        """Zoom in device pixels."""
        return self.axis.px_per_s * self.pixel_ratio

    def tiles(self, visible: QRect) -> range:
        """Numbers of the tiles that meet a rectangle and hold sound."""
        ratio, end = self.pixel_ratio, math.ceil(self.axis.duration_s * self.px_per_s)
        first = math.floor((self.origin + visible.left() * ratio) / TILE_WIDTH)
        right = min(self.origin + (visible.right() + 1) * ratio, end - 1)
        return range(max(first, 0), math.floor(right / TILE_WIDTH) + 1)

    def tile_x(self, index: int) -> float:
        """Where a tile begins, in logical pixels from the left edge."""
        return (index * TILE_WIDTH - self.origin) / self.pixel_ratio
