"""How far the running file of the queue is."""

import time
from collections.abc import Callable

from app.restore_progress import RestoreProgress, begin_queued
from engine.context import Progress


class FileProgress:
    """Progress whose clock stands still while the file is held: that is no slow work.

    Attributes:
        shown: None while no file runs.
        took_s: How long each file took that was done, without the time it was held.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.shown: RestoreProgress | None = None
        self._clock_s = clock_s
        self.took_s: list[float] = []
        self._held_s: float | None = None
        self._began_s = 0.0

    def begin(self) -> None:
        """Another file runs."""
        self.shown, self._held_s = begin_queued(), None
        self._began_s = self._clock_s()

    def end(self, *, is_done: bool = False) -> None:
        """It is over.

        Args:
            is_done: It came to its end: others will take about as long.
        """
        if is_done and self.shown is not None:
            self.took_s.append(self._clock_s() - self._began_s)
        self.shown = None

    def all_left_s(self, num_waiting: int) -> float | None:
        """How long this file and those that wait still take, if they are like those before.

        Args:
            num_waiting: How many wait behind this one.
        """
        left_s = self.shown.view().left_s if self.shown is not None else None
        if left_s is None:
            return None
        this_s = self._clock_s() - self._began_s + left_s
        usual_s = sum((*self.took_s, this_s)) / (len(self.took_s) + 1)
        return left_s + num_waiting * usual_s

    def advance(self, progress: Progress) -> None:
        """Take a report in."""
        if self.shown is not None:
            self.shown = self.shown.advanced(progress, self._clock_s())

    def set_held(self, *, is_held: bool) -> None:
        """Stop the clock, or let it go on."""
        if is_held and self._held_s is None:
            self._held_s = self._clock_s()
        elif not is_held and self._held_s is not None:
            if self.shown is not None:
                pause_s = self._clock_s() - self._held_s
                self.shown = self.shown.shifted(pause_s)
                self._began_s += pause_s
            self._held_s = None
