"""Jobs in threads of the window, and what every job promises whoever does the work."""

import gc
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.engine_client import EngineClient, EngineSettings
from app.engine_tasks import JobListener
from app.jobs import NUM_THREADS, Job, JobRunner, JobState
from engine.context import Progress, RunContext
from engine.errors import CancelledError, EngineError, NotMediaError
from tests.helpers.jobs import JobEar

pytestmark = pytest.mark.gui

PATIENCE_S = 20


class Gate:
    """Work that waits for the test: tells when it has begun, checks in until it is let go."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()
        self.left = threading.Event()

    def work(self, context: RunContext) -> str:
        self.began.set()
        try:
            while not self.go.wait(0.002):
                context.raise_if_cancelled()
                context.report(Progress("gate", 1, 2))
        finally:
            self.left.set()
        return "through"


class Bench:
    """A runner whose engine is never asked for."""

    def __init__(self, bot: QtBot, folder: Path) -> None:
        self.bot = bot
        self.runner = JobRunner(EngineClient(EngineSettings(folder / "engine.log")))

    def run(self, work: Callable[[RunContext], object]) -> JobEar:
        return JobEar(self.runner.run_in_thread("work", work))

    def until_done(self, *ears: JobEar) -> None:
        self.until(lambda: all(ear.is_done for ear in ears))

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=1000 * PATIENCE_S)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    before = set(threading.enumerate())
    bench = Bench(qtbot, tmp_path)
    yield bench
    bench.runner.close()
    assert not [t for t in threading.enumerate() if t.name == "window-worker" and t not in before]


def test_work_in_a_thread_answers_in_the_gui_thread(bench: Bench) -> None:
    ran_in: list[int] = []

    def work(context: RunContext) -> int:
        ran_in.append(threading.get_ident())
        for done in range(101):
            context.raise_if_cancelled()
            context.report(Progress("count", done, 100))
        return 42

    ear = bench.run(work)
    assert (ear.job.state, ear.heard) == (JobState.PENDING, [])
    bench.until_done(ear)
    assert ear.heard == ["started", "progressed", "succeeded", "finished"]
    assert ear.result == 42
    assert ear.progress[-1] == Progress("count", 100, 100)
    assert len(ear.progress) < 101
    assert ear.job.estimate is not None
    assert ear.job.estimate.percent == 100
    assert ear.threads == {threading.get_ident()} != set(ran_in)


def test_a_known_error_arrives_as_it_is(bench: Bench) -> None:
    error = NotMediaError("notes.txt is no video", "Choose another file.")

    def work(context: RunContext) -> None:
        raise error

    ear = bench.run(work)
    bench.until_done(ear)
    assert ear.heard == ["started", "failed", "finished"]
    assert ear.error is error


def test_a_failure_is_in_the_log_once_though_nobody_listens(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def work(context: RunContext) -> None:
        raise NotMediaError("notes.txt is no video", "Choose another file.")

    bench.runner.run_in_thread("Reading notes.txt", work)
    bench.until(lambda: not bench.runner.active_jobs)
    (record,) = caplog.records
    assert record.getMessage() == (
        "Reading notes.txt: failed (not_media): notes.txt is no video (Choose another file.)"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (ZeroDivisionError("oops"), "ZeroDivisionError: oops"),
        (CancelledError(), "nobody cancelled"),
    ],
)
def test_a_bug_fails_its_job_and_the_thread_lives_on(
    bench: Bench, caplog: pytest.LogCaptureFixture, wrong: Exception, words: str
) -> None:
    def work(context: RunContext) -> None:
        raise wrong

    ears = [bench.run(work) for _ in range(NUM_THREADS)]
    after = bench.run(lambda _: "fine")
    bench.until_done(*ears, after)
    assert ears[0].error is not None
    assert words in ears[0].error.message
    assert after.result == "fine"
    tracebacks = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(tracebacks) == (NUM_THREADS if isinstance(wrong, ZeroDivisionError) else 0)


def test_cancel_is_over_at_once_and_stops_the_work(bench: Bench) -> None:
    gate = Gate()
    ear = bench.run(gate.work)
    bench.until(lambda: bool(ear.progress))
    ear.job.cancel()
    assert ear.heard == ["started", "progressed", "cancelled", "finished"]
    assert gate.left.wait(PATIENCE_S)
    ear.job.cancel()
    assert ear.heard.count("finished") == 1
    assert bench.runner.active_jobs == ()


def test_a_result_after_cancel_is_dropped(bench: Bench) -> None:
    began, go = threading.Event(), threading.Event()

    def work(context: RunContext) -> str:
        began.set()
        go.wait(PATIENCE_S)
        return "too late"

    ear = bench.run(work)
    assert began.wait(PATIENCE_S)
    ear.job.cancel()
    go.set()
    bench.until_done(*[bench.run(lambda _: None) for _ in range(NUM_THREADS)])
    assert ear.heard == ["cancelled", "finished"]
    assert ear.result is None


def test_work_that_waits_for_a_thread_can_be_cancelled_unbegun(bench: Bench) -> None:
    gates = [Gate() for _ in range(NUM_THREADS + 1)]
    ears = [bench.run(gate.work) for gate in gates]
    for gate in gates[:-1]:
        assert gate.began.wait(PATIENCE_S)
    ears[-1].job.cancel()
    for gate in gates:
        gate.go.set()
    bench.until_done(*ears)
    assert not gates[-1].began.is_set()
    assert [ear.result for ear in ears[:-1]] == ["through"] * NUM_THREADS


def test_what_is_prompt_does_not_wait_for_a_thread(bench: Bench) -> None:
    gates = [Gate() for _ in range(NUM_THREADS)]
    ears = [bench.run(gate.work) for gate in gates]
    prompt = JobEar(bench.runner.run_in_thread("Copy", lambda _: "there", is_prompt=True))
    bench.until_done(prompt)
    assert prompt.result == "there"
    assert not any(ear.is_done for ear in ears)
    for gate in gates:
        gate.go.set()
    bench.until_done(*ears)


def test_pause_holds_the_work_and_cancel_frees_it(bench: Bench) -> None:
    gate = Gate()
    ear = bench.run(gate.work)
    bench.until(lambda: bool(ear.progress))
    ear.job.pause()
    assert ear.job.is_paused
    ear.job.resume()
    ear.job.pause()
    ear.job.cancel()
    assert gate.left.wait(PATIENCE_S)
    assert ear.heard[2:] == ["paused", "resumed", "paused", "cancelled", "finished"]
    assert not ear.job.is_paused


def test_a_job_and_its_work_are_freed_when_it_is_over(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    refs: list[weakref.ref[object]] = []

    def start(*, fails: bool) -> None:
        kept = Gate()

        def work(context: RunContext) -> None:
            if fails:
                raise EngineError(f"not {kept}")

        refs.extend((weakref.ref(bench.runner.run_in_thread("work", work)), weakref.ref(kept)))

    for fails in (False, True):
        start(fails=fails)
    bench.until(lambda: not bench.runner.active_jobs)
    caplog.clear()  # which keeps errors, and with them where they came from
    bench.until(lambda: gc.collect() >= 0 and not any(ref() for ref in refs))


def test_close_cancels_everything(bench: Bench) -> None:
    gates = [Gate() for _ in range(NUM_THREADS + 2)]
    ears = [bench.run(gate.work) for gate in gates]
    assert [job.title for job in bench.runner.active_jobs] == ["work"] * len(gates)
    bench.runner.close()
    assert all(ear.job.state is JobState.CANCELLED for ear in ears)
    assert all(gate.left.is_set() for gate in gates if gate.began.is_set())


def test_300_jobs_with_50_reports_each(bench: Bench) -> None:
    def work(context: RunContext) -> int:
        for done in range(1, 51):
            context.raise_if_cancelled()
            context.report(Progress(f"stage {done}", done, 50))
        return threading.get_ident()

    ears = [bench.run(work) for _ in range(300)]
    bench.until_done(*ears)
    for ear in ears:
        assert ear.heard == ["started", "progressed", "succeeded", "finished"]
        assert len(ear.progress) == 50
    assert len({ear.result for ear in ears}) <= NUM_THREADS
    assert bench.runner.active_jobs == ()


def test_the_runner_announces_its_jobs(bench: Bench) -> None:
    with bench.bot.waitSignal(bench.runner.job_added) as added:
        job = bench.runner.run_in_thread("Reading", lambda _: None)
    assert added.args == [job]
    bench.until_done(JobEar(job))


class Puppet:
    """Controls that only count."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def begin(self, _: JobListener) -> "Puppet":
        return self

    def cancel(self) -> None:
        self.calls.append("cancel")

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")


