"""What an engine under test can do: handlers that behave, and handlers that do not.

A `RestoreRequest` says in `models` which act is wanted; `video` is a folder in which tests and acts
leave each other marks, so that nobody has to wait for a clock.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine import remarks
from engine.context import Progress, RunContext
from engine.errors import CancelledError, NoAudioError
from engine.media.container import open_media
from engine.types import Method, RestoreRequest, RestoreResult
from engine.workload import Workload

DEVICE = "test device"
cores_left = threading.local()


def request(folder: Path, act: str, **options: object) -> RestoreRequest:
    """A request for one of the acts below."""
    words = {name: str(value) for name, value in options.items()}
    return RestoreRequest(video=folder, models={"act": act, **words})


def workload() -> Workload:
    """All acts; nothing to load."""
    return Workload({RestoreRequest: perform}, DEVICE, ("tiny",), leave_cores)


def broken_workload() -> Workload:
    """An engine whose libraries are damaged."""
    raise ImportError("libtorch_cpu.so: cannot open shared object file")


def slow_workload() -> Workload:
    """An engine that needs long to load."""
    time.sleep(600)
    return workload()


def leave_cores(num_cores: int) -> None:
    """Remember the number for the calling thread."""
    cores_left.value = num_cores


def perform(wanted: RestoreRequest, context: RunContext) -> RestoreResult:
    """Run the wanted act; its words are the result's warnings."""
    mark(wanted.video, f"began-{wanted.models.get('name', '')}")
    words = ACTS[wanted.models["act"]](wanted, context)
    return RestoreResult(
        video=wanted.video,
        stems={},
        method=Method.BLIND,
        bgm=(),
        decision=None,
        speech=(),
        stages=(),
        warnings=words,
    )


def mark(folder: Path, name: str) -> None:
    """Leave a mark."""
    (folder / name).touch()


def chunks(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Some chunks of work, with a report after each."""
    total = int(wanted.models.get("chunks", "3"))
    for done in range(1, total + 1):
        context.raise_if_cancelled()
        context.report(Progress("work", done, total))
    return (f"{total} chunks",)


def until_marked(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Chunks without end, until the mark `go` appears."""
    done = 0
    try:
        while not (wanted.video / "go").exists():
            context.raise_if_cancelled()
            done += 1
            context.report(Progress("wait", done, done + 1))
            time.sleep(0.002)
    finally:
        mark(wanted.video, f"left-{wanted.models.get('name', '')}")
    return (str(getattr(cores_left, "value", None)),)


def hang(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Never checks in; only a thread that is tested in-process ever sees `release`."""
    context.report(Progress("hang", 0, 1))
    while not (wanted.video / "release").exists():
        time.sleep(0.01)
    return ()


def leave_thread(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Start a thread that would keep an interpreter from ending, as libraries do."""
    threading.Thread(target=threading.Event().wait, daemon=False).start()
    return chunks(wanted, context)


def leave_child(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Start a program that inherits whatever it can, as libraries do; returns its number."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False
    )
    return (str(child.pid),)


def die(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """End the process as a crash in foreign code would."""
    if wanted.models["how"] == "exit":
        os._exit(7)
    if wanted.models["how"] == "segfault":
        ctypes.string_at(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return ()


def freeze(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Stop the whole process, as a dead-lock in a driver would."""
    context.report(Progress("freeze", 0, 1))
    os.kill(os.getpid(), signal.SIGSTOP)
    # The signal may reach another thread first and this one a little later.
    return hang(wanted, context)


def flood(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Very many reports."""
    total = int(wanted.models["reports"])
    for done in range(1, total + 1):
        context.report(Progress("flood", done, total))
    return ()


def known_error(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Fail as the engine's own code does."""
    raise NoAudioError("clip.mp4 has no sound track", "Choose a video with sound.")


def unreadable(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Fail on a file that is not there, in the words of the engine."""
    open_media(wanted.video / "gone.mp4")
    return ()


def kept_words(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Warn as a restore does."""
    return (remarks.NOT_FOUND(track="song.mp3"),)


def odd_name(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Fail on a file whose name is not valid Unicode."""
    raise NoAudioError("caf\udce9.mp4 has no sound track")


def odd_result(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Return what cannot be sent."""
    return ("caf\udce9.mp4",)


def bug(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Fail as nobody foresaw."""
    raise ValueError("a bug, on purpose\nwith a second line")


def give_up(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Say that it was cancelled when it was not."""
    raise CancelledError


def leave(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Do what some command line tools do on errors."""
    sys.exit("give up")


def talk(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """Write to both output streams, through Python and past it."""
    sys.stdout.write("said on stdout\n")
    sys.stderr.write("said on stderr\n")
    os.write(1, b"written to descriptor 1\n")
    return ()


def big_result(wanted: RestoreRequest, context: RunContext) -> tuple[str, ...]:
    """A result that fills a pipe many times over."""
    return tuple(f"{i:099d}" for i in range(int(wanted.models["lines"])))


ACTS: dict[str, Callable[[RestoreRequest, RunContext], tuple[str, ...]]] = {
    act.__name__: act
    for act in (
        chunks,
        until_marked,
        hang,
        leave_thread,
        leave_child,
        give_up,
        die,
        freeze,
        flood,
        known_error,
        unreadable,
        kept_words,
        odd_name,
        odd_result,
        bug,
        leave,
        talk,
        big_result,
    )
}
