"""The engine's side of the pipe: `serve` in a thread with a window played by the test, and `main`
in a real process."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from engine.protocol import (
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Cancel,
    Cancelled,
    Crashed,
    Failed,
    FromEngine,
    Heartbeat,
    Hello,
    Leaving,
    Message,
    Pause,
    Payload,
    PipeEnd,
    Progressed,
    Ready,
    Resume,
    Shutdown,
    SoundPlaying,
    Started,
    Submit,
    Succeeded,
    decode_from_engine,
    encode,
    pack,
    unpack,
)
from engine.throttle import REPORTS_PER_S
from engine.types import RestoreResult
from engine.urgency import Urgency
from engine.worker import NICENESS, serve
from engine.workload import Workload, find_loader
from tests.helpers import engine_handlers
from tests.helpers.engine_handlers import request
from tests.helpers.processes import REPOSITORY, has_ended

PATIENCE_S = 20
M = TypeVar("M", bound=Message)


class Window:
    """The other end of an engine's pipe."""

    def __init__(self, pipe: PipeEnd) -> None:
        self.pipe = pipe
        self.heard: list[FromEngine] = []

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.pipe.send_bytes(encode(message))

    def greet(self, version: int = PROTOCOL_VERSION) -> None:
        self.send(Hello(version, os.getpid()))

    def wait_for(self, wanted: type[M], job_id: int | None = None) -> M:
        """The next message of a type, of a job if one is given; the others go to `heard`."""
        while True:
            message = self.listen()
            if isinstance(message, wanted) and job_id in (None, getattr(message, "job_id", None)):
                return message

    def listen(self) -> FromEngine:
        assert self.pipe.poll(PATIENCE_S), f"silence after {self.heard}"
        message = decode_from_engine(self.pipe.recv_bytes(MAX_MESSAGE_BYTES))
        self.heard.append(message)
        return message

    def hears_the_end(self) -> bool:
        try:
            while True:
                self.listen()
        except (EOFError, OSError):
            return True


@pytest.fixture
def engine() -> Iterator[Callable[..., Window]]:
    """Starts `serve` in a thread; it must be over when the window is gone."""
    windows, threads = list[Window](), list[threading.Thread]()

    def start(
        load: Callable[[], Workload] = engine_handlers.workload, silence_s: float = 60
    ) -> Window:
        ours, theirs = Pipe()
        thread = threading.Thread(target=serve, args=(theirs, load, silence_s))
        thread.start()
        threads.append(thread)
        windows.append(Window(ours))
        return windows[-1]

    yield start
    for window in windows:
        window.pipe.close()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def submit(
    job_id: int, folder: Path, act: str, urgency: Urgency = Urgency.RESTORE, **options: object
) -> Submit:
    return Submit(job_id, urgency, pack(request(folder, act, **options)))


def words_of(message: Succeeded) -> tuple[str, ...]:
    result = unpack(message.result)
    assert isinstance(result, RestoreResult)
    return result.warnings


def test_it_greets_warms_up_and_does_a_job(engine: Callable[..., Window], tmp_path: Path) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "chunks", chunks=4))
    assert words_of(window.wait_for(Succeeded)) == ("4 chunks",)
    assert [m for m in window.heard if not isinstance(m, Heartbeat | Progressed)][:3] == [
        Hello(PROTOCOL_VERSION, os.getpid()),
        Ready(engine_handlers.DEVICE, ("tiny",)),
        Started(1),
    ]
    assert [m for m in window.heard if isinstance(m, Progressed)][-1] == Progressed(1, "work", 4, 4)


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (
            "known_error",
            Failed(1, "no_audio", "clip.mp4 has no sound track", "Choose a video with sound."),
        ),
        ("odd_name", Failed(1, "no_audio", "caf?.mp4 has no sound track", "")),
        ("bug", Crashed(1, "ValueError: a bug, on purpose")),
        ("give_up", Crashed(1, "it stopped though nobody cancelled it")),
        ("leave", Crashed(1, "SystemExit: give up")),
    ],
)
def test_an_error_ends_the_job_and_nothing_else(
    engine: Callable[..., Window],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    act: str,
    answer: Message,
) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, act), submit(2, tmp_path, "chunks"))
    assert window.wait_for(type(answer)) == answer
    window.wait_for(Succeeded, job_id=2)
    tracebacks = [record for record in caplog.records if record.exc_info]
    assert len(tracebacks) == (0 if isinstance(answer, Failed) else 1)


def test_a_result_that_cannot_be_sent_ends_its_job_too(
    engine: Callable[..., Window], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "odd_result"), submit(2, tmp_path, "chunks"))
    assert "UnicodeEncodeError" in window.wait_for(Crashed).summary
    window.wait_for(Succeeded, job_id=2)
    assert "job 1 crashed" in caplog.text


