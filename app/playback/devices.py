"""Which sound devices there are, and PortAudio, which looks for them only when it begins.

As a program, `python -m app.playback.devices [NAME]` writes the names of the outputs as JSON, NAME
only if it can be opened: so one can look while this process plays, which must not begin anew then.
"""

import logging
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sounddevice import DeviceInfo, OutputStream

SYSTEM_DEFAULT = ""
"""Names the device that the system is set to."""

CHANNELS = 2

_LOOK_COMMAND = (sys.executable, "-P", "-m", "app.playback.devices")
_LOOK_S = 20.0
_FRESH_S = 1.0
# ALSA's number of a card may be another one after it was unplugged.
_ALSA_NUMBER = re.compile(r" \(hw:\d+,\d+\)$")
# What ALSA lists besides devices: other names of the default one, and ways of converting.
_ALIASES = frozenset(
    {
        *("default", "sysdefault", "pulse", "pipewire", "front", "dmix", "jack", "oss", "null"),
        *("lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix", "usbstream"),
        *("surround21", "surround40", "surround41", "surround50", "surround51", "surround71"),
    }
)

log = logging.getLogger(__name__)


class PortAudio:
    """The one PortAudio of this process: begun anew where that is safe, with no stream open.

    Attributes:
        lock: Held while devices are opened.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._streams: set[OutputStream] = set()
        self._begun_s: float | None = None

    def renew(self) -> None:
        """Have it see what is plugged in now, unless it did a moment ago or something plays.

        Raises:
            OSError: It is not installed.
        """
        with self.lock:
            # The import begins it.
            from sounddevice import PortAudioError, _initialize, _terminate

            now_s = time.monotonic()
            if self._begun_s is None:
                self._begun_s = now_s
            elif not self._streams and now_s - self._begun_s > _FRESH_S:
                self._begun_s = now_s
                # Whatever fails here does so again, and is told, when a device is opened.
                for step in (_terminate, _initialize):
                    with suppress(PortAudioError):
                        step()

    def keep(self, stream: "OutputStream") -> None:
        """Note that a stream is open."""
        with self.lock:
            self._streams.add(stream)

    def let_go(self, stream: "OutputStream") -> None:
        """Note that a stream is closed."""
        with self.lock:
            self._streams.discard(stream)


PORT_AUDIO = PortAudio()


def find_output(name: str) -> int | None:
    """The number of an output in this process; None if it is not there."""
    devices = _outputs()
    same = [device["index"] for device in devices if device["name"] == name]
    alike = [device["index"] for device in devices if _plain(device["name"]) == _plain(name)]
    if same:
        return same[0]
    return alike[0] if len(alike) == 1 else None


def output_names(wanted: str = SYSTEM_DEFAULT) -> tuple[str, ...]:
    """The outputs that this process knows of, without the system's default one.

    Args:
        wanted: Named only if it can be opened, and like this even if the system has numbered it
            anew.
    """
    number = find_output(wanted) if wanted else None
    gone = number if number is not None and not _opens(number) else None
    names = {device["index"]: device["name"] for device in _outputs() if device["index"] != gone}
    if number in names:
        names[number] = wanted
    return tuple(dict.fromkeys(names.values()))


def look_for_outputs(wanted: str = SYSTEM_DEFAULT) -> tuple[str, ...]:
    """The same as `output_names`, of this moment; takes half a second.

    Args:
        wanted: As there; not what this process has open, which may not open twice.
    """
    try:
        done = subprocess.run(
            (*_LOOK_COMMAND, wanted), stdin=subprocess.DEVNULL, capture_output=True, timeout=_LOOK_S
        )
        return msgspec.json.decode(done.stdout, type=tuple[str, ...])
    except (OSError, msgspec.MsgspecError, subprocess.TimeoutExpired) as error:
        log.info("cannot look for sound devices: %s", error)
        return ()


def _outputs() -> "list[DeviceInfo]":
    """Outputs of the system's usual kind; the other kinds name the same devices once more."""
    import sounddevice

    return [
        device
        for device in sounddevice.query_devices()
        if device["max_output_channels"] >= CHANNELS
        and device["hostapi"] == sounddevice.default.hostapi
        and device["name"] not in _ALIASES
    ]


def _plain(name: str) -> str:
    return _ALSA_NUMBER.sub("", name)


def _opens(number: int) -> bool:
    import sounddevice

    try:
        sounddevice.OutputStream(device=number, channels=CHANNELS, dtype="float32").close()
    except sounddevice.PortAudioError:
        return False
    return True


def main(wanted: str = SYSTEM_DEFAULT) -> None:
    """Write the outputs that are there; none without PortAudio."""
    try:
        PORT_AUDIO.renew()
    except OSError:
        sys.stdout.write("[]")
        return
    sys.stdout.buffer.write(msgspec.json.encode(output_names(wanted)))


if __name__ == "__main__":
    main(*sys.argv[1:2])
