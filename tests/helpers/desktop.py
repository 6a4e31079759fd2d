"""A virtual screen and a sound server of one's own, for tests that look and listen."""

import os
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app import virtual_desktop
from app.virtual_desktop import (
    SCREEN_PROGRAMS,
    SINK_RATE_HZ,
    SOUND_PROGRAMS,
    WAIT_S,
    Recording,
    SoundServer,
    missing,
    running,
    wait_for,
)

__all__ = [
    "SINK_RATE_HZ",
    "WAIT_S",
    "Recording",
    "Screen",
    "SoundServer",
    "need",
    "running",
    "sound_server",
    "virtual_screen",
    "wait_until",
]

Pixels = NDArray[np.uint8]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens in another process."""
    try:
        wait_for(condition, what)
    except TimeoutError as error:
        pytest.fail(str(error))


def need(*programs: str) -> None:
    """Skip the test when a program is not installed."""
    absent = missing(programs)
    if absent:
        pytest.skip(f"not installed: {', '.join(absent)}")


@dataclass(frozen=True)
class Screen:
    """An X server without a monitor.

    Attributes:
        display: Its name, as in DISPLAY.
        frame_buffer: File that holds what is on the screen, in XWD format.
    """

    display: str
    frame_buffer: Path

    def pixels(self) -> Pixels:
        """What is on the screen now: (height, width, 3) uint8, RGB."""
        content = self.frame_buffer.read_bytes()
        header = struct.unpack(">25I", content[:100])
        header_size, height, bytes_per_line, num_colors = (header[i] for i in (0, 5, 12, 19))
        start = header_size + 12 * num_colors
        lines = np.frombuffer(content, np.uint8, height * bytes_per_line, start)
        blue_first = lines.reshape(height, -1, 4)[:, : header[4], :3]
        return np.ascontiguousarray(blue_first[:, :, ::-1])

    def xdotool(self, *arguments: str) -> str:
        """Press keys, move the mouse, ask for windows."""
        done = subprocess.run(
            ("xdotool", *arguments),
            env=os.environ | {"DISPLAY": self.display},
            check=True,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        return done.stdout.strip()

    def focus_window(self, name: str) -> None:
        """Wait for a visible window with that name and give it the keyboard.

        There is no window manager that would do so.
        """
        found = self.xdotool("search", "--sync", "--onlyvisible", "--name", name)
        self.xdotool("windowfocus", "--sync", found.splitlines()[0])


@contextmanager
def virtual_screen(size: str = "1440x900") -> Iterator[Screen]:
    """Start an X server on a free display."""
    need(*SCREEN_PROGRAMS, "xdotool")
    with (
        tempfile.TemporaryDirectory(prefix="screen") as folder,
        virtual_desktop.virtual_screen(Path(folder), size) as display,
    ):
        yield Screen(display, Path(folder) / "Xvfb_screen0")


@contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """Start a sound server whose files lie in `folder`, and make it ALSA's default device."""
    need(*SOUND_PROGRAMS)
    with virtual_desktop.sound_server(folder) as server:
        yield server
