"""One life of one engine: how it is started and ended, its pipe, and the threads that serve it."""

import contextlib
import importlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.errors import EngineProcessError
from engine.protocol import (
    HEARTBEAT_S,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    FromEngine,
    Heartbeat,
    Hello,
    Message,
    PipeEnd,
    Shutdown,
    check_version,
    decode_from_engine,
    encode,
)
from engine.translation import VARIABLE, language, tr

LOG_BYTES = 4_000_000
GRACE_S = 1.0
REAP_S = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an engine's life ended.

    Attributes:
        error: What to tell those who waited for it.
        can_restart: Another try may go better.
    """

    error: EngineProcessError
    can_restart: bool = True


class Host(Protocol):
    """Where an engine lives. `start` and `wait` block and are called in a worker thread."""

    def start(self) -> PipeEnd:
        """Start the engine and return the window's end of its pipe; OSError if it cannot be."""

    def kill(self) -> None:
        """End it now, from any thread, at any time, as often as one likes."""

    def wait(self) -> EngineProcessError:
        """Collect what is left and say how it ended."""


class ProcessHost:
    """An engine in a process of its own, with its output in the log file."""

    def __init__(self, command: tuple[str, ...], workload: str, log_file: Path) -> None:
        self._command = command
        self._workload = workload
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False

    def start(self) -> PipeEnd:
        """Start the process with one end of a nameless pipe; OSError if it cannot be."""
        ours, theirs = Pipe()
        with theirs, open_log(self._log_file) as log:
            self._process = self._spawn(theirs.fileno(), log)
        if self._is_killed:
            self.kill()
        return ours

    def kill(self) -> None:
        """Kill the process and its children."""
        self._is_killed = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._note(f"engine process {process.pid} is killed by the window")
        if sys.platform == "win32":
            process.kill()
        else:
            # It may end at this very moment.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def wait(self) -> EngineProcessError:
        """Reap the process; one that only let go of the pipe is killed after a moment."""
        code = self._reap(GRACE_S)
        if code is None:
            self.kill()
            code = self._reap(REAP_S)
        words = tr("it hangs in the system") if code is None else _words(code)
        return EngineProcessError(
            tr("The engine process ended unexpectedly ({words}).", words=words),
            tr("The log says more: {log_file}", log_file=self._log_file),
        )

    def _note(self, words: str) -> None:
        """A line in the log, which the process itself cannot write any more."""
        # A log is worth no trouble.
        with contextlib.suppress(OSError), self._log_file.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}\n")

    def _reap(self, timeout_s: float) -> int | None:
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def _spawn(self, handle: int, log: BinaryIO) -> subprocess.Popen[bytes]:
        command = (*self._command, "--pipe", str(handle), "--workload", self._workload)
        environment = os.environ | {VARIABLE: language()}
        if sys.platform == "win32":
            is_inherited = True
            os.set_handle_inheritable(handle, is_inherited)
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                startupinfo=subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]}),
                creationflags=subprocess.BELOW_NORMAL_PRIORITY_CLASS
                | subprocess.CREATE_NO_WINDOW
                | subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        # A session of its own: Ctrl+C in the terminal is for the window, and all can be killed.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            pass_fds=(handle,),
            start_new_session=True,
        )


class ThreadHost:
    """An engine in a thread of this process, for debugging and tests; it cannot be killed.

    Told to shut down it lets go of the pipe at once; a job that hangs stays behind in its thread.
    """

    def __init__(self, workload: str) -> None:
        self._workload = workload
        self._thread: threading.Thread | None = None

    def start(self) -> PipeEnd:
        """Run `engine.worker.serve` in a new thread."""
        # By name: the window's import contract knows no edge to the engine's inside.
        worker = importlib.import_module("engine.worker")
        ours, theirs = Pipe()
        self._thread = threading.Thread(
            target=worker.serve,
            args=(theirs, worker.find_loader(self._workload)),
            name="engine",
            daemon=True,
        )
        self._thread.start()
        return ours

    def kill(self) -> None:
        """Nothing more than the `Shutdown` that the link has sent."""

    def wait(self) -> EngineProcessError:
        """Join the thread."""
        if self._thread is not None:
            self._thread.join(REAP_S)
        return EngineProcessError(tr("The engine thread ended unexpectedly."))


