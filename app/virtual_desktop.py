"""A screen without a monitor and a sound server that plays to nowhere, of one's own.

For benchmarks and tests on Linux: Xvfb and PulseAudio, ended with the block that needed them.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.types import Samples

WAIT_S = 20.0
SINK_RATE_HZ = 48_000
SCREEN_PROGRAMS = ("Xvfb",)
SOUND_PROGRAMS = ("pulseaudio", "parec", "pactl")
_BYTES_PER_FRAME = 8


def missing(programs: Sequence[str]) -> tuple[str, ...]:
    """Those of some programs that are not installed."""
    return tuple(program for program in programs if shutil.which(program) is None)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens in another process.

    Raises:
        TimeoutError: It does not.
    """
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"waited in vain for {what}")
        threading.Event().wait(0.02)


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


@contextmanager
def virtual_screen(folder: Path, size: str = "1440x900") -> Iterator[str]:
    """Start an X server on a free display; gives the name of the display.

    Args:
        folder: In which `Xvfb_screen0` holds what is on the screen, in XWD format.
        size: In pixels.

    Raises:
        OSError: It does not start.
    """
    reader, writer = os.pipe()
    with ExitStack() as stack:
        command = (
            *("Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size}x24"),
            *("-nolisten", "tcp", "-fbdir", str(folder)),
        )
        stack.enter_context(running(command, os.environ, pass_fds=(writer,)))
        os.close(writer)
        # Xvfb writes the number of the display once it takes connections.
        with os.fdopen(reader) as ready:
            number = ready.readline().strip()
        if not number:
            raise OSError("Xvfb does not start here")
        yield f":{number}"


@dataclass(frozen=True)
class SoundServer:
    """A PulseAudio server whose only sink plays to nowhere, in float.

    Attributes:
        env: What a program needs in its environment to play there.
        rate_hz: Of its sinks.
    """

    env: Mapping[str, str]
    rate_hz: int = SINK_RATE_HZ

    def control(self, *arguments: str) -> str:
        """Ask something of the server with `pactl`."""
        done = subprocess.run(
            ("pactl", *arguments), env=dict(self.env), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def plug_in(self, name: str) -> None:
        """Add a device that plays to nowhere."""
        form = ("format=float32le", f"rate={self.rate_hz}")
        self.control("load-module", "module-null-sink", f"sink_name={name}", *form)

    def unplug_all(self) -> None:
        """Take all devices away."""
        self.control("unload-module", "module-null-sink")

    @contextmanager
    def recording(self) -> Iterator["Recording"]:
        """Record what is played while the block lasts."""
        command = (
            *("parec", "--device=void.monitor", "--raw", "--format=float32le", "--channels=2"),
            *(f"--rate={self.rate_hz}", "--latency-msec=20"),
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
        self._arrived: list[tuple[int, float]] = []
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

    def arrived_s(self, sample: int) -> float:
        """When a sample had come, on `time.perf_counter`."""
        end = (sample + 1) * _BYTES_PER_FRAME
        with self._grown:
            return next(at_s for num_bytes, at_s in self._arrived if num_bytes >= end)

    def wait_for(self, num_samples: int) -> int:
        """Wait until so many frames more have come; gives the number of all.

        Raises:
            TimeoutError: They do not come.
        """
        with self._grown:
            goal = len(self._bytes) + num_samples * _BYTES_PER_FRAME
            if not self._grown.wait_for(lambda: len(self._bytes) >= goal, WAIT_S):
                raise TimeoutError("the sound server records nothing")
            return len(self._bytes) // _BYTES_PER_FRAME

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is None:
            raise ValueError("nothing is recorded")
        with stream:
            while block := os.read(stream.fileno(), 65_536):
                with self._grown:
                    self._bytes += block
                    self._arrived.append((len(self._bytes), time.perf_counter()))
                    self._grown.notify_all()


@contextmanager
def sound_server(folder: Path, rate_hz: int = SINK_RATE_HZ) -> Iterator[SoundServer]:
    """Start a sound server whose files lie in `folder`, and make it ALSA's default device."""
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
            f"--load=module-null-sink sink_name=void format=float32le rate={rate_hz}",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        )
        with running(command, env):
            wait_for(lambda: _answers(env), "pulseaudio")
            yield SoundServer(env, rate_hz)


def _answers(env: Mapping[str, str]) -> bool:
    asked = subprocess.run(("pactl", "info"), env=dict(env), capture_output=True, check=False)
    return asked.returncode == 0
