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
