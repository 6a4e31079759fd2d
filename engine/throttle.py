"""Keeps a fast stage from flooding its listeners with progress."""

import time
from collections.abc import Callable

from engine.context import Progress

REPORTS_PER_S = 20


class ProgressThrottle:
    """Lets at most 20 reports a second and stage through; the newest is held, not lost.

    Used by one thread.

    Attributes:
        send: Receives what goes through.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self, send: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.send = send
        self.clock = clock
        self._stage: str | None = None
        self._held: Progress | None = None
        self._next_s = 0.0

    def report(self, progress: Progress) -> None:
        """Take a report: a new stage goes through at once, so that a slow one is seen to begin."""
        self._held = progress
        if progress.stage != self._stage:
            self.flush()
        else:
            self.flush_due()

    def flush_due(self) -> None:
        """Send the held report if its time has come."""
        if self.clock() >= self._next_s:
            self.flush()

    def flush(self) -> None:
        """Send the held report now."""
        if self._held is None:
            return
        progress, self._held = self._held, None
        self._stage = progress.stage
        self._next_s = self.clock() + 1 / REPORTS_PER_S
        self.send(progress)
