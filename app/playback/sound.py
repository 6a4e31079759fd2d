"""Sound outputs: a device through PortAudio, or silence that keeps the time.

sounddevice is imported on first use, after the first paint.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.playback.devices import CHANNELS, PORT_AUDIO, SYSTEM_DEFAULT, find_output
from app.playback.mixer import Block
from engine.translation import tr

if TYPE_CHECKING:
    from sounddevice import CallbackFlags, OutputStream, TimeInfo

Render = Callable[[int, float], Block]
"""Called with the frames wanted and the time their first is heard; gives (num_samples, 2)."""

BLOCK_S = 0.010
"""Of silence; a device has its own, most often the same."""
LATENCY_S = 0.040
STEADY_BLOCKS = 200
CEASED_S = 0.7
"""A device that has run steadily and asks for nothing so long is gone; not all systems say so."""

log = logging.getLogger(__name__)


class SoundOutput(Protocol):
    """Somewhere to play to."""

    @property
    def sample_rate_hz(self) -> int:
        """Frames a second."""

    @property
    def device(self) -> str | None:
        """Name of the device that was asked for, `SYSTEM_DEFAULT` too; None is none at all."""

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
    """An output device.

    Args:
        wanted_rate_hz: The rate that is wanted.
        device: Name of the device; `SYSTEM_DEFAULT` is the one that the system is set to.

    Attributes:
        device: As above.
        sample_rate_hz: Frames a second; the wanted rate or, if the device refuses it, its own.
        words: Name and rate of the device.
        blocks: Blocks that were asked for, since the start.
        underflows: How many of them came too late.

    Raises:
        LookupError: No device has that name.
        sounddevice.PortAudioError: It cannot be opened.
    """

    is_silent = False

    def __init__(self, wanted_rate_hz: int, device: str = SYSTEM_DEFAULT) -> None:
        import sounddevice

        number = None if device == SYSTEM_DEFAULT else find_output(device)
        if device != SYSTEM_DEFAULT and number is None:
            raise LookupError(f"no sound device is called {device}")
        info = sounddevice.query_devices(number, kind="output")
        self.device, self.sample_rate_hz = device, wanted_rate_hz
        try:
            sounddevice.check_output_settings(
                device=number, channels=CHANNELS, samplerate=wanted_rate_hz
            )
        except sounddevice.PortAudioError:
            self.sample_rate_hz = round(info["default_samplerate"])
        name = tr("Default output") if info["name"] == "default" else info["name"]
        self.words = f"{name}, {self.sample_rate_hz / 1000:g} kHz"
        self.blocks = self.underflows = 0
        self._render: Render | None = None
        self._is_closed = False
        self._filled_s = deque[float](maxlen=STEADY_BLOCKS)
        self._device_error = sounddevice.PortAudioError
        self._stream: OutputStream = sounddevice.OutputStream(
            device=number,
            samplerate=self.sample_rate_hz,
            channels=CHANNELS,
            dtype="float32",
            # What suits the device: of a length that is fixed here, ALSA wants two blocks at once
            # half as often, and what is switched waits so much longer.
            blocksize=0,
            latency=LATENCY_S,
            callback=self._fill,
        )
        PORT_AUDIO.keep(self._stream)

    @property
    def is_lost(self) -> bool:
        """Whether the stream ended although nobody closed it, or asks for nothing any more."""
        if self._render is None or self._is_closed:
            return False
        return not self._stream.active or has_ceased(tuple(self._filled_s), time.monotonic())

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
        PORT_AUDIO.let_go(self._stream)

    def _fill(
        self, out: NDArray[np.float32], num_samples: int, times: "TimeInfo", flags: "CallbackFlags"
    ) -> None:
        self._filled_s.append(time.monotonic())
        self.blocks += 1
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

    device = None
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


def has_ceased(filled_s: Sequence[float], now_s: float) -> bool:
    """Whether a device that asked for blocks steadily has stopped doing so.

    Args:
        filled_s: When it asked for the newest `STEADY_BLOCKS` blocks, or for all there were.
        now_s: The time now.
    """
    # Some sound servers pause for more than a second after the first blocks.
    is_steady = len(filled_s) == STEADY_BLOCKS
    return is_steady and now_s - filled_s[-1] > CEASED_S


def open_output(wanted_rate_hz: int, device: str = SYSTEM_DEFAULT) -> SoundOutput:
    """Open a device at the wanted rate if it can, else at its own.

    Args:
        wanted_rate_hz: The rate that is wanted.
        device: Its name; where it is not there, the system's default takes its place, and silence
            that of the default.
    """
    with PORT_AUDIO.lock:
        try:
            PORT_AUDIO.renew()
        except OSError as error:
            log.info("PortAudio is missing: %s", error)
            return SilentOutput(wanted_rate_hz, tr("none; install PortAudio (libportaudio2)"))
        for name in dict.fromkeys((device, SYSTEM_DEFAULT)):
            output = _opened(wanted_rate_hz, name)
            if output is not None:
                return output
    return SilentOutput(wanted_rate_hz, tr("none; connect or enable an output device"))


def _opened(wanted_rate_hz: int, device: str) -> DeviceOutput | None:
    import sounddevice

    try:
        return DeviceOutput(wanted_rate_hz, device)
    except (sounddevice.PortAudioError, ValueError, LookupError) as error:
        log.info("%s does not open: %s", device or "the default sound device", error)
        return None
