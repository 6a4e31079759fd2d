"""The engine process: reads requests from its pipe, runs them the most urgent first, and reports.

`serve` knows neither torch nor Qt and also runs in a thread of another program. The process is
started as `python -m engine.worker --pipe N --workload M:F`, N being the inherited end of the pipe;
whatever it or a library prints goes where its output was pointed, to the log.
"""

import argparse
import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from io import TextIOWrapper

from engine.context import Progress
from engine.errors import CancelledError, EngineError, EngineProcessError
from engine.protocol import (
    HEARTBEAT_S,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Cancel,
    Cancelled,
    Crashed,
    Failed,
    Heartbeat,
    Hello,
    Leaving,
    Message,
    Pause,
    PipeEnd,
    Progressed,
    Ready,
    Resume,
    Shutdown,
    SoundPlaying,
    Started,
    Submit,
    Succeeded,
    ToEngine,
    check_version,
    decode_to_engine,
    encode,
    pack,
    unpack,
)
from engine.throttle import ProgressThrottle
from engine.translation import ENGLISH, VARIABLE, tr, use_language
from engine.urgency import Scheduler, Ticket
from engine.workload import Workload, find_loader

WINDOW_SILENCE_S = 60.0
WIND_UP_S = 1.0
NICENESS = 5
_POLLS = 20

logger = logging.getLogger(__name__)


def serve(
    connection: PipeEnd,
    load: Callable[[], Workload],
    window_silence_s: float = WINDOW_SILENCE_S,
) -> None:
    """Work for the window at the other end of `connection` until it closes, or says so.

    Args:
        connection: The engine's end of the pipe; closed on return.
        load: Imports and loads what jobs need; runs in a thread, jobs wait for it.
        window_silence_s: The engine leaves when it hears nothing for so long.
    """
    EngineServer(connection, load).run(window_silence_s)


class EngineServer:
    """One conversation with a window.

    The calling thread reads. Jobs, the loading and the heart-beat have threads of their own, which
    all write.
    """

    def __init__(self, connection: PipeEnd, load: Callable[[], Workload]) -> None:
        self._connection = connection
        self._load = load
        self._loaded: Future[Workload] = Future()
        self._scheduler = Scheduler()
        self._tickets: dict[int, Ticket] = {}
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._cores_to_leave = 0

    def run(self, window_silence_s: float) -> None:
        """Greet, work, and wind up."""
        self.send(Hello(PROTOCOL_VERSION, os.getpid()))
        beat = threading.Thread(target=self._beat, name="engine-heartbeat", daemon=True)
        beat.start()
        try:
            self._read(window_silence_s)
        except (EOFError, OSError):
            logger.info("the window has gone")
        except EngineProcessError as error:
            logger.warning("%s", error)
        finally:
            self._ended.set()
            self._scheduler.cancel_all()
            self._scheduler.join(WIND_UP_S)
            beat.join()
            with self._writing:
                self._connection.close()

    def send(self, message: Message) -> None:
        """Write one message, from any thread; nobody hears it once the pipe is closed."""
        try:
            with self._writing:
                if not self._ended.is_set():
                    self._connection.send_bytes(encode(message))
        except OSError:
            logger.debug("the pipe is closed")

    def check_in(self, ticket: Ticket) -> int:
        """Wait for the ticket's turn.

        Returns:
            How many cores to leave to others from now on.

        Raises:
            CancelledError: The job was cancelled.
        """
        self._scheduler.check_in(ticket)
        return self._cores_to_leave

    def _read(self, window_silence_s: float) -> None:
        message = self._receive(window_silence_s)
        if not isinstance(message, Hello):
            raise EngineProcessError("the window did not greet")
        check_version(message)
        threading.Thread(target=self._warm_up, name="engine-warm-up", daemon=True).start()
        while not isinstance(message, Shutdown):
            self._dispatch(message)
            message = self._receive(window_silence_s)

    def _receive(self, window_silence_s: float) -> ToEngine:
        # Silence is counted in polls: after the machine slept, a clock would be far ahead.
        for _ in range(_POLLS):
            if self._connection.poll(window_silence_s / _POLLS):
                return decode_to_engine(self._connection.recv_bytes(MAX_MESSAGE_BYTES))
        reason = f"nothing heard from the window for {window_silence_s:g} s"
        self.send(Leaving(reason))
        raise EngineProcessError(reason)

    def _dispatch(self, message: ToEngine) -> None:
        match message:
            case Submit():
                self._submit(message)
            case Cancel(job_id):
                logger.info("job %d is cancelled", job_id)
                self._with_ticket(job_id, self._scheduler.cancel)
            case Pause(job_id):
                self._with_ticket(job_id, self._scheduler.pause)
            case Resume(job_id):
                self._with_ticket(job_id, self._scheduler.resume)
            case SoundPlaying(is_playing):
                self._cores_to_leave = int(is_playing)

    def _with_ticket(self, job_id: int, act: Callable[[Ticket], None]) -> None:
        ticket = self._tickets.get(job_id)
        if ticket is not None:
            act(ticket)

    def _submit(self, submit: Submit) -> None:
        def work(ticket: Ticket) -> None:
            answer = self._answer(submit, ticket)
            # A process that is killed takes all else it knew with it.
            logger.info("job %d ends: %s", submit.job_id, type(answer).__name__)
            self.send(answer)
            self._tickets.pop(submit.job_id, None)

        # Under the lock that `work` needs for its first message, so that it finds itself listed.
        with self._writing:
            self._tickets[submit.job_id] = self._scheduler.submit(
                submit.urgency, work, is_paused=submit.is_paused
            )

    def _answer(self, submit: Submit, ticket: Ticket) -> Message:
        job_id = submit.job_id
        try:
            return Succeeded(job_id, pack(self._perform(submit, ticket)))
        except CancelledError:
            if ticket.is_cancelled:
                return Cancelled(job_id)
            logger.exception("job %d stopped though nobody cancelled it", job_id)
            return Crashed(job_id, tr("it stopped though nobody cancelled it"))
        except EngineError as error:
            return Failed(job_id, error.code, _sendable(error.message), _sendable(error.hint))
        except (Exception, SystemExit) as error:
            logger.exception("job %d crashed", job_id)
            return Crashed(job_id, _one_line(error))

    def _perform(self, submit: Submit, ticket: Ticket) -> object:
        self._scheduler.check_in(ticket)
        self.send(Started(submit.job_id))
        workload = self._loaded.result()
        context = JobContext(self, workload, ticket, submit.job_id)
        request = unpack(submit.request)
        logger.info("job %d begins: %s", submit.job_id, type(request).__name__)
        context.raise_if_cancelled()
        result = workload.handlers[type(request)](request, context)
        context.flush()
        return result

    def _warm_up(self) -> None:
        try:
            workload = self._load()
            ready = Ready(workload.device, workload.models)
            self._loaded.set_result(workload)
        except (Exception, SystemExit) as error:
            logger.exception("the engine could not be prepared")
            ready = Ready("", problem=_one_line(error))
            self._loaded.set_exception(error)
        self.send(ready)
        self._scheduler.open()

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_S):
            self.send(Heartbeat())


