"""The computer stays awake while there is work that goes on, and only then."""

import threading
from collections.abc import Iterator

import pytest

from app.controllers.wakefulness import WakefulnessController
from app.jobs import Job, JobRunner
from engine.context import RunContext
from tests.helpers.editor import Editor


class Heard:
    """A way that writes down what is wanted of it."""

    def __init__(self) -> None:
        self.wishes: list[str] = []
        self.threads: set[int] = set()

    def hold(self) -> None:
        self._note("hold")

    def release(self) -> None:
        self._note("release")

    def _note(self, wish: str) -> None:
        self.wishes.append(wish)
        self.threads.add(threading.get_ident())


@pytest.fixture
def jobs(editor: Editor) -> Iterator[JobRunner]:
    """Nobody else's jobs."""
    jobs = JobRunner(editor.app.engine)
    yield jobs
    jobs.close()


def endless(jobs: JobRunner) -> Job:
    def work(context: RunContext) -> None:
        while True:
            context.raise_if_cancelled()
            threading.Event().wait(0.01)

    return jobs.run_in_thread("Work", work)


def test_it_is_held_while_something_goes_on(editor: Editor, jobs: JobRunner) -> None:
    way = Heard()
    controller = WakefulnessController(jobs, lambda: way, after_ms=1)
    first, second = endless(jobs), endless(jobs)
    editor.qtbot.waitUntil(lambda: way.wishes == ["hold"])
    first.cancel()
    second.pause()
    editor.qtbot.waitUntil(lambda: way.wishes == ["hold", "release"])
    second.resume()
    editor.qtbot.waitUntil(lambda: way.wishes == ["hold", "release", "hold"])
    controller.close()
    assert way.wishes[-1] == "release"
    assert len(way.threads) == 1
    assert threading.get_ident() not in way.threads
    second.cancel()


def test_short_work_holds_nothing(editor: Editor, jobs: JobRunner) -> None:
    way = Heard()
    controller = WakefulnessController(jobs, lambda: way, after_ms=60_000)
    endless(jobs).cancel()
    assert not controller.is_held
    controller.close()
    assert way.wishes == []
