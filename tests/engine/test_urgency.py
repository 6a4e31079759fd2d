"""The scheduler with real threads; every step is waited for, none is timed."""

import queue
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import CancelledError
from engine.urgency import Scheduler, Ticket, Urgency

PATIENCE_S = 20


class Crew:
    """Jobs that do one chunk at a time, each when the test says so.

    All tell what happens to them in one common order.
    """

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.scheduler.open()
        self.told: queue.Queue[tuple[str, str]] = queue.Queue()
        self.tickets: dict[str, Ticket] = {}
        self._orders: dict[str, queue.Queue[str]] = {}

    def submit(self, name: str, urgency: Urgency, *, is_paused: bool = False) -> None:
        self._orders[name] = queue.Queue()
        self.tickets[name] = self.scheduler.submit(
            urgency, lambda ticket: self._work(name, ticket), is_paused=is_paused
        )

    def chunk(self, name: str) -> None:
        self._orders[name].put("chunk")

    def end(self, name: str) -> None:
        self._orders[name].put("end")

    def next(self) -> tuple[str, str]:
        return self.told.get(timeout=PATIENCE_S)

    def _work(self, name: str, ticket: Ticket) -> None:
        try:
            while True:
                self.scheduler.check_in(ticket)
                self.told.put((name, "runs"))
                if self._orders[name].get(timeout=PATIENCE_S) == "end":
                    break
        except CancelledError:
            self.told.put((name, "cancelled"))


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = Crew()
    yield crew
    crew.scheduler.cancel_all()
    for name in crew.tickets:
        crew.end(name)
    assert crew.scheduler.join(PATIENCE_S)
    assert crew.told.empty() or {what for _, what in drain(crew.told)} <= {"cancelled"}


def drain(told: queue.Queue[tuple[str, str]]) -> list[tuple[str, str]]:
    return [told.get() for _ in range(told.qsize())]


def test_the_more_urgent_suspends_a_lower_one_at_its_check_in(crew: Crew) -> None:
    crew.submit("restore", Urgency.RESTORE)
    assert crew.next() == ("restore", "runs")
    crew.submit("preview", Urgency.INTERACTIVE)
    crew.chunk("restore")
    assert crew.next() == ("preview", "runs")
    crew.chunk("preview")
    assert crew.next() == ("preview", "runs")
    crew.end("preview")
    assert crew.next() == ("restore", "runs")


def test_a_chunk_is_never_shared(crew: Crew) -> None:
    crew.submit("restore", Urgency.RESTORE)
    assert crew.next() == ("restore", "runs")
    crew.submit("preview", Urgency.INTERACTIVE)
    # The urgent job has no thread yet: it waits for the restore's chunk to end.
    assert crew.tickets["preview"].thread is None
    crew.end("restore")
    assert crew.next() == ("preview", "runs")


def test_among_equals_the_first_finishes_first(crew: Crew) -> None:
    for name in ("first", "second", "third"):
        crew.submit(name, Urgency.RESTORE)
    crew.submit("index", Urgency.BACKGROUND)
    for name in ("first", "second", "third", "index"):
        assert crew.next() == (name, "runs")
        crew.chunk(name)
        assert crew.next() == (name, "runs")
        crew.end(name)


def test_a_paused_job_lets_less_urgent_ones_go_on_and_takes_its_turn_back(crew: Crew) -> None:
    crew.submit("restore", Urgency.RESTORE)
    crew.submit("index", Urgency.BACKGROUND)
    assert crew.next() == ("restore", "runs")
    crew.scheduler.pause(crew.tickets["restore"])
    crew.chunk("restore")
    assert crew.next() == ("index", "runs")
    crew.scheduler.resume(crew.tickets["restore"])
    crew.chunk("index")
    assert crew.next() == ("restore", "runs")


