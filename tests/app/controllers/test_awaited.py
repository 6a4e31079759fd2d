"""What the user waits for is named in one place, and can be given up there."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.controllers.awaited import AwaitedController
from app.engine_client import EngineClient, EngineSettings
from app.jobs import Awaited, Job, JobRunner, JobState
from engine.context import Progress, RunContext
from tests.widgets.samples import click, press
from widgets.status_line import StatusLine


class Bench:
    """A status line that follows jobs, which go on until they are let go."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.go = qtbot, threading.Event()
        self.line = StatusLine()
        qtbot.addWidget(self.line)
        engine = EngineClient(EngineSettings(folder / "engine.log", in_thread=True))
        self.jobs = JobRunner(engine)
        self.awaited = AwaitedController(self.line, self.jobs)
        self.line.show()

    @property
    def words(self) -> str:
        return self.line._job.text()

    def run(self, title: str, awaited: Awaited = Awaited.TO_KEEP, done: int = 0) -> Job:
        """Begin a job that is so many hundredths done, and wait for its words."""

        def work(context: RunContext) -> None:
            context.report(Progress("count", done, 100))
            while not self.go.wait(0.005):
                context.raise_if_cancelled()

        job = self.jobs.run_in_thread(title, work, awaited)
        self.qtbot.waitUntil(lambda: job.estimate is not None)
        return job


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(qtbot, tmp_path)
    yield bench
    bench.go.set()
    bench.jobs.close()


def test_the_newest_is_told_and_how_many_there_are(bench: Bench) -> None:
    assert (bench.words, bench.line._cancel.isVisible()) == ("", False)
    bench.run("Export a.mkv", done=40)
    assert bench.words == "Export a.mkv: 40 %"
    bench.run("Report a.html", done=7)
    assert bench.words == "Report a.html: 7 % · 1 more"
    bench.go.set()
    bench.qtbot.waitUntil(lambda: not bench.words)
    assert not bench.line._cancel.isVisible()


def test_what_the_program_does_by_itself_is_not_told(bench: Bench) -> None:
    bench.run("Tidying the cache", Awaited.NO)
    assert bench.words == ""
    assert bench.awaited.waiting == ()


def test_cancel_gives_up_what_is_shown_by_mouse_and_by_keyboard(bench: Bench) -> None:
    export, report = bench.run("Export a.mkv"), bench.run("Report a.html")
    click(bench.line._cancel)
    assert (export.state, report.state) == (JobState.RUNNING, JobState.CANCELLED)
    assert bench.words == "Export a.mkv: 0 %"
    bench.line._cancel.setFocus(Qt.FocusReason.TabFocusReason)
    press(bench.line._cancel, Qt.Key.Key_Space)
    assert export.state is JobState.CANCELLED
    assert bench.words == ""


def test_only_what_is_wanted_for_good_is_at_stake(bench: Bench) -> None:
    bench.run("Open a.mkv", Awaited.TO_SEE)
    export = bench.run("Export a.mkv")
    assert len(bench.awaited.waiting) == 2
    assert bench.awaited.at_stake == (export,)
