"""The engine as seen from the window: it is started, watched, ended and started anew here.

All state lives in the GUI thread and is touched nowhere else; the threads of the link only read,
write and wait. What they hear is posted to the GUI thread.
"""

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.engine_link import Ending, Host, Link, ProcessHost, ThreadHost
from app.engine_tasks import JobListener, TaskBook
from engine.errors import EngineProcessError
from engine.protocol import (
    Cancel,
    FromEngine,
    Hello,
    Leaving,
    Message,
    Pause,
    Ready,
    Resume,
    Shutdown,
    SoundPlaying,
)
from engine.translation import tr
from engine.urgency import Urgency

_CHECKS = 5
_CLOSE_S = 2.0

_Heard = TypeVar("_Heard")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine is run.

    Attributes:
        log_file: Where its output goes.
        command: Starts the engine process; `--pipe` and `--workload` are appended.
        workload: `module:function` that returns the engine's `Workload`.
        in_thread: Run it in a thread of the window's process instead.
        cancel_s: A cancelled job that still runs after this long gets its engine killed.
        silence_s: A ready engine that says nothing for so long is taken to hang.
        startup_s: The same while it starts: one import may hold everything up.
        restarts: So many restarts after crashes within `restart_window_s`, then no more.
        restart_window_s: See `restarts`.
    """

    log_file: Path
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "engine.worker")
    workload: str = "engine.session:standard_workload"
    in_thread: bool = False
    cancel_s: float = 2.0
    silence_s: float = 10.0
    startup_s: float = 60.0
    restarts: int = 3
    restart_window_s: float = 60.0


class EngineStatus(StrEnum):
    """What the engine is at."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineState:
    """For the status bar.

    Attributes:
        status: What the engine is at.
        device: The device in words, once it is ready.
        models: Names of the models that are loaded.
        problem: Why it is not, or not quite, as it should be.
    """

    status: EngineStatus
    device: str = ""
    models: tuple[str, ...] = ()
    problem: str = ""


