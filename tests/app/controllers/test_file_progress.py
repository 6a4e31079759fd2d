"""While a file is held, the time that goes by is not taken for slow work."""

import pytest

from app.controllers.file_progress import FileProgress
from engine.context import Progress


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def left_s(held_s: float) -> float | None:
    """What is said to be left after steady work with a break."""
    clock = Clock()
    progress = FileProgress(clock)
    progress.begin()
    for step in range(9):
        if step == 5 and held_s:
            for _ in range(2):
                progress.set_held(is_held=True)
            clock.now_s += held_s
            for _ in range(2):
                progress.set_held(is_held=False)
        progress.advance(Progress("separator", step, 10))
        clock.now_s += 1.0
    assert progress.shown is not None
    return progress.shown.view().left_s


def test_a_break_changes_nothing() -> None:
    steady = left_s(held_s=0.0)
    assert steady is not None
    assert left_s(held_s=3600.0) == pytest.approx(steady)


def test_without_a_file_nothing_is_shown() -> None:
    progress = FileProgress()
    progress.advance(Progress("separator", 1, 2))
    progress.set_held(is_held=True)
    progress.set_held(is_held=False)
    assert progress.shown is None
    progress.begin()
    assert progress.shown is not None
    progress.end()
    assert progress.shown is None


def test_the_files_that_wait_take_as_long_as_those_before() -> None:
    clock = Clock()
    progress = FileProgress(clock)
    assert progress.all_left_s(3) is None
    for is_done in (True, False):
        progress.begin()
        clock.now_s += 100.0 if is_done else 7.0
        # Nobody was asked while it was held.
        progress.set_held(is_held=True)
        clock.now_s += 1000.0
        progress.set_held(is_held=False)
        progress.end(is_done=is_done)
    assert progress.took_s == [100.0]
    progress.begin()
    for step in range(9):
        progress.advance(Progress("separator", step, 10))
        clock.now_s += 1.0
    assert progress.shown is not None
    left_s = progress.shown.view().left_s
    assert left_s is not None
    usual_s = (100.0 + 9.0 + left_s) / 2
    assert progress.all_left_s(0) == pytest.approx(left_s)
    assert progress.all_left_s(3) == pytest.approx(left_s + 3 * usual_s)
