"""What whoever mends the program has to know, as plain text without anything private.

Imports PyAV: load it after the first paint, in a worker.
"""

import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from app.machine import find_free, find_media, find_python, find_screen, find_sound, looked_at
from app.restore_log import log_lines
from app.settings import Settings
from engine.errors import EngineError
from engine.media.probe import AudioTrack, probe
from engine.types import RestoreResult

_PATH = re.compile(r"""(?<![^\s"'(])(?:~|[A-Za-z]:)?[\\/](?=\S).*[\\/]""")
"""From where a path begins to its last separator; names may hold spaces, so rather too much."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about.

    Attributes:
        settings: What the user prefers.
        engine: What the engine says of itself.
        cache: Folder of the artifacts.
        video: The video that is open.
        result: Its newest restore.
        problem: What went wrong, in the words that the user read; may be empty.
        written: Files that came of it.
    """

    settings: Settings
    engine: str
    cache: Path
    video: Path | None = None
    result: RestoreResult | None = None
    problem: str = ""
    written: tuple[Path, ...] = ()


def bug_report(subject: Subject) -> str:
    """The text; of every path only the file's name is left."""
    return "\n".join(without_folders(line) for line in _lines(subject))


def without_folders(line: str) -> str:
    """A line in which no folder can be read."""
    return _PATH.sub("", line)


def _lines(subject: Subject) -> Iterator[str]:
    yield f"Reprise {version('reprise')}, {platform.platform()}"
    for found in (find_python(), find_media(), find_sound(), find_screen()):
        yield f"{found.what}: {found.words}"
    yield f"PySide6: {version('PySide6-Essentials')}"
    yield f"engine: {subject.engine}"
    yield f"cache: {looked_at('cache', lambda: find_free(subject.cache)).words}"
    yield f"quality: {subject.settings.quality}, device: {subject.settings.device}"
    if subject.video is not None:
        yield from _video_lines(subject.video)
    if subject.result is not None:
        yield from log_lines(subject.result)
    yield from (f"written: {path.name}" for path in subject.written)
    if subject.problem:
        yield f"problem: {subject.problem}"


def _video_lines(video: Path) -> Iterator[str]:
    yield f"video: {video.name}"
    try:
        info = probe(video)
    except EngineError as error:
        yield f"  cannot be read: {error.message}"
        return
    yield f"  {info.container}, {info.duration_s:.3f} s"
    if (picture := info.video) is not None:
        size = f"{picture.width} x {picture.height}, {picture.frame_rate:.3f} Hz"
        yield f"  picture: {picture.codec}, {size}"
    yield from (_sound_line(track) for track in info.audio)


def _sound_line(track: AudioTrack) -> str:
    rate = f", {track.bit_rate / 1000:.0f} kbit/s" if track.bit_rate else ""
    return f"  sound: {track.codec}, {track.sample_rate_hz} Hz, {track.layout}{rate}"
