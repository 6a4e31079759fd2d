"""A virtual screen and a sound server of one's own, for tests that look and listen."""

import os
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.types import Samples

Pixels = NDArray[np.uint8]

WAIT_S = 20.0
SINK_RATE_HZ = 48_000
_BYTES_PER_FRAME = 8


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens in another process."""
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline_s:
            pytest.fail(f"waited in vain for {what}")
        threading.Event().wait(0.02)


def need(*programs: str) -> None:
    """Skip the test when a program is not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str], *, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for as long as the block lasts."""
    process = subprocess.Popen(
        command,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
    need("Xvfb", "xdotool")
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory(prefix="screen") as folder, ExitStack() as stack:
        command = (
            *("Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24"),
            *("-nolisten", "tcp", "-fbdir", folder),
        )
        stack.enter_context(running(command, os.environ, pass_fds=(writer,)))
        os.close(writer)
        # Xvfb writes the number of the display once it takes connections.
        with os.fdopen(reader) as ready:
            number = ready.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        yield Screen(f":{number}", Path(folder) / "Xvfb_screen0")


@dataclass(frozen=True)
class SoundServer:
    """A PulseAudio server whose only sink plays to nowhere, in float.

    Attributes:
        env: What a program needs in its environment to play there.
    """

    env: Mapping[str, str]

    def control(self, *arguments: str) -> str:
        """Ask something of the server with `pactl`."""
        done = subprocess.run(
            ("pactl", *arguments), env=dict(self.env), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def plug_in(self, name: str) -> None:
        """Add a device that plays to nowhere."""
        form = ("format=float32le", f"rate={SINK_RATE_HZ}")
        self.control("load-module", "module-null-sink", f"sink_name={name}", *form)

    def unplug_all(self) -> None:
        """Take all devices away."""
        self.control("unload-module", "module-null-sink")

    @contextmanager
    def recording(self) -> Iterator["Recording"]:
        """Record what is played while the block lasts."""
        command = (
            *("parec", "--device=void.monitor", "--raw", "--format=float32le", "--channels=2"),
            *(f"--rate={SINK_RATE_HZ}", "--latency-msec=20"),
        )
        process = subprocess.Popen(command, env=dict(self.env), stdout=subprocess.PIPE)
        recording = Recording(process)
        try:
            # The first bytes arrive when the server has begun to record.
            recording.wait_for(1)
            yield recording
        finally:
            process.terminate()
            recording.thread.join(WAIT_S)
            process.wait(WAIT_S)


class Recording:
    """Stereo sound that grows while it is recorded."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._bytes = bytearray()
        self._grown = threading.Condition()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    @property
    def samples(self) -> Samples:
        """What has been recorded so far: (2, num_samples) float32."""
        with self._grown:
            whole = len(self._bytes) // _BYTES_PER_FRAME * _BYTES_PER_FRAME
            frames = np.frombuffer(bytes(self._bytes[:whole]), "<f4")
        return frames.reshape(-1, 2).T

    def wait_for(self, num_samples: int) -> int:
        """Wait until so many frames more have come; gives the number of all."""
        with self._grown:
            goal = len(self._bytes) + num_samples * _BYTES_PER_FRAME
            if not self._grown.wait_for(lambda: len(self._bytes) >= goal, WAIT_S):
                pytest.fail("the sound server records nothing")
            return len(self._bytes) // _BYTES_PER_FRAME

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while block := os.read(stream.fileno(), 65_536):
                with self._grown:
                    self._bytes += block
                    self._grown.notify_all()


@contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """Start a sound server whose files lie in `folder`, and make it ALSA's default device."""
    need("pulseaudio", "parec", "pactl")
    # Socket paths may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="snd") as runtime:
        socket = Path(runtime) / "native"
        alsa = folder / "asound.conf"
        alsa.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
            "pcm.headphones { type pulse device headphones hint.description Headphones }\n"
        )
        env = os.environ | {
            "XDG_RUNTIME_DIR": runtime,
            "PULSE_RUNTIME_PATH": runtime,
            "PULSE_SERVER": f"unix:{socket}",
            "ALSA_CONFIG_PATH": str(alsa),
            "HOME": str(folder),
        }
        command = (
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            f"--load=module-null-sink sink_name=void format=float32le rate={SINK_RATE_HZ}",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        )
        with running(command, env):
            wait_until(lambda: _answers(env), "pulseaudio")
            yield SoundServer(env)


def _answers(env: Mapping[str, str]) -> bool:
    asked = subprocess.run(("pactl", "info"), env=dict(env), capture_output=True, check=False)
    return asked.returncode == 0