def test_a_job_resumed_waits_for_the_one_that_runs(crew: Crew) -> None:
    crew.submit("first", Urgency.RESTORE)
    crew.submit("second", Urgency.RESTORE)
    assert crew.next() == ("first", "runs")
    crew.scheduler.pause(crew.tickets["first"])
    crew.chunk("first")
    assert crew.next() == ("second", "runs")
    crew.scheduler.resume(crew.tickets["first"])
    crew.chunk("second")
    assert crew.next() == ("second", "runs")
    crew.end("second")
    assert crew.next() == ("first", "runs")


def test_a_job_paused_before_its_turn_is_passed_over(crew: Crew) -> None:
    crew.submit("running", Urgency.RESTORE)
    assert crew.next() == ("running", "runs")
    crew.submit("held", Urgency.INTERACTIVE, is_paused=True)
    crew.chunk("running")
    assert crew.next() == ("running", "runs")
    crew.scheduler.resume(crew.tickets["held"])
    crew.chunk("running")
    assert crew.next() == ("held", "runs")


@pytest.mark.parametrize("how", ["suspended", "paused", "queued"])
def test_cancel_wakes_a_job_wherever_it_waits(crew: Crew, how: str) -> None:
    if how != "queued":
        crew.submit("victim", Urgency.RESTORE)
        assert crew.next() == ("victim", "runs")
    crew.submit("other", Urgency.INTERACTIVE)
    if how == "queued":
        assert crew.next() == ("other", "runs")
        crew.submit("victim", Urgency.RESTORE)
    else:
        if how == "paused":
            crew.scheduler.pause(crew.tickets["victim"])
        crew.chunk("victim")
        assert crew.next() == ("other", "runs")
    crew.scheduler.cancel(crew.tickets["victim"])
    assert crew.next() == ("victim", "cancelled")
    crew.chunk("other")
    assert crew.next() == ("other", "runs")


def test_cancelling_the_running_job_passes_the_turn_on(crew: Crew) -> None:
    crew.submit("running", Urgency.RESTORE)
    crew.submit("next", Urgency.RESTORE)
    assert crew.next() == ("running", "runs")
    crew.scheduler.cancel(crew.tickets["running"])
    crew.chunk("running")
    assert {crew.next(), crew.next()} == {("running", "cancelled"), ("next", "runs")}


def test_nothing_runs_before_the_scheduler_open_but_a_cancelled_job_winds_up() -> None:
    scheduler = Scheduler()
    told: queue.Queue[str] = queue.Queue()

    def work(ticket: Ticket) -> None:
        try:
            scheduler.check_in(ticket)
            told.put("ran")
        except CancelledError:
            told.put("cancelled")

    waiting, victim = (
        scheduler.submit(Urgency.RESTORE, work),
        scheduler.submit(Urgency.INTERACTIVE, work),
    )
    scheduler.cancel(victim)
    assert told.get(timeout=PATIENCE_S) == "cancelled"
    assert waiting.thread is None
    scheduler.open()
    assert told.get(timeout=PATIENCE_S) == "ran"
    assert scheduler.join(PATIENCE_S)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(Urgency), min_size=1, max_size=12))
def test_jobs_that_queued_run_by_urgency_then_in_order_and_never_two_at_once(
    wanted: list[Urgency],
) -> None:
    scheduler, inside, order = Scheduler(), threading.Lock(), list[int]()

    def submit(number: int, urgency: Urgency) -> None:
        def work(ticket: Ticket) -> None:
            scheduler.check_in(ticket)
            assert inside.acquire(blocking=False)
            order.append(number)
            inside.release()

        scheduler.submit(urgency, work)

    for number, urgency in enumerate(wanted):
        submit(number, urgency)
    scheduler.open()
    while len(order) < len(wanted):
        scheduler.join(PATIENCE_S)
    assert order == sorted(range(len(wanted)), key=lambda number: (-wanted[number], number))


def test_join_tells_of_a_job_that_hangs() -> None:
    scheduler, release = Scheduler(), threading.Event()
    scheduler.open()
    scheduler.submit(Urgency.RESTORE, lambda _: _wait(release))
    scheduler.cancel_all()
    assert not scheduler.join(0.01)
    release.set()
    assert scheduler.join(PATIENCE_S)


def _wait(event: threading.Event) -> None:
    event.wait(PATIENCE_S)
