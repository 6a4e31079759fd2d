"""What this machine has: told by `reprise doctor`, and by the details of a bug report.

Imports PyAV: load it after the first paint, in a worker. Knows nothing of torch.
"""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import av

from app.screen import has_screen
from engine.errors import EngineError
from engine.media.atomic import check_writable, make_folder
from engine.translation import tr

_ROOM_BYTES = 2_000_000_000
_CODECS = ("aac", "libopus", "libmp3lame", "flac", "pcm_s16le")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: Its name.
        works: Whether it works.
        words: How, or what is wrong.
        mend: What to do about it, empty if it works.
    """

    what: str
    works: bool
    words: str
    mend: str = ""


def looked_at(what: str, look: Callable[[], str]) -> Finding:
    """Look at something; a known error is what has to be mended."""
    try:
        return Finding(what, works=True, words=look())
    except EngineError as error:
        return Finding(what, works=False, words=error.message, mend=error.hint)


def find_python() -> Finding:
    """The interpreter and the system."""
    return Finding(
        "Python",
        works=True,
        words=tr(
            "{version} on {system}", version=platform.python_version(), system=platform.system()
        ),
    )


def find_media() -> Finding:
    """What reads and writes media."""
    missing = [name for name in _CODECS if name not in av.codecs_available]
    lacking = tr(", cannot write {codecs}", codecs=", ".join(missing)) if missing else ""
    return Finding(
        "media",
        works=True,
        words=tr("PyAV {version}{lacking}", version=version("av"), lacking=lacking),
    )


def find_free(folder: Path) -> str:
    """How much room there is in a folder, which is made if need be.

    Raises:
        OutputError: It cannot be written to.
    """
    make_folder(folder)
    check_writable(folder / "probe")
    free = shutil.disk_usage(folder).free
    room = "" if free > _ROOM_BYTES else tr(", which is little")
    return tr("{free:.0f} GB free{room}", free=free / 1e9, room=room)


def find_sound() -> Finding:
    """The device that sound is played on."""
    try:
        # Fails where the system has no PortAudio.
        import sounddevice
    except OSError as error:
        return Finding(
            "sound", works=False, words=str(error), mend=tr("install libportaudio2; the rest works")
        )
    try:
        device = sounddevice.query_devices(kind="output")
    except (ValueError, sounddevice.PortAudioError):
        return Finding(
            "sound",
            works=False,
            words=tr("no output device"),
            mend=tr("connect one; the rest works"),
        )
    # Not its own rate: it is opened with that of the film, if it can.
    return Finding("sound", works=True, words=str(device["name"]))


def find_screen() -> Finding:
    """Whether a window can be shown."""
    if has_screen():
        return Finding("screen", works=True, words=tr("there is one"))
    return Finding(
        "screen", works=False, words=tr("there is none"), mend=tr("the command line needs none")
    )
