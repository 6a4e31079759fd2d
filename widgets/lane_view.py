"""How lanes are drawn just now, and which tiles that takes."""

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QRect

from widgets.theme import Theme
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TILE_WIDTH


@dataclass(frozen=True, slots=True)
class LaneView:
    """Colours, the visible stretch of time, and where the sound lies of which tiles are drawn.

    Attributes:
        theme: Colours.
        axis: The visible stretch of time.
        pixel_ratio: Device pixels a logical pixel.
        sound_start_s: When the sound begins.
        sound_s: How long it is; None is as long as the film.
    """

    theme: Theme
    axis: TimeAxis
    pixel_ratio: float
    sound_start_s: float = 0.0
    sound_s: float | None = None

    def of_sound(self, start_s: float, duration_s: float) -> "LaneView":
        """The same view of tiles of a sound that lies elsewhere."""
        return replace(self, sound_start_s=start_s, sound_s=duration_s)

    @property
    def duration_s(self) -> float:
        """Length of the sound."""
        return self.axis.duration_s if self.sound_s is None else self.sound_s

    @property
    def origin(self) -> int:
        """Distance of the left edge from where the sound begins, in device pixels.

        Both are whole pixels, so that a waveform does not change its shape while it is dragged.
        """
        return round(self.axis.start_s * self.px_per_s) - round(self.sound_start_s * self.px_per_s)

    @property
    def px_per_s(self) -> float:
        """Zoom in device pixels."""
        return self.axis.px_per_s * self.pixel_ratio

    def tiles(self, visible: QRect) -> range:
        """Numbers of the tiles that meet a rectangle and hold sound."""
        ratio, end = self.pixel_ratio, math.ceil(self.duration_s * self.px_per_s)
        first = math.floor((self.origin + visible.left() * ratio) / TILE_WIDTH)
        right = min(self.origin + (visible.right() + 1) * ratio, end - 1)
        return range(max(first, 0), math.floor(right / TILE_WIDTH) + 1)

    def tile_x(self, index: int) -> float:
        """Where a tile begins, in logical pixels from the left edge."""
        return (index * TILE_WIDTH - self.origin) / self.pixel_ratio
