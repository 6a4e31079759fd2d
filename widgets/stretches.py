"""Where stretches of time lie on the screen, however many there are: pure geometry."""

from collections.abc import Sequence

import numpy as np

from engine.types import Region
from widgets.time_axis import TimeAxis


class Stretches:
    """Stretches of time in the order in which they begin."""

    def __init__(self, regions: Sequence[Region] = ()) -> None:
        edges_s = np.array([(region.start_s, region.end_s) for region in regions]).reshape(-1, 2)
        edges_s = edges_s[np.argsort(edges_s[:, 0], kind="stable")]
        self._starts_s = edges_s[:, 0]
        # Where one lies within another the longer one counts.
        self._ends_s = np.maximum.accumulate(edges_s[:, 1]) if len(edges_s) else edges_s[:, 1]

    def spans_px(self, axis: TimeAxis, left_px: int, right_px: int) -> list[tuple[int, int]]:
        """First and last-but-one pixel of what is to be drawn, from left to right.

        Stretches that touch on the screen are one, so there are never more than pixels.

        Args:
            axis: The visible stretch of time.
            left_px: Where drawing begins.
            right_px: Behind where it ends.
        """
        left_s, right_s = (axis.start_s + x / axis.px_per_s for x in (left_px - 1, right_px + 1))
        first = np.searchsorted(self._ends_s, left_s)
        last = np.searchsorted(self._starts_s, right_s)
        starts_s, ends_s = self._starts_s[first:last], self._ends_s[first:last]
        lefts, rights = (
            np.clip(np.rint((at_s - axis.start_s) * axis.px_per_s), left_px, right_px)
            for at_s in (starts_s, ends_s)
        )
        shown = lefts < rights
        lefts, rights = lefts[shown], rights[shown]
        begins = np.concatenate([[True], lefts[1:] > rights[:-1]])[: len(lefts)]
        ends = np.concatenate([begins[1:], [True]])[: len(lefts)]
        pairs = zip(lefts[begins].tolist(), rights[ends].tolist(), strict=True)
        return [(int(left), int(right)) for left, right in pairs]
