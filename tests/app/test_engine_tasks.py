"""The book of jobs, with messages but without an engine."""

from pathlib import Path

import msgspec
import pytest

from app.engine_tasks import TaskBook
from engine.context import Progress
from engine.errors import EngineError, EngineProcessError
from engine.protocol import Cancelled, Crashed, Failed, Payload, Progressed, Started, Succeeded
from engine.types import RestoreRequest
from engine.urgency import Urgency

LOST = EngineProcessError("lost")


class Ear:
    """Remembers what a job was told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def begin(self) -> None:
        self.told.append("began")

    def report(self, progress: Progress) -> None:
        self.told.append(progress)

    def succeed(self, result: object) -> None:
        self.told.append(result)

    def fail(self, error: EngineError) -> None:
        self.told.append(error)


class Book(TaskBook):
    """A book with one clock and an ear for every job."""

    def __init__(self) -> None:
        self.now_s = 0.0
        super().__init__(lambda: self.now_s)
        self.ears: list[Ear] = []

    def submit(self) -> int:
        self.ears.append(Ear())
        return self.add(Urgency.RESTORE, RestoreRequest(Path("v.mp4")), self.ears[-1]).job_id


@pytest.fixture
def book() -> Book:
    return Book()


def test_a_crash_fails_what_had_begun_and_keeps_the_rest(book: Book) -> None:
    begun, waiting, cancelled = book.submit(), book.submit(), book.submit()
    book.hear(Started(begun))
    book.cancel(cancelled)
    tell = book.lose_engine(LOST, is_fatal=True)
    assert book.ears[0].told == ["began"]
    tell()
    assert [ear.told for ear in book.ears] == [["began", LOST], [], []]
    assert [submit.job_id for submit in book.replay()] == [waiting]


def test_an_engine_ended_for_another_jobs_sake_costs_nothing(book: Book) -> None:
    begun = book.submit()
    book.hear(Started(begun))
    book.set_paused(begun, is_paused=True)
    book.lose_engine(LOST, is_fatal=False)()
    assert [(submit.job_id, submit.is_paused) for submit in book.replay()] == [(begun, True)]
    assert book.ears[0].told == ["began"]
    book.lose_engine(LOST, is_fatal=True)()
    assert book.ears[0].told == ["began"]


def test_without_another_engine_all_fail(book: Book) -> None:
    book.submit()
    book.cancel(book.submit())
    book.drop_all(LOST)()
    assert [ear.told for ear in book.ears] == [[LOST], []]
    assert book.replay() == []


def test_only_a_cancelled_job_that_runs_can_be_overdue(book: Book) -> None:
    job_id = book.submit()
    book.hear(Started(job_id))
    assert book.overdue_in_s(2) is None
    waiting = book.submit()
    book.cancel(waiting)
    book.now_s = 100
    assert book.overdue_in_s(2) is None
    # It began although it was cancelled: the word crossed the start on its way.
    book.hear(Started(waiting))
    assert book.overdue_in_s(2) == 2
    book.cancel(job_id)
    book.now_s = 101.5
    assert book.overdue_in_s(2) == pytest.approx(0.5)
    book.now_s = 110
    assert book.overdue_in_s(2) == 0
    book.hear(Cancelled(waiting))
    book.hear(Cancelled(job_id))
    assert book.overdue_in_s(2) is None


def test_a_result_that_cannot_be_read_fails_its_job(book: Book) -> None:
    job_id = book.submit()
    book.hear(Succeeded(job_id, Payload("Unheard", msgspec.Raw(b""))))
    (error,) = book.ears[0].told
    assert isinstance(error, EngineProcessError)


def test_nothing_is_told_twice_or_to_strangers(book: Book) -> None:
    job_id = book.submit()
    assert book.cancel(job_id)
    assert not book.cancel(job_id)
    for late in (
        Started(job_id),
        Progressed(job_id, "stage", 1, 2),
        Failed(job_id, "no_audio", "what", "hint"),
        Crashed(job_id, "what"),
        Started(99),
        Progressed(99, "stage", 1, 2),
        Cancelled(99),
    ):
        book.hear(late)
    assert book.ears[0].told == []
    assert not book.set_paused(99, is_paused=True)
