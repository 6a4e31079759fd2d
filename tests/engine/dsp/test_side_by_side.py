"""Work on several channels runs at the same time and comes back in order."""

import os
from threading import Barrier, current_thread

import pytest

from engine.dsp.side_by_side import on_each, threads, use_threads


def test_results_come_in_the_order_of_the_items() -> None:
    assert on_each(lambda x: x * x, range(50)) == [x * x for x in range(50)]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor")
def test_two_are_worked_on_at_once() -> None:
    meeting = Barrier(2, timeout=30)

    def work(_: int) -> str:
        meeting.wait()
        return current_thread().name

    assert len(set(on_each(work, range(2)))) == 2


def test_an_error_reaches_who_asked() -> None:
    with pytest.raises(ZeroDivisionError):
        on_each(lambda x: 1 // x, [1, 0])


def test_as_many_threads_work_as_were_allowed() -> None:
    before = threads()
    try:
        use_threads(1)
        assert len(set(on_each(lambda _: current_thread().name, range(20)))) == 1
        assert threads() == 1
    finally:
        use_threads(before)
