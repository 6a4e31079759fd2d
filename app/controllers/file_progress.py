"""How far the running file of the queue is."""

import time
from collections.abc import Callable

from app.restore_progress import RestoreProgress, begin_queued
from engine.context import Progress


class FileProgress:
    """Progress whose clock stands still while the file is held: that is no slow work.

    Attributes:
        shown: None while no file runs.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.shown: RestoreProgress | None = None
        self._clock_s = clock_s
        self._held_s: float | None = None

    def begin(self) -> None:
        """Another file runs."""
        self.shown, self._held_s = begin_queued(), None

    def end(self) -> None:
        """It is over."""
        self.shown = None

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
                self.shown = self.shown.shifted(self._clock_s() - self._held_s)
            self._held_s = None
