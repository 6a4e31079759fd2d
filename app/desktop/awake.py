"""Keeps the computer from going to sleep by itself while there is work.

Every way ends with this process, however it ends: nothing has to be cleared up after a crash.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from typing import Protocol

_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Wakefulness(Protocol):
    """One system's way; always used from the same thread."""

    def hold(self) -> None:
        """Stay awake from now on."""

    def release(self) -> None:
        """The computer may sleep again."""


class NoWakefulness:
    """A system that offers no way."""

    def hold(self) -> None:
        """See `Wakefulness`."""

    def release(self) -> None:
        """See `Wakefulness`."""


class MacWakefulness:
    """The system's own program, which ends with this one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self) -> None:
        """See `Wakefulness`."""
        program = shutil.which("caffeinate")
        if program is not None and self._process is None:
            self._process = subprocess.Popen([program, "-i", "-w", str(os.getpid())])

    def release(self) -> None:
        """See `Wakefulness`."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait()


class WindowsWakefulness:
    """A state of the thread that asks for it."""

    def hold(self) -> None:
        """See `Wakefulness`."""
        _set_thread_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)

    def release(self) -> None:
        """See `Wakefulness`."""
        _set_thread_state(_ES_CONTINUOUS)


def find_wakefulness() -> Wakefulness:
    """The way of this system."""
    if sys.platform == "darwin":
        return MacWakefulness()
    if sys.platform == "win32":
        return WindowsWakefulness()
    if sys.platform == "linux":
        # Its bus is there nowhere else.
        from app.desktop.inhibit import LinuxWakefulness

        return LinuxWakefulness()
    return NoWakefulness()


def _set_thread_state(state: int) -> None:
    # Only Windows has this.
    libraries = getattr(ctypes, "windll", None)
    if libraries is not None:
        libraries.kernel32.SetThreadExecutionState(state)