EVENTS: dict[str, Callable[[Job], None]] = {
    "begin": Job.begin,
    "report": lambda job: job.report(Progress("stage", 1, 2)),
    "succeed": lambda job: job.succeed("result"),
    "fail": lambda job: job.fail(EngineError("failed")),
    "cancel": Job.cancel,
    "pause": Job.pause,
    "resume": Job.resume,
}


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=12))
def test_whatever_happens_a_job_ends_once_and_says_nothing_after(events: list[str]) -> None:
    puppet = Puppet()
    job = Job("title", puppet.begin)
    ear = JobEar(job)
    for event in events:
        EVENTS[event](job)
    endings = {"succeed", "fail", "cancel"}
    first = next((event for event in events if event in endings), None)
    expected = {"succeed": JobState.SUCCEEDED, "fail": JobState.FAILED}
    if first is None:
        assert not job.is_over
        assert "finished" not in ear.heard
    else:
        assert job.state is expected.get(first, JobState.CANCELLED)
        assert ear.heard[-2:] == [job.state.value, "finished"]
        assert sum(word in ("succeeded", "failed", "cancelled") for word in ear.heard) == 1
        assert ear.heard.count("finished") == 1
    assert puppet.calls.count("cancel") == (first == "cancel")
    assert ear.heard.count("started") <= 1
    assert not ear.progress or "started" in ear.heard