class Link:
    """The pipe to one engine, with a reading and a writing thread.

    Args:
        host: Where the engine lives; its start and its end happen in the reading thread.
        on_message: Receives all messages but heart-beats, in the reading thread.
        on_closed: Called last, once, in the reading thread.
    """

    def __init__(
        self,
        host: Host,
        on_message: Callable[["Link", FromEngine], None],
        on_closed: Callable[["Link", Ending], None],
    ) -> None:
        self._host = host
        self._on_message = on_message
        self._on_closed = on_closed
        self._outbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._live, name="engine-reader", daemon=True)
        self.messages_heard = 0
        """Grows with every message; one that stands still belongs to an engine that hangs."""

    def open(self) -> None:
        """Start the engine and greet it."""
        self.send(Hello(PROTOCOL_VERSION, os.getpid()))
        self._reader.start()

    def send(self, message: Message) -> None:
        """Queue a message; never blocks."""
        self._outbox.put(message)

    def kill(self) -> None:
        """End the engine now; never blocks, `on_closed` follows."""
        self.send(Shutdown())
        self._host.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the engine's end; False if it takes longer."""
        self._reader.join(timeout_s)
        return not self._reader.is_alive()

    def _live(self) -> None:
        try:
            connection = self._host.start()
        except OSError as error:
            failure = EngineProcessError(
                tr("The engine could not be started: {error}.", error=error),
                tr("Install Reprise again."),
            )
            self._on_closed(self, Ending(failure, can_restart=False))
            return
        writer = threading.Thread(
            target=self._write, args=(connection,), name="engine-writer", daemon=True
        )
        writer.start()
        ending = self._read(connection)
        if ending is not None:
            self.kill()
        self._outbox.put(None)
        last_words = self._host.wait()
        writer.join()
        connection.close()
        self._on_closed(self, ending or Ending(last_words))

    def _read(self, connection: PipeEnd) -> Ending | None:
        try:
            check_version(self._greeting(connection))
        except (EOFError, OSError):
            return None
        except EngineProcessError as error:
            return Ending(error, can_restart=False)
        try:
            while True:
                message = self._receive(connection)
                if not isinstance(message, Heartbeat):
                    self._on_message(self, message)
        except (EOFError, OSError):
            return None
        except EngineProcessError as error:
            return Ending(error)

    def _greeting(self, connection: PipeEnd) -> Hello:
        message = self._receive(connection)
        if not isinstance(message, Hello):
            raise EngineProcessError(tr("The engine did not greet."), tr("Install Reprise again."))
        self._on_message(self, message)
        return message

    def _receive(self, connection: PipeEnd) -> FromEngine:
        message = decode_from_engine(connection.recv_bytes(MAX_MESSAGE_BYTES))
        self.messages_heard += 1
        return message

    def _write(self, connection: PipeEnd) -> None:
        try:
            while True:
                try:
                    message = self._outbox.get(timeout=HEARTBEAT_S)
                except queue.Empty:
                    message = Heartbeat()
                if message is None:
                    return
                connection.send_bytes(encode(message))
        except OSError:
            logger.debug("the engine reads no more")


def open_log(path: Path) -> BinaryIO:
    """Open a log file for appending; one that has grown large is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
    except OSError:
        logger.debug("the log %s stays as it is", path)
    return path.open("ab")


def _words(exit_code: int) -> str:
    if exit_code >= 0:
        return tr("exit code {number}", number=exit_code)
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return tr("signal {number}", number=-exit_code)