def test_an_unreadable_request_fails_its_job_alone(
    engine: Callable[..., Window], tmp_path: Path
) -> None:
    window = engine()
    window.greet()
    good = pack(request(tmp_path, "chunks"))
    window.send(Submit(1, Urgency.RESTORE, Payload("Unheard", good.body)))
    assert window.wait_for(Failed).code == "engine_process"
    window.send(Submit(2, Urgency.RESTORE, good))
    window.wait_for(Succeeded, job_id=2)


def test_an_engine_that_cannot_load_says_why_at_once_and_for_each_job(
    engine: Callable[..., Window], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    window = engine(engine_handlers.broken_workload)
    window.greet()
    assert "libtorch_cpu.so" in window.wait_for(Ready).problem
    window.send(submit(1, tmp_path, "chunks"))
    assert "libtorch_cpu.so" in window.wait_for(Crashed).summary
    assert "cannot open shared object file" in caplog.text


def test_jobs_wait_for_the_loading_and_can_be_cancelled_meanwhile(
    engine: Callable[..., Window], tmp_path: Path
) -> None:
    loaded = threading.Event()

    def load() -> Workload:
        loaded.wait(PATIENCE_S)
        return engine_handlers.workload()

    window = engine(load)
    window.greet()
    window.send(submit(1, tmp_path, "chunks"), submit(2, tmp_path, "chunks"), Cancel(2))
    window.wait_for(Cancelled, job_id=2)
    assert not any(isinstance(message, Started | Ready) for message in window.heard)
    loaded.set()
    window.wait_for(Succeeded, job_id=1)


def test_cancel_and_pause_reach_a_running_job(
    engine: Callable[..., Window], tmp_path: Path
) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "until_marked"))
    window.wait_for(Progressed, job_id=1)
    window.send(Pause(1), submit(2, tmp_path, "chunks", Urgency.BACKGROUND))
    window.wait_for(Succeeded, job_id=2)
    window.send(Resume(1))
    window.wait_for(Progressed, job_id=1)
    window.send(Cancel(1))
    window.wait_for(Cancelled, job_id=1)
    assert (tmp_path / "left-").exists()


def test_an_urgent_job_overtakes(engine: Callable[..., Window], tmp_path: Path) -> None:
    window = engine()
    window.greet()
    window.send(
        submit(1, tmp_path, "until_marked"), submit(2, tmp_path, "chunks", Urgency.BACKGROUND)
    )
    window.wait_for(Progressed, job_id=1)
    window.send(submit(3, tmp_path, "chunks", Urgency.INTERACTIVE))
    window.wait_for(Succeeded, job_id=3)
    assert not any(isinstance(message, Succeeded) for message in window.heard[:-1])
    (tmp_path / "go").touch()
    window.wait_for(Succeeded, job_id=1)
    window.wait_for(Succeeded, job_id=2)


def test_a_core_is_left_free_while_sound_plays(
    engine: Callable[..., Window], tmp_path: Path
) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "until_marked"))
    window.wait_for(Progressed, job_id=1)
    # Messages keep their order: when the urgent job is done, the restore knows of the sound.
    window.send(SoundPlaying(is_playing=True), submit(2, tmp_path, "chunks", Urgency.INTERACTIVE))
    window.wait_for(Succeeded, job_id=2)
    (tmp_path / "go").touch()
    assert words_of(window.wait_for(Succeeded, job_id=1)) == ("1",)


def test_a_flood_of_progress_is_thinned_out(engine: Callable[..., Window], tmp_path: Path) -> None:
    window = engine()
    window.greet()
    began_s = time.monotonic()
    window.send(submit(1, tmp_path, "flood", reports=50_000))
    window.wait_for(Succeeded)
    elapsed_s = time.monotonic() - began_s
    reports = [message for message in window.heard if isinstance(message, Progressed)]
    assert len(reports) <= 2 + REPORTS_PER_S * elapsed_s
    assert reports[-1].done == 50_000


def test_a_result_larger_than_the_pipe_arrives(
    engine: Callable[..., Window], tmp_path: Path
) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "big_result", lines=20_000))
    assert len(words_of(window.wait_for(Succeeded))) == 20_000


@pytest.mark.parametrize(
    "first",
    [
        encode(Hello(PROTOCOL_VERSION + 1, 1)),
        encode(Pause(1)),
        b"GET / HTTP/1.1\r\n\r\n",
        b"",
        b"\x80\x04\x95",
    ],
    ids=["other version", "no greeting", "http", "empty", "pickle"],
)
def test_it_leaves_when_it_does_not_understand_the_window(
    engine: Callable[..., Window], caplog: pytest.LogCaptureFixture, first: bytes
) -> None:
    window = engine()
    window.pipe.send_bytes(first)
    assert window.hears_the_end()
    assert window.heard[0] == Hello(PROTOCOL_VERSION, os.getpid())
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_a_message_too_large_to_be_one_ends_the_engine(engine: Callable[..., Window]) -> None:
    window = engine()
    window.greet()
    os.write(window.pipe.fileno(), b"\x7f\xff\xff\xff")
    assert window.hears_the_end()


