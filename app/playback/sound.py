"""Sound outputs: a device through PortAudio, or silence that keeps the time.

sounddevice is imported on first use, after the first paint.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.playback.mixer import Block

if TYPE_CHECKING:
    from sounddevice import CallbackFlags, OutputStream, TimeInfo

Render = Callable[[int, float], Block]
"""Called with the frames wanted and the time their first is heard; gives (num_samples, 2)."""

BLOCK_S = 0.010
LATENCY_S = 0.040

log = logging.getLogger(__name__)


class SoundOutput(Protocol):
    """Somewhere to play to."""

    @property
    def sample_rate_hz(self) -> int:
        """Frames a second."""

    @property
    def words(self) -> str:
        """What it is, for the status line."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard."""

    @property
    def is_lost(self) -> bool:
        """Whether the device went away."""

    def start(self, render: Render) -> None:
        """Ask `render` for blocks, from a thread of its own, until closed."""

    def now_s(self) -> float:
        """The time now, on the base of the times given to `render`."""

    def close(self) -> None:
        """Stop and give the device back."""


class DeviceOutput:
    """The default output device.

    Attributes:
        sample_rate_hz: Frames a second; the wanted rate or, if the device refuses it, its own.
        words: Name and rate of the device.
        underflows: Blocks that came too late, since the start.
    """

    is_silent = False

    def __init__(self, wanted_rate_hz: int) -> None:
        import sounddevice

        device = sounddevice.query_devices(kind="output")
        self.sample_rate_hz = wanted_rate_hz
        try:
            sounddevice.check_output_settings(channels=2, samplerate=wanted_rate_hz)
        except sounddevice.PortAudioError:
            self.sample_rate_hz = round(device["default_samplerate"])
        name = "Default output" if device["name"] == "default" else device["name"]
        self.words = f"{name}, {self.sample_rate_hz / 1000:g} kHz"
        self.underflows = 0
        self._render: Render | None = None
        self._is_closed = False
        self._device_error = sounddevice.PortAudioError
        self._stream: OutputStream = sounddevice.OutputStream(
            samplerate=self.sample_rate_hz,
            channels=2,
            dtype="float32",
            blocksize=round(BLOCK_S * self.sample_rate_hz),
            latency=LATENCY_S,
            callback=self._fill,
        )

    @property
    def is_lost(self) -> bool:
        """Whether the stream ended although nobody closed it."""
        return self._render is not None and not self._is_closed and not self._stream.active

    @property
    def latency_s(self) -> float:
        """Time from a rendered block to the ear, as the device reports it."""
        return float(self._stream.latency)

    def start(self, render: Render) -> None:
        """Ask `render` for blocks from PortAudio's thread."""
        self._render = render
        self._stream.start()

    def now_s(self) -> float:
        """PortAudio's stream time."""
        return float(self._stream.time)

    def close(self) -> None:
        """Drop what has not been played and close the device."""
        self._is_closed = True
        # A device that was unplugged cannot be stopped any more.
        with suppress(self._device_error):
            self._stream.abort()
            self._stream.close()

    def _fill(
        self, out: NDArray[np.float32], num_samples: int, times: "TimeInfo", flags: "CallbackFlags"
    ) -> None:
        self.underflows += bool(flags.output_underflow)
        heard_s = times.outputBufferDacTime
        if heard_s <= 0:
            # Some host APIs do not know it.
            heard_s = self.now_s() + self.latency_s
        if self._render is not None:
            out[:] = self._render(num_samples, heard_s)


class SilentOutput:
    """No device: asks for blocks at their time and throws them away.

    Attributes:
        sample_rate_hz: Frames a second.
        words: Why there is no sound and how to get it.
    """

    is_silent = True
    is_lost = False

    def __init__(self, sample_rate_hz: int, words: str) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.words = words
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, render: Render) -> None:
        """Ask `render` for blocks at their time."""
        self._thread = threading.Thread(
            target=self._run, args=(render,), name="silent-output", daemon=True
        )
        self._thread.start()

    def now_s(self) -> float:
        """The system's steady clock."""
        return time.monotonic()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, render: Render) -> None:
        num_samples = round(BLOCK_S * self.sample_rate_hz)
        due_s = self.now_s()
        while not self._closed.wait(max(0.0, due_s - self.now_s())):
            # After a stall of the machine the time is taken up where it is, not caught up with.
            due_s = max(due_s, self.now_s() - 1.0)
            render(num_samples, due_s)
            due_s += num_samples / self.sample_rate_hz


def open_output(wanted_rate_hz: int) -> SoundOutput:
    """Open the default device at the wanted rate if it can, else at its own; silent if none."""
    try:
        import sounddevice
    except OSError as error:
        log.info("PortAudio is missing: %s", error)
        return SilentOutput(wanted_rate_hz, "none; install PortAudio (libportaudio2)")
    try:
        return DeviceOutput(wanted_rate_hz)
    except (sounddevice.PortAudioError, ValueError) as error:
        log.info("no sound device: %s", error)
        return SilentOutput(
            wanted_rate_hz, "none; connect or enable an output device, then open the file again"
        )