class JobContext:
    """The `RunContext` of one job."""

    def __init__(
        self, server: EngineServer, workload: Workload, ticket: Ticket, job_id: int
    ) -> None:
        self._server = server
        self._workload = workload
        self._ticket = ticket
        self._job_id = job_id
        self._throttle = ProgressThrottle(self._send)
        self._cores_left: int | None = None

    def report(self, progress: Progress) -> None:
        """Tell the window how far the stage is, not more often than it can show."""
        self._throttle.report(progress)

    def raise_if_cancelled(self) -> None:
        """Let urgent jobs go first, then go on with the threads allowed now.

        Raises:
            CancelledError: The job was cancelled.
        """
        self._throttle.flush_due()
        cores_to_leave = self._server.check_in(self._ticket)
        if cores_to_leave != self._cores_left:
            # Here, because OpenMP keeps the number of threads per calling thread.
            self._workload.leave_cores(cores_to_leave)
            self._cores_left = cores_to_leave

    def flush(self) -> None:
        """Send the last report."""
        self._throttle.flush()

    def _send(self, progress: Progress) -> None:
        self._server.send(
            Progressed(self._job_id, progress.stage, float(progress.done), float(progress.total))
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Be the engine process; does not return."""
    parser = argparse.ArgumentParser(prog="engine", description="The engine process of Reprise.")
    parser.add_argument("--pipe", type=int, required=True, help="inherited end of the pipe")
    parser.add_argument("--workload", required=True, help="module:function that loads it")
    options = parser.parse_args(arguments)
    _prepare_process()
    use_language(os.environ.get(VARIABLE, ENGLISH))
    logger.info("engine process %d begins, protocol version %d", os.getpid(), PROTOCOL_VERSION)
    serve(inherited_connection(options.pipe), find_loader(options.workload))
    logger.info("engine process %d ends", os.getpid())
    logging.shutdown()
    # A job that hangs in foreign code must not keep the process alive.
    os._exit(0)


def inherited_connection(handle: int) -> PipeEnd:
    """Open an end of a pipe that the parent process handed down."""
    if sys.platform != "win32":
        # A copy is closed in children of this process, so that none of them keeps the pipe open.
        inherited, handle = handle, os.dup(handle)
        os.close(inherited)
    return PipeEnd(handle)


def _prepare_process() -> None:
    faulthandler.enable()
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s",
    )
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    if sys.platform != "win32":
        # On Windows the parent sets the priority class.
        os.nice(NICENESS)


def _one_line(error: BaseException) -> str:
    if isinstance(error, EngineError):
        return _sendable(str(error))
    words = _sendable(f"{type(error).__name__}: {error}".splitlines()[0])
    return words if len(words) <= 200 else f"{words[:199]}…"


def _sendable(words: str) -> str:
    # Errors name files, and the name of a file need not be valid Unicode.
    return words.encode("utf-8", "replace").decode("utf-8")


if __name__ == "__main__":
    main()
