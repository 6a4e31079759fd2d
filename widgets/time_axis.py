"""Time to pixels and back: pure geometry of the timeline, in logical pixels."""

import math
from dataclasses import dataclass, replace

from widgets.wording import tick_label

MAX_PX_PER_S = 48_000.0
_EMPTY_SPAN_S = 60.0
_FAR_PX = 1e8
_TICK_STEPS_S = (
    *(step * 10.0**exponent for exponent in (-4, -3, -2, -1) for step in (1, 2, 5)),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 18_000.0),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the ruler."""

    time_s: float
    label: str


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The visible stretch of time.

    Attributes:
        duration_s: Whole length; 0 when nothing is open.
        width_px: Width of the view.
        px_per_s: Zoom.
        start_s: Time at the left edge.
    """

    duration_s: float = 0.0
    width_px: int = 1
    px_per_s: float = 1 / _EMPTY_SPAN_S
    start_s: float = 0.0

    @property
    def end_s(self) -> float:
        """Time at the right edge; past the end when the view is wider than the sound."""
        return self.start_s + self.width_px / self.px_per_s

    @property
    def fit_px_per_s(self) -> float:
        """Zoom that shows the whole length."""
        return self.width_px / (self.duration_s or _EMPTY_SPAN_S)

    @property
    def is_fitted(self) -> bool:
        """Whether the whole length is shown."""
        return math.isclose(self.px_per_s, self.fit_px_per_s)

    def x_at(self, time_s: float) -> float:
        """Place of a time, from the left edge; far outside all are at one place, for Qt's sake."""
        x = (time_s - self.start_s) * self.px_per_s
        return min(max(x, -_FAR_PX), _FAR_PX)

    def time_at(self, x: float) -> float:
        """Time of a place, kept within the sound."""
        return min(max(self.start_s + x / self.px_per_s, 0.0), self.duration_s)

    def fitted(self) -> "TimeAxis":
        """Show the whole length."""
        return replace(self, px_per_s=self.fit_px_per_s, start_s=0.0)

    def resized(self, width_px: int) -> "TimeAxis":
        """Take another width; a view that showed everything still does."""
        wider = replace(self, width_px=max(width_px, 1))
        return wider.fitted() if self.is_fitted else _clamped(wider)

    def with_duration(self, duration_s: float) -> "TimeAxis":
        """Take another length and show all of it."""
        return replace(self, duration_s=duration_s).fitted()

    def zoomed(self, factor: float, anchor_x: float) -> "TimeAxis":
        """Zoom by a factor; the time under `anchor_x` stays there, unless an end is reached."""
        px_per_s = min(max(self.px_per_s * factor, self.fit_px_per_s), MAX_PX_PER_S)
        anchor_s = self.start_s + anchor_x / self.px_per_s
        return _clamped(replace(self, px_per_s=px_per_s, start_s=anchor_s - anchor_x / px_per_s))

    def panned(self, distance_px: float) -> "TimeAxis":
        """Move the view; positive shows later times."""
        return _clamped(replace(self, start_s=self.start_s + distance_px / self.px_per_s))

    def moved_to(self, start_s: float) -> "TimeAxis":
        """Begin the view at a time."""
        return _clamped(replace(self, start_s=start_s))

    def spanning(self, start_s: float, end_s: float) -> "TimeAxis":
        """Show a stretch and no more, as far as that can be zoomed to; its end stays, if not."""
        span_s = max(end_s - start_s, self.width_px / max(MAX_PX_PER_S, self.fit_px_per_s))
        return _clamped(replace(self, px_per_s=self.width_px / span_s, start_s=end_s - span_s))

    def revealing(self, time_s: float) -> "TimeAxis":
        """Turn to the page on which a time lies; the same view when it is already in sight."""
        if self.start_s <= time_s < self.end_s:
            return self
        return self.moved_to(time_s)

    def ticks(self, min_spacing_px: float) -> tuple[Tick, ...]:
        """Give round times in view, at least so far apart; none when nothing is open."""
        if not self.duration_s:
            return ()
        wanted_s = min_spacing_px / self.px_per_s
        step_s = next((step for step in _TICK_STEPS_S if step >= wanted_s), _TICK_STEPS_S[-1])
        first = math.ceil(self.start_s / step_s - 1e-9)
        last = math.floor(min(self.end_s, self.duration_s) / step_s + 1e-9)
        return tuple(
            Tick(index * step_s, tick_label(index * step_s, step_s))
            for index in range(first, last + 1)
        )


def _clamped(axis: TimeAxis) -> TimeAxis:
    px_per_s = min(max(axis.px_per_s, axis.fit_px_per_s), max(MAX_PX_PER_S, axis.fit_px_per_s))
    latest_s = max(axis.duration_s - axis.width_px / px_per_s, 0.0)
    return replace(axis, px_per_s=px_per_s, start_s=min(max(axis.start_s, 0.0), latest_s))
