"""Who may use the machine: one job at a time, the urgent ones first.

A job runs in a thread of its own, holds the one turn while it works, and checks in after each
chunk; there it hands the turn over when a more urgent job waits or when it is paused, and sleeps
until the turn comes back. Nothing is ever interrupted inside a chunk.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from engine.errors import CancelledError


class Urgency(IntEnum):
    """How urgent a job is; a higher one suspends a lower one.

    A queue of files is behind everything, since it is nothing that the user looks at.
    """

    QUEUE = 0
    BACKGROUND = 1
    RESTORE = 2
    INTERACTIVE = 3


@dataclass(eq=False, slots=True)
class Ticket:
    """One job's place in the queue; only the scheduler changes it.

    Attributes:
        urgency: How urgent it is.
        work: What the job's thread runs; it must not raise.
        is_paused: The user holds it back.
        is_cancelled: The next check-in raises.
        thread: The job's thread, once it had a reason to start.
    """

    urgency: Urgency
    work: "Callable[[Ticket], None]"
    is_paused: bool = False
    is_cancelled: bool = False
    thread: threading.Thread | None = None

    @property
    def wants_turn(self) -> bool:
        """Neither paused nor winding up."""
        return not (self.is_paused or self.is_cancelled)


class Scheduler:
    """Hands one turn round among jobs: the most urgent first, then the order of submission.

    It starts closed, so that jobs may queue while the models load. All methods may be called from
    any thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tickets: list[Ticket] = []
        self._holder: Ticket | None = None
        self._is_open = False

    def open(self) -> None:
        """Let the first job begin."""
        with self._changed:
            self._is_open = True
            self._hand_over()

    def submit(
        self, urgency: Urgency, work: Callable[[Ticket], None], *, is_paused: bool = False
    ) -> Ticket:
        """Queue `work`; its thread starts when its turn comes, or when it is cancelled before."""
        ticket = Ticket(urgency, work, is_paused)
        with self._changed:
            self._tickets.append(ticket)
            self._hand_over()
        return ticket

    def check_in(self, ticket: Ticket) -> None:
        """Called by a job after each chunk: wait here while others go first.

        Raises:
            CancelledError: The job was cancelled.
        """
        with self._changed:
            if self._holder is ticket and self._must_yield(ticket):
                self._holder = None
                self._hand_over()
            self._changed.wait_for(lambda: ticket.is_cancelled or self._holder is ticket)
            if ticket.is_cancelled:
                raise CancelledError

    def pause(self, ticket: Ticket) -> None:
        """Hold a job back from its next check-in on; less urgent ones may go on meanwhile."""
        with self._changed:
            ticket.is_paused = True

    def resume(self, ticket: Ticket) -> None:
        """Let a paused job queue for its turn again."""
        with self._changed:
            ticket.is_paused = False
            self._hand_over()

    def cancel(self, ticket: Ticket) -> None:
        """Make a job's next check-in raise, and wake it if it waits in one."""
        with self._changed:
            self._cancel(ticket)
            self._changed.notify_all()

    def cancel_all(self) -> None:
        """Cancel every job."""
        with self._changed:
            for ticket in self._tickets:
                self._cancel(ticket)
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait for all jobs to end; False if some still run."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            threads = [ticket.thread for ticket in self._tickets if ticket.thread]
        for thread in threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _cancel(self, ticket: Ticket) -> None:
        ticket.is_cancelled = True
        self._ensure_started(ticket)

    def _must_yield(self, ticket: Ticket) -> bool:
        return ticket.is_paused or any(
            other.wants_turn and other.urgency > ticket.urgency for other in self._tickets
        )

    def _hand_over(self) -> None:
        if self._is_open and self._holder is None:
            # max() takes the first of equals, and tickets lie in the order of submission.
            self._holder = max(
                (ticket for ticket in self._tickets if ticket.wants_turn),
                key=lambda ticket: ticket.urgency,
                default=None,
            )
        if self._holder is not None:
            self._ensure_started(self._holder)
        self._changed.notify_all()

    def _ensure_started(self, ticket: Ticket) -> None:
        if ticket.thread is None:
            ticket.thread = threading.Thread(
                target=self._run, args=(ticket,), name="engine-job", daemon=True
            )
            ticket.thread.start()

    def _run(self, ticket: Ticket) -> None:
        try:
            ticket.work(ticket)
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                if self._holder is ticket:
                    self._holder = None
                self._hand_over()
