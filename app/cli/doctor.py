"""`reprise doctor`: what works on this machine, and how to mend what does not."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import av
import typer

from app.cli.output import write_json, write_lines
from app.cli.run import DONE, FAILED
from app.screen import has_screen
from engine.artifacts import cache_folder
from engine.catalog import DEFAULT_MODELS, data_folder
from engine.errors import EngineError
from engine.media.atomic import check_writable, make_folder
from engine.weights import choose, verify

cli = typer.Typer(add_completion=False)

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


@cli.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """Say what works on this machine and how to mend what does not."""
    findings = [
        _looked_at("Python", lambda: f"{platform.python_version()} on {platform.system()}"),
        _looked_at("device", _device),
        _looked_at("media", _media),
        *(_looked_at(f"model for {s}", _model(name)) for s, name in DEFAULT_MODELS.items()),
        *(_looked_at(f"{n} folder", _folder(path)) for n, path in _folders().items()),
        _sound(),
        _screen(),
    ]
    if json:
        write_json({"findings": findings})
    else:
        for finding in findings:
            _write(finding)
    essential = [f for f in findings if f.what not in ("sound", "screen")]
    return DONE if all(f.works for f in essential) else FAILED


def _looked_at(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except EngineError as error:
        return Finding(what, False, error.message, error.hint)


def _device() -> str:
    # Slow to import.
    from engine.devices import choose_device

    return choose_device("auto").words


def _media() -> str:
    missing = [name for name in _CODECS if name not in av.codecs_available]
    lacking = f", cannot write {', '.join(missing)}" if missing else ""
    return f"PyAV {version('av')}{lacking}"


def _model(name: str) -> Callable[[], str]:
    def look() -> str:
        weights = choose(name)
        verify(weights)
        return f"{weights.card.title}, {weights.origin}, licence {weights.card.licence}"

    return look


def _folders() -> dict[str, Path]:
    return {"cache": cache_folder(), "data": data_folder()}


def _folder(path: Path) -> Callable[[], str]:
    def look() -> str:
        make_folder(path)
        check_writable(path / "probe")
        free = shutil.disk_usage(path).free
        room = "" if free > _ROOM_BYTES else ", which is little"
        return f"{path}, {free / 1e9:.0f} GB free{room}"

    return look


def _sound() -> Finding:
    try:
        # Fails where the system has no PortAudio.
        import sounddevice
    except OSError as error:
        return Finding("sound", False, str(error), "install libportaudio2; the rest works")
    try:
        device = sounddevice.query_devices(kind="output")
    except (ValueError, sounddevice.PortAudioError):
        return Finding("sound", False, "no output device", "connect one; the rest works")
    return Finding("sound", True, f"{device['name']}, {device['default_samplerate']:.0f} Hz")


def _screen() -> Finding:
    if has_screen():
        return Finding("screen", True, "there is one")
    return Finding("screen", False, "there is none", "the command line needs none")


def _write(finding: Finding) -> None:
    mark = "ok     " if finding.works else "MISSING"
    mend = [f"{'':30}{finding.mend}\n"] if finding.mend else []
    write_lines([f"{mark}  {finding.what:<20} {finding.words}\n", *mend])
