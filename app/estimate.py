"""How far a piece of work is and how long it still takes."""

import math
from dataclasses import dataclass, replace

from engine.context import Progress

STABLE_FRACTION = 0.08
STABLE_S = 2.0
SMOOTHING_S = 4.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a progress bar shows of the stage at hand; every stage begins anew.

    Attributes:
        stage: Name of the stage.
        fraction: Part of it that is done, from 0 to 1.
        began_s: When it was first heard of, on a clock that never runs backwards.
        updated_s: When it was last heard of.
        speed_per_s: Fraction done a second, recent seconds weighing more; None before two reports.
    """

    stage: str
    fraction: float
    began_s: float
    updated_s: float
    speed_per_s: float | None = None

    @property
    def percent(self) -> int:
        """Whole percent done; 100 only when all is done."""
        return math.floor(100 * self.fraction)

    @property
    def remaining_s(self) -> float | None:
        """Time left, or None while it would be a guess."""
        is_stable = self.fraction >= STABLE_FRACTION and self.updated_s - self.began_s >= STABLE_S
        if not is_stable or not self.speed_per_s:
            return None
        return (1 - self.fraction) / self.speed_per_s

    def shifted(self, pause_s: float) -> "Estimate":
        """The same after a pause, which must not count as slow work."""
        return replace(self, began_s=self.began_s + pause_s, updated_s=self.updated_s + pause_s)


def updated(estimate: Estimate | None, progress: Progress, now_s: float) -> Estimate:
    """Take a report in.

    The speed is an exponential moving average over time, so that neither many small reports nor
    few large ones sway it more than their share.
    """
    if estimate is None or progress.stage != estimate.stage:
        return Estimate(progress.stage, progress.fraction, now_s, now_s)
    elapsed_s = now_s - estimate.updated_s
    if elapsed_s <= 0:
        return replace(estimate, fraction=progress.fraction)
    speed_per_s = max(0.0, progress.fraction - estimate.fraction) / elapsed_s
    if estimate.speed_per_s is not None:
        keep = math.exp(-elapsed_s / SMOOTHING_S)
        speed_per_s = keep * estimate.speed_per_s + (1 - keep) * speed_per_s
    return replace(estimate, fraction=progress.fraction, updated_s=now_s, speed_per_s=speed_per_s)
