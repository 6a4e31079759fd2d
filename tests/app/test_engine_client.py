"""The window's side of the engine, with real engines: in a process, and in a thread."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from app.engine_client import (
    EngineClient,
    EngineSettings,
    EngineState,
    EngineStatus,
    RestartBudget,
)
from app.jobs import JobRunner, JobState
from engine.errors import EngineProcessError, NoAudioError
from engine.protocol import PROTOCOL_VERSION
from engine.remarks import all_in_words
from engine.types import RestoreResult
from engine.urgency import Urgency
from tests.helpers import odd_engine
from tests.helpers.engine_handlers import DEVICE, request
from tests.helpers.jobs import JobEar
from tests.helpers.processes import REPOSITORY, has_ended

pytestmark = pytest.mark.gui

PATIENCE_MS = 20_000
RESTARTS = 1


class Desk:
    """A window without a window: client, runner, and what the status bar would have shown."""

    def __init__(self, bot: QtBot, folder: Path, settings: EngineSettings) -> None:
        self.bot, self.folder, self.settings = bot, folder, settings
        self.client = EngineClient(settings)
        self.runner = JobRunner(self.client)
        self.states: list[EngineState] = []
        self.client.state_changed.connect(self.states.append)

    def submit(self, act: str, urgency: Urgency = Urgency.RESTORE, **options: object) -> JobEar:
        return JobEar(self.runner.submit(act, urgency, request(self.folder, act, **options)))

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=PATIENCE_MS)

    def until_done(self, *ears: JobEar) -> None:
        self.until(lambda: all(ear.is_done for ear in ears))

    def until_reported(self, ear: JobEar) -> None:
        self.until(lambda: bool(ear.progress))

    def until_status(self, status: EngineStatus) -> None:
        self.until(lambda: self.client.state.status is status)

    def mark(self, name: str) -> None:
        (self.folder / name).touch()

    def engine(self) -> psutil.Process:
        self.until(lambda: self.client.engine_pid is not None)
        assert self.client.engine_pid is not None
        return psutil.Process(self.client.engine_pid)

    def close(self) -> None:
        self.mark("release")
        self.runner.close()
        self.client.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    return EngineSettings(
        log_file=tmp_path / "logs" / "engine.log",
        workload="tests.helpers.engine_handlers:workload",
        cancel_s=PATIENCE_MS / 1000,
        restarts=RESTARTS,
    )


@pytest.fixture
def open_desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[EngineSettings], Desk]]:
    """Opens desks; afterwards no thread, no process and no zombie may be left."""
    desks: list[Desk] = []

    def start(settings: EngineSettings) -> Desk:
        desks.append(Desk(qtbot, tmp_path, settings))
        return desks[-1]

    yield start
    for desk in desks:
        desk.close()
    for thread in threading.enumerate():
        if thread.name.startswith(("engine", "window-worker")):
            thread.join(PATIENCE_MS / 1000)
            assert not thread.is_alive(), thread
    assert psutil.Process().children(recursive=True) == []


@pytest.fixture
def process_desk(open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings) -> Desk:
    return open_desk(settings)


@pytest.fixture
def impatient_desk(open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings) -> Desk:
    return open_desk(replace(settings, cancel_s=0.3))


@pytest.fixture(params=["process", "thread"])
def desk(
    open_desk: Callable[[EngineSettings], Desk],
    settings: EngineSettings,
    request: pytest.FixtureRequest,
) -> Desk:
    return open_desk(replace(settings, in_thread=request.param == "thread"))


def odd(settings: EngineSettings, way: str) -> EngineSettings:
    """Settings that start a program which is no engine."""
    assert odd_engine.__file__ is not None
    return replace(settings, command=(sys.executable, odd_engine.__file__, way))


def words_of(ear: JobEar) -> tuple[str, ...]:
    assert isinstance(ear.result, RestoreResult)
    return ear.result.warnings


def test_a_job_from_submit_to_result(desk: Desk) -> None:
    ear = desk.submit("chunks", chunks=5)
    assert ear.job.state is JobState.PENDING
    desk.until_done(ear)
    assert ear.heard == ["started", "progressed", "succeeded", "finished"]
    assert words_of(ear) == ("5 chunks",)
    assert ear.threads == {threading.get_ident()}
    assert desk.states[:2] == [
        EngineState(EngineStatus.STARTING),
        EngineState(EngineStatus.READY, DEVICE, ("tiny",)),
    ]


def test_known_errors_and_bugs_fail_their_job_in_words(desk: Desk) -> None:
    known, bug, fine = desk.submit("known_error"), desk.submit("bug"), desk.submit("chunks")
    desk.until_done(known, bug, fine)
    assert isinstance(known.error, NoAudioError)
    assert known.error.hint == "Choose a video with sound."
    assert bug.error is not None
    assert "ValueError: a bug, on purpose" in bug.error.message
    assert fine.job.state is JobState.SUCCEEDED


def test_the_engine_speaks_the_language_of_the_window(german: None, desk: Desk) -> None:
    gone, kept = desk.submit("unreadable"), desk.submit("kept_words")
    desk.until_done(gone, kept)
    assert gone.error is not None
    assert gone.error.code == "input_not_found"
    assert gone.error.message == f"{desk.folder / 'gone.mp4'} gibt es nicht"
    assert gone.error.hint == "den Namen prüfen"
    # What a project keeps is the same in every language, and read where it is shown.
    assert words_of(kept) == ("song.mp3 was not found",)
    assert all_in_words(words_of(kept)) == ("song.mp3 wurde nicht gefunden",)


def test_cancel_is_cooperative_and_spares_the_engine(desk: Desk) -> None:
    ear = desk.submit("until_marked")
    desk.until_reported(ear)
    pid = desk.client.engine_pid
    ear.job.cancel()
    assert ear.heard[-2:] == ["cancelled", "finished"]
    desk.until(lambda: (desk.folder / "left-").exists())
    after = desk.submit("chunks")
    desk.until_done(after)
    assert desk.client.engine_pid == pid
    assert EngineStatus.RESTARTING not in [state.status for state in desk.states]
    assert ear.heard.count("finished") == 1


def test_cancelling_a_job_that_waits_never_runs_it(desk: Desk) -> None:
    first = desk.submit("until_marked", name="first")
    second = desk.submit("until_marked", name="second")
    desk.until_reported(first)
    second.job.cancel()
    # Messages keep their order: once a later job is done, the engine has read the cancel.
    desk.until_done(desk.submit("chunks", Urgency.INTERACTIVE))
    desk.mark("go")
    desk.until_done(first)
    assert second.heard == ["cancelled", "finished"]
    assert not (desk.folder / "began-second").exists()


@pytest.mark.kill
@pytest.mark.parametrize("in_thread", [False, True], ids=["process", "thread"])
def test_a_cancelled_job_that_hangs_costs_its_engine_and_nothing_else(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings, in_thread: bool
) -> None:
    desk = open_desk(replace(settings, cancel_s=0.3, in_thread=in_thread))
    hanging, waiting = desk.submit("hang"), desk.submit("chunks")
    held = desk.submit("chunks", Urgency.BACKGROUND)
    desk.until_reported(hanging)
    hanging.job.cancel()
    held.job.pause()
    desk.until_done(waiting)
    assert waiting.job.state is JobState.SUCCEEDED
    assert EngineStatus.RESTARTING in [state.status for state in desk.states]
    log = "" if in_thread else settings.log_file.read_text()
    assert in_thread or all(words in log for words in ("job 1 begins", "is killed by the window"))
    assert hanging.heard.count("finished") == 1
    assert held.heard == ["paused"]
    held.job.resume()
    desk.until_done(held)
    assert held.job.state is JobState.SUCCEEDED


@pytest.mark.kill
def test_a_suspended_restore_survives_the_engine_and_begins_anew(impatient_desk: Desk) -> None:
    desk = impatient_desk
    restore = desk.submit("until_marked")
    desk.until_reported(restore)
    engine = desk.engine()
    hanging = desk.submit("hang", Urgency.INTERACTIVE)
    desk.until_reported(hanging)
    hanging.job.cancel()
    desk.until(lambda: has_ended(engine))
    desk.until_status(EngineStatus.READY)
    desk.mark("go")
    desk.until_done(restore)
    assert restore.heard == ["started", "progressed", "succeeded", "finished"]


@pytest.mark.kill
def test_hanging_again_and_again_does_not_use_the_restarts_up(impatient_desk: Desk) -> None:
    for _ in range(RESTARTS + 1):
        hanging = impatient_desk.submit("hang")
        impatient_desk.until_reported(hanging)
        hanging.job.cancel()
    after = impatient_desk.submit("chunks")
    impatient_desk.until_done(after)
    assert after.job.state is JobState.SUCCEEDED


@pytest.mark.kill
@pytest.mark.parametrize(
    ("how", "words"),
    [("kill", "SIGKILL"), ("exit", "exit code 7")],
)
def test_a_crash_fails_what_ran_and_the_next_engine_does_the_rest(
    process_desk: Desk, how: str, words: str
) -> None:
    dying, waiting = process_desk.submit("die", how=how), process_desk.submit("chunks")
    process_desk.until_done(dying, waiting)
    assert isinstance(dying.error, EngineProcessError)
    assert words in dying.error.message
    assert str(process_desk.settings.log_file) in dying.error.hint
    assert waiting.job.state is JobState.SUCCEEDED
    restarting = next(s for s in process_desk.states if s.status is EngineStatus.RESTARTING)
    assert words in restarting.problem


@pytest.mark.kill
def test_an_engine_killed_from_outside_while_idle_comes_back(process_desk: Desk) -> None:
    process_desk.client.start()
    process_desk.until_status(EngineStatus.READY)
    engine = process_desk.engine()
    engine.kill()
    process_desk.until_status(EngineStatus.RESTARTING)
    process_desk.until_status(EngineStatus.READY)
    assert process_desk.engine().pid != engine.pid


@pytest.mark.kill
def test_an_engine_that_dies_too_often_is_given_up_until_the_user_asks(process_desk: Desk) -> None:
    desk = process_desk
    dying = [desk.submit("die", how="exit") for _ in range(RESTARTS + 1)]
    waiting = desk.submit("chunks")
    desk.until_status(EngineStatus.STOPPED)
    desk.until_done(*dying, waiting)
    refused = desk.submit("chunks")
    assert refused.heard == []
    desk.until_done(refused)
    for ear in (*dying, waiting, refused):
        assert isinstance(ear.error, EngineProcessError)
    statuses = [state.status for state in desk.states]
    assert statuses.count(EngineStatus.RESTARTING) == RESTARTS
    desk.client.start()
    again = desk.submit("chunks")
    desk.until_done(again)
    assert again.job.state is JobState.SUCCEEDED


@pytest.mark.kill
def test_a_frozen_engine_is_noticed_and_replaced(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings
) -> None:
    desk = open_desk(replace(settings, silence_s=2.0))
    desk.client.start()
    desk.until_status(EngineStatus.READY)
    engine = desk.engine()
    frozen, waiting = desk.submit("freeze"), desk.submit("chunks")
    desk.until_done(frozen, waiting)
    assert frozen.error is not None
    assert "stopped answering" in frozen.error.message
    assert waiting.job.state is JobState.SUCCEEDED
    assert has_ended(engine)


@pytest.mark.kill
def test_a_wrapped_engine_is_killed_with_its_wrapper(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings
) -> None:
    wrapper = ("/bin/sh", "-c", '"$0" "$@"; exit $?', *settings.command)
    desk = open_desk(replace(settings, command=wrapper, cancel_s=0.3))
    frozen = desk.submit("freeze")
    desk.until_reported(frozen)
    engine = desk.engine()
    frozen.job.cancel()
    desk.until(lambda: has_ended(engine))
    desk.until_status(EngineStatus.READY)


@pytest.mark.parametrize(
    ("way", "words"),
    [("other version", f"version {PROTOCOL_VERSION + 1}"), ("no greeting", "do not understand")],
)
def test_a_stranger_is_not_tried_again(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings, way: str, words: str
) -> None:
    desk = open_desk(odd(settings, way))
    ear = desk.submit("chunks")
    desk.until_done(ear)
    assert [state.status for state in desk.states] == [EngineStatus.STARTING, EngineStatus.STOPPED]
    assert words in desk.client.state.problem
    assert isinstance(ear.error, EngineProcessError)


@pytest.mark.kill
@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("garbage", "do not understand"),
        ("no frame", "ended unexpectedly"),
        ("exit", "exit code 3"),
        ("silence", "stopped answering"),
    ],
)
def test_an_engine_that_talks_nonsense_is_ended_and_then_given_up(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings, way: str, words: str
) -> None:
    settings = replace(odd(settings, way), restarts=1)
    if way == "silence":
        settings = replace(settings, silence_s=1.0, startup_s=1.0)
    desk = open_desk(settings)
    ear = desk.submit("chunks")
    desk.until_done(ear)
    assert ear.error is not None
    assert words in ear.error.message
    assert [state.status for state in desk.states] == [
        EngineStatus.STARTING,
        EngineStatus.RESTARTING,
        EngineStatus.STOPPED,
    ]


def test_an_engine_that_leaves_keeps_no_job_from_the_next_one(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings
) -> None:
    desk = open_desk(odd(settings, "leaving"))
    ear = desk.submit("chunks")
    desk.until_done(ear)
    # It was started twice and failed only when no engine was left.
    assert ear.heard == ["started", "failed", "finished"]
    assert [state.status for state in desk.states] == [
        EngineStatus.STARTING,
        EngineStatus.RESTARTING,
        EngineStatus.STOPPED,
    ]


def test_a_command_that_does_not_exist_is_a_message(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings
) -> None:
    desk = open_desk(replace(settings, command=("/no/such/program",)))
    ear = desk.submit("chunks")
    desk.until_done(ear)
    assert isinstance(ear.error, EngineProcessError)
    assert "/no/such/program" in ear.error.message
    assert desk.client.state.status is EngineStatus.STOPPED


def test_an_engine_that_cannot_load_says_why(
    open_desk: Callable[[EngineSettings], Desk], settings: EngineSettings
) -> None:
    desk = open_desk(replace(settings, workload="tests.helpers.engine_handlers:broken_workload"))
    ear = desk.submit("chunks")
    desk.until_done(ear)
    assert "libtorch_cpu.so" in desk.client.state.problem
    assert ear.job.state is JobState.FAILED


def test_an_urgent_job_overtakes_a_restore_which_then_finishes(desk: Desk) -> None:
    restore, index = desk.submit("until_marked"), desk.submit("chunks", Urgency.BACKGROUND)
    desk.until_reported(restore)
    preview = desk.submit("chunks", Urgency.INTERACTIVE)
    desk.until_done(preview)
    assert not restore.is_done
    assert index.heard == []
    desk.mark("go")
    desk.until_done(restore, index)
    assert restore.job.state is index.job.state is JobState.SUCCEEDED


def test_pause_holds_a_job_and_lets_others_pass(desk: Desk) -> None:
    restore = desk.submit("until_marked")
    desk.until_reported(restore)
    restore.job.pause()
    desk.until_done(desk.submit("chunks", Urgency.BACKGROUND))
    desk.mark("go")
    desk.until_done(desk.submit("chunks", Urgency.BACKGROUND))
    assert not restore.is_done
    restore.job.resume()
    desk.until_done(restore)
    assert restore.heard[2:] == ["paused", "resumed", "succeeded", "finished"]


def test_a_core_is_left_free_while_sound_plays_also_by_the_next_engine(process_desk: Desk) -> None:
    desk = process_desk
    desk.client.set_sound_playing(is_playing=True)
    desk.mark("go")
    first = desk.submit("until_marked")
    desk.until_done(first)
    desk.engine().kill()
    desk.until_status(EngineStatus.RESTARTING)
    second = desk.submit("until_marked")
    desk.until_done(second)
    assert words_of(first) == words_of(second) == ("1",)


def test_everything_the_engine_says_ends_in_the_log(
    process_desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    ears = [process_desk.submit("talk"), process_desk.submit("bug")]
    process_desk.until_done(*ears)
    log = process_desk.settings.log_file.read_text()
    for words in ("said on stdout", "said on stderr", "written to descriptor 1", "Traceback"):
        assert words in log
    assert capfd.readouterr() == ("", "")


def test_300_jobs_with_50_reports_each(desk: Desk) -> None:
    ears = [desk.submit("chunks", chunks=50) for _ in range(300)]
    desk.until_done(*ears)
    for ear in ears:
        assert ear.heard == ["started", "progressed", "succeeded", "finished"]
        assert ear.progress[-1].fraction == 1
        assert ear.threads == {threading.get_ident()}
    assert desk.runner.active_jobs == ()


def test_close_ends_a_working_engine_and_says_nothing_of_its_jobs(desk: Desk) -> None:
    ear = desk.submit("until_marked")
    desk.until_reported(ear)
    desk.client.close()
    assert desk.client.state.status is EngineStatus.STOPPED
    assert desk.client.engine_pid is None
    assert ear.heard == ["started", "progressed"]


def test_restart_budget_counts_within_its_window() -> None:
    now_s = 0.0
    budget = RestartBudget(2, 60, lambda: now_s)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    now_s = 60.0
    assert [budget.take() for _ in range(3)] == [True, True, False]
    budget.refill()
    assert budget.take()


def test_the_window_does_not_load_the_networks() -> None:
    code = (
        "import sys, app.jobs;"
        "print([m for m in ('torch', 'scipy', 'engine.worker') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