def test_it_leaves_a_window_that_hangs_and_says_so(engine: Callable[..., Window]) -> None:
    window = engine(silence_s=0.2)
    window.greet()
    assert "nothing heard" in window.wait_for(Leaving).reason
    assert window.hears_the_end()


def test_shutdown_cancels_what_runs(engine: Callable[..., Window], tmp_path: Path) -> None:
    window = engine()
    window.greet()
    window.send(submit(1, tmp_path, "until_marked"))
    window.wait_for(Progressed)
    window.send(Shutdown())
    assert window.hears_the_end()
    assert (tmp_path / "left-").exists()


def test_its_heart_beats(engine: Callable[..., Window]) -> None:
    window = engine()
    window.greet()
    window.wait_for(Heartbeat)
    window.wait_for(Heartbeat)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("tests.helpers.engine_handlers:no_such", AttributeError),
        ("no_such_module:workload", ModuleNotFoundError),
        ("builtins:dict", TypeError),
    ],
)
def test_a_wrong_workload_is_an_error(name: str, error: type[Exception]) -> None:
    load = find_loader(name)
    with pytest.raises(error):
        load()


class Process:
    """A real engine process."""

    def __init__(self, folder: Path, workload: str = "workload") -> None:
        ours, theirs = Pipe()
        self.window = Window(ours)
        self.log = folder / "log"
        with theirs, self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [
                    *(sys.executable, "-m", "engine.worker", "--pipe", str(theirs.fileno())),
                    *("--workload", f"tests.helpers.engine_handlers:{workload}"),
                ],
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(),),
            )
        self.window.greet()

    def close(self) -> None:
        self.window.pipe.close()
        self.popen.kill()
        self.popen.wait()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.close()


def test_the_process_is_low_in_priority_and_writes_to_its_log(
    process: Process, tmp_path: Path
) -> None:
    process.window.send(submit(1, tmp_path, "talk"), submit(2, tmp_path, "bug"))
    process.window.wait_for(Crashed)
    assert psutil.Process(process.popen.pid).nice() == min(19, psutil.Process().nice() + NICENESS)
    process.window.send(Shutdown())
    assert process.popen.wait(PATIENCE_S) == 0
    log = process.log.read_text()
    for words in ("said on stdout", "said on stderr", "written to descriptor 1", "Traceback"):
        assert words in log
    assert f"engine process {process.popen.pid} ends" in log
    for words in ("job 1 begins: ", "job 1 ends: Succeeded", "job 2 ends: Crashed"):
        assert words in log


@pytest.mark.kill
@pytest.mark.parametrize("act", ["until_marked", "hang", "leave_thread", None])
def test_it_ends_by_itself_when_the_pipe_closes(
    process: Process, tmp_path: Path, act: str | None
) -> None:
    process.window.wait_for(Ready)
    if act is not None:
        process.window.send(submit(1, tmp_path, act))
        process.window.wait_for(Progressed)
    process.window.pipe.close()
    assert process.popen.wait(PATIENCE_S) == 0
    assert (tmp_path / "left-").exists() == (act == "until_marked")


@pytest.mark.kill
def test_it_ends_by_itself_while_it_still_loads(tmp_path: Path) -> None:
    process = Process(tmp_path, "slow_workload")
    process.window.wait_for(Heartbeat)
    process.window.pipe.close()
    assert process.popen.wait(PATIENCE_S) == 0


@pytest.mark.kill
def test_no_child_of_the_engine_keeps_its_pipe_open(process: Process, tmp_path: Path) -> None:
    process.window.send(submit(1, tmp_path, "leave_child"))
    (child,) = words_of(process.window.wait_for(Succeeded))
    process.popen.kill()
    assert process.window.hears_the_end()
    os.kill(int(child), signal.SIGKILL)


@pytest.mark.kill
def test_a_segmentation_fault_leaves_a_stack_in_the_log(process: Process, tmp_path: Path) -> None:
    process.window.send(submit(1, tmp_path, "die", how="segfault"))
    assert process.window.hears_the_end()
    assert process.popen.wait(PATIENCE_S) == -signal.SIGSEGV
    assert "engine_handlers.py" in process.log.read_text()


@pytest.mark.kill
def test_no_engine_stays_when_its_window_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.engine_owner", str(tmp_path)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    with owner.stdout:
        engine = psutil.Process(int(owner.stdout.readline()))
    assert engine.is_running()
    owner.kill()
    owner.wait()
    assert has_ended(engine, PATIENCE_S)
    assert (tmp_path / "left-").exists()