class RestartBudget:
    """Allows a number of restarts within a stretch of time."""

    def __init__(
        self, restarts: int, window_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._restarts = restarts
        self._window_s = window_s
        self._clock = clock
        self._taken_s: deque[float] = deque()

    def take(self) -> bool:
        """Use one up; False if none is left now."""
        now_s = self._clock()
        while self._taken_s and now_s - self._taken_s[0] >= self._window_s:
            self._taken_s.popleft()
        if len(self._taken_s) >= self._restarts:
            return False
        self._taken_s.append(now_s)
        return True

    def refill(self) -> None:
        """Allow all of them again."""
        self._taken_s.clear()


def _host(settings: EngineSettings) -> Host:
    if settings.in_thread:
        return ThreadHost(settings.workload)
    return ProcessHost(settings.command, settings.workload, settings.log_file)


class EngineClient(QObject):
    """Owns the engine. Everything is called, and every signal heard, in the GUI thread.

    Jobs outlive their engine: when it is ended for the sake of another job, or leaves by its own
    decision, they are handed to the next one. When it crashes, those that had begun fail.

    Signals:
        state_changed(EngineState): For the status bar.
    """

    state_changed = Signal(object)
    _posted = Signal(object)

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__()
        self._settings = settings
        self._link: Link | None = None
        self._tasks = TaskBook()
        self._budget = RestartBudget(settings.restarts, settings.restart_window_s)
        self._state = EngineState(EngineStatus.STOPPED)
        self._engine_pid: int | None = None
        self._refusal: EngineProcessError | None = None
        self._sentence: Ending | None = None
        self._is_sparing = False
        self._is_sound_playing = False
        self._messages_heard = 0
        self._silent_checks = 0
        self._pulse = QTimer(self)
        self._pulse.timeout.connect(self._check_pulse)
        self._overdue = QTimer(self)
        self._overdue.setSingleShot(True)
        self._overdue.timeout.connect(self._check_overdue)
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    @property
    def state(self) -> EngineState:
        """What the engine is at now."""
        return self._state

    @property
    def engine_pid(self) -> int | None:
        """Number of the process that the engine runs in, once it has greeted."""
        return self._engine_pid

    def start(self) -> None:
        """Start the engine unless it runs; also after it was given up."""
        if self._link is None:
            self._refusal = None
            self._budget.refill()
            self._open(EngineState(EngineStatus.STARTING))

    def close(self) -> None:
        """End the engine, which takes a moment; nobody hears of its jobs any more."""
        link, self._link = self._link, None
        closing = EngineProcessError(tr("The engine has been closed."))
        self._tasks.drop_all(closing)
        if link is not None:
            link.send(Shutdown())
            if not link.join(_CLOSE_S):
                link.kill()
                link.join(_CLOSE_S)
        self._give_up(closing)

    def submit(self, urgency: Urgency, request: object, listener: JobListener) -> "EngineJob":
        """Queue a job; starts the engine if need be."""
        if self._refusal is not None:
            self._posted.emit(partial(listener.fail, self._refusal))
            return EngineJob(self, 0)
        self.start()
        submit = self._tasks.add(urgency, request, listener)
        self._send(submit)
        return EngineJob(self, submit.job_id)

    def cancel(self, job_id: int) -> None:
        """Give a job up; its listener hears nothing more."""
        if self._tasks.cancel(job_id):
            self._send(Cancel(job_id))
            self._check_overdue()

    def set_paused(self, job_id: int, *, is_paused: bool) -> None:
        """Hold a job at its next check-in, or let it go on."""
        if self._tasks.set_paused(job_id, is_paused=is_paused):
            self._send(Pause(job_id) if is_paused else Resume(job_id))

    def set_sound_playing(self, *, is_playing: bool) -> None:
        """While sound plays the engine leaves one core free."""
        self._is_sound_playing = is_playing
        self._send(SoundPlaying(is_playing))

    def _open(self, state: EngineState) -> None:
        self._sentence, self._is_sparing = None, False
        self._messages_heard, self._silent_checks = 0, 0
        on_message, on_ending = (
            partial(self._post, self._on_message),
            partial(self._post, self._on_ending),
        )
        self._link = Link(_host(self._settings), on_message, on_ending)
        self._link.open()
        self._send(SoundPlaying(self._is_sound_playing))
        for message in self._tasks.replay():
            self._send(message)
        self._pulse.start(round(1000 * self._settings.silence_s / _CHECKS))
        self._change(state)

    def _send(self, message: Message) -> None:
        if self._link is not None:
            self._link.send(message)

    def _post(self, hear: Callable[[Link, _Heard], None], link: Link, heard: _Heard) -> None:
        """Bring what the link's thread heard to the GUI thread."""
        self._posted.emit(partial(hear, link, heard))

    def _on_posted(self, action: Callable[[], None]) -> None:
        action()

    def _on_message(self, link: Link, message: FromEngine) -> None:
        if link is not self._link:
            return
        match message:
            case Hello():
                self._engine_pid = message.pid
            case Ready(device, models, problem):
                self._change(EngineState(EngineStatus.READY, device, models, problem))
            case Leaving():
                self._is_sparing = True
            case _:
                self._tasks.hear(message)
                self._check_overdue()

    def _on_ending(self, link: Link, ending: Ending) -> None:
        if link is not self._link:
            return
        self._link, self._engine_pid = None, None
        is_cancels_price = self._sentence is not None and self._is_sparing
        ending = self._sentence or ending
        tell = self._tasks.lose_engine(ending.error, is_fatal=not self._is_sparing)
        if ending.can_restart and (is_cancels_price or self._budget.take()):
            self._open(EngineState(EngineStatus.RESTARTING, problem=ending.error.message))
        else:
            self._give_up(ending.error)
        tell()

    def _give_up(self, error: EngineProcessError) -> None:
        self._refusal = error
        self._engine_pid = None
        self._pulse.stop()
        self._overdue.stop()
        self._change(EngineState(EngineStatus.STOPPED, problem=error.message))
        self._tasks.drop_all(error)()

    def _check_pulse(self) -> None:
        if self._link is None:
            return
        heard = self._link.messages_heard
        # Checks are counted, not seconds: after the machine slept, a clock would be far ahead.
        self._silent_checks = self._silent_checks + 1 if heard == self._messages_heard else 0
        self._messages_heard = heard
        is_ready = self._state.status is EngineStatus.READY
        settings = self._settings
        limit_s = settings.silence_s if is_ready else max(settings.startup_s, settings.silence_s)
        if self._silent_checks >= _CHECKS * limit_s / settings.silence_s:
            self._kill(tr("The engine process stopped answering and was ended."))

    def _check_overdue(self) -> None:
        rest_s = self._tasks.overdue_in_s(self._settings.cancel_s)
        if rest_s is None or self._sentence is not None:
            self._overdue.stop()
        elif rest_s > 0:
            self._overdue.start(round(1000 * rest_s) + 1)
        else:
            self._is_sparing = True
            self._kill(tr("A cancelled job did not stop; the engine process was ended."))

    def _kill(self, reason: str) -> None:
        if self._link is not None and self._sentence is None:
            hint = tr(
                "It is started again by itself. The log says more: {log_file}",
                log_file=self._settings.log_file,
            )
            self._sentence = Ending(EngineProcessError(reason, hint))
            self._link.kill()

    def _change(self, state: EngineState) -> None:
        self._state = state
        self.state_changed.emit(state)


@dataclass(frozen=True, slots=True)
class EngineJob:
    """What the user can do to one engine job."""

    client: EngineClient
    job_id: int

    def cancel(self) -> None:
        """Give it up; its listener hears nothing more."""
        self.client.cancel(self.job_id)

    def pause(self) -> None:
        """Hold it at its next check-in."""
        self.client.set_paused(self.job_id, is_paused=True)

    def resume(self) -> None:
        """Let it go on."""
        self.client.set_paused(self.job_id, is_paused=False)
