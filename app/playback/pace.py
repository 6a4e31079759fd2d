"""How often numbers and levels are shown anew while something plays."""

import time
from collections.abc import Callable

CALM_S = 0.5


class Pace:
    """At every look, or calmly.

    Attributes:
        is_calm: Numbers and levels stand still for half a second each; the play head goes on.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._shown_s = -CALM_S
        self.is_calm = False

    def is_due(self, *, is_moving: bool) -> bool:
        """Whether they are to be shown now; what stands still is shown at once."""
        now_s = self._clock_s()
        if self.is_calm and is_moving and now_s - self._shown_s < CALM_S:
            return False
        self._shown_s = now_s
        return True
