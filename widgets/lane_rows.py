"""Where the lanes lie from top to bottom: pure geometry, in logical pixels."""

from dataclasses import dataclass

from PySide6.QtCore import QRect

from widgets.theme import LANE_HEIGHT_PX


@dataclass(frozen=True, slots=True)
class LaneRows:
    """A row for each lane of sound, below that of the pictures if there are any.

    Attributes:
        num_lanes: Lanes of sound.
        has_pictures: The first row shows the pictures.
        lane_height_px: Height of a lane of sound, with the line at its foot.
    """

    num_lanes: int = 0
    has_pictures: bool = False
    lane_height_px: int = LANE_HEIGHT_PX

    @property
    def top_px(self) -> int:
        """Where the first lane of sound begins."""
        return LANE_HEIGHT_PX if self.has_pictures else 0

    @property
    def height_px(self) -> int:
        """Height of everything; at least one lane's."""
        return self.top_px + max(self.num_lanes, 1) * self.lane_height_px

    def row(self, index: int, width_px: int) -> QRect:
        """Where a lane of sound is drawn, without the line at its foot."""
        top = self.top_px + index * self.lane_height_px
        return QRect(0, top, width_px, self.lane_height_px - 1)

    def feet_px(self, height_px: int) -> tuple[int, ...]:
        """Where the lines between the rows of a canvas of this height lie, also of empty rows."""
        pictures = (self.top_px - 1,) if self.has_pictures else ()
        first = self.top_px + self.lane_height_px - 1
        return (*pictures, *range(first, height_px, self.lane_height_px))
