"""Takes folders of music into the library: what is new or changed is read, and nothing else."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from threading import Event
from typing import Literal

from engine import remarks
from engine.content import content_hash
from engine.context import Progress, RunContext
from engine.dsp.landmarks import FRAME_S, Landmarks, find_landmarks
from engine.dsp.side_by_side import threads
from engine.errors import CancelledError, EngineError, InputNotFoundError
from engine.library.database import Database, Entry, TrackFile, as_text, is_there
from engine.library.packing import pack
from engine.library.shelves import update_shelves
from engine.media.decode import AudioReader
from engine.media.probe import probe
from engine.translation import in_english, tr
from engine.types import Samples

STAGE = "library"
_PATIENCE_S = 0.2
LANDMARKS_PER_S = 25
# Without an index the length of an MP3 is a guess.
_LEAST_MISSING_S, _LEAST_MISSING_SHARE = 0.5, 0.05
RESTORED = ".restored"
"""Ends the name of what this program has made of a film."""
_SUFFIXES = frozenset(
    {
        *(".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".caf", ".dts"),
        *(".flac", ".m4a", ".m4b", ".mka", ".mp2", ".mp3", ".mpc", ".oga", ".ogg", ".opus"),
        *(".ra", ".spx", ".tak", ".tta", ".w64", ".wav", ".wave", ".weba", ".wma", ".wv"),
        # Films as a rule, but now and then nothing but sound.
        *(".3gp", ".asf", ".mkv", ".mov", ".mp4", ".webm", ".wmv"),
    }
)
A_FILM = "a film"
A_RESULT = "made by Reprise"
_NO_MUSIC = frozenset({A_FILM, A_RESULT})


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What taking a folder in came to.

    Attributes:
        folder: The folder.
        tracks: Tracks of it in the library now.
        added: Tracks that were read.
        moved: Tracks that lay elsewhere before.
        gone: Files that are no longer there; they are kept in mind until a rebuild.
        unread: Files that look like sound and could not be read, and why.
        damaged: Tracks among those added of which only a part could be read, and how that shows.
    """

    folder: Path
    tracks: int
    added: int
    moved: int
    gone: int
    unread: tuple[tuple[Path, str], ...]
    damaged: tuple[tuple[Path, str], ...] = ()


def add_folder(
    folder: Path, database: Database, context: RunContext, *, only_searched: bool = False
) -> FolderReport:
    """Take a folder and those in it into the library, or bring it up to date.

    Every file is kept as soon as it is read, so that what was cancelled or killed goes on where it
    was. Several processes may do this at once. A folder that is only searched does not become one
    of the library's own.

    Raises:
        InputNotFoundError: There is no such folder, or it may not be read.
        LibraryError: The library cannot be used or written.
    """
    folder = folder.absolute()
    _require_readable(folder)
    database.add_folder(folder, only_searched=only_searched)
    return refresh_folder(folder, database, context)


def refresh_folder(folder: Path, database: Database, context: RunContext) -> FolderReport:
    """Bring what is known of a folder up to date; see `add_folder`."""
    folder = folder.absolute()
    found = dict(_files(folder))
    known = {entry.path: entry for entry in database.entries(folder)}
    news = [path for path, status in found.items() if not _is_known(known.get(path), status)]
    added = moved = 0
    taking = _Taking(database, context)
    for number, taken in enumerate(taking.files(news)):
        added += taken == "added"
        moved += taken == "moved"
        context.report(Progress(STAGE, number + 1, len(news)))
    update_shelves(database, context)
    entries = database.entries(folder)
    return FolderReport(
        folder=folder,
        tracks=sum(not entry.problem for entry in entries),
        added=added,
        moved=moved,
        gone=sum(entry.path not in found for entry in entries),
        unread=tuple((e.path, e.problem) for e in entries if e.problem not in ("", *_NO_MUSIC)),
        damaged=tuple(sorted(taking.damaged)),
    )


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below a folder that may hold music, by name."""
    _require_readable(folder)
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and path.suffix.lower() in _SUFFIXES:
                with suppress(OSError):
                    status = path.stat()
                    # Whoever opens a pipe waits for its other end.
                    if S_ISREG(status.st_mode):
                        yield path, status


def _require_readable(folder: Path) -> None:
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise InputNotFoundError(
            tr("cannot read the folder {folder}: {reason}", folder=folder, reason=error.strerror),
            tr("check the path"),
        ) from error


def _is_known(entry: Entry | None, status: os.stat_result) -> bool:
    return entry is not None and (entry.size_bytes, entry.modified_ns) == (
        status.st_size,
        status.st_mtime_ns,
    )


def _is_result(path: Path) -> bool:
    return path.stem.endswith(RESTORED)


Taken = Literal["added", "moved", "nothing new"]
_Reading = Future[TrackFile | None]


class _Taking:
    """Takes files in: known ones from what is known, others read by several threads.

    Attributes:
        damaged: Tracks of which only a part could be read, in any order, and how that shows.
    """

    def __init__(self, database: Database, context: RunContext) -> None:
        self.damaged: list[tuple[Path, str]] = []
        self._database, self._context = database, context
        self._is_over = Event()

    def files(self, paths: list[Path]) -> Iterator[Taken]:
        """Take each file in, in order."""
        pool = ThreadPoolExecutor(threads(), thread_name_prefix="library")
        reading: deque[_Reading | Taken] = deque()
        try:
            for path in paths:
                reading.append(self._take(path, pool))
                if len(reading) > 2 * threads():
                    yield self._done(reading.popleft())
            while reading:
                yield self._done(reading.popleft())
        finally:
            self._is_over.set()
            pool.shutdown(cancel_futures=True)

    def _take(self, path: Path, pool: ThreadPoolExecutor) -> "_Reading | Taken":
        """Take in what is known from elsewhere, or begin to read."""
        try:
            status = path.stat()
            content = content_hash(path, self._context.raise_if_cancelled)
        except OSError:
            return "nothing new"  # gone again, or not ours to read: the next time, perhaps
        file = TrackFile(path, status.st_size, status.st_mtime_ns, content)
        for known in self._database.entries(path):
            if known.path == path and known.content == content:
                self._database.move(known, path, file.modified_ns)  # it was only touched
                return "nothing new"
        # Its name tells a result, and a name may change.
        twins = [
            twin
            for twin in self._database.of_content(content)
            if (twin.problem == A_RESULT) == _is_result(path)
        ]
        if not twins:
            return pool.submit(self._read, file)
        gone = [twin for twin in twins if not is_there(twin.path)]
        return self._take_twin(file, (gone or twins)[0], has_moved=bool(gone))

    def _take_twin(self, file: TrackFile, twin: Entry, *, has_moved: bool) -> Taken:
        """Take a file in that holds what another one holds, or held."""
        if twin.problem:
            if has_moved:
                self._database.forget([twin])
            problem = twin.problem.replace(as_text(str(twin.path)), str(file.path))
            self._database.put(replace(file, problem=problem))
            return "nothing new"
        if has_moved:
            self._database.move(twin, file.path, file.modified_ns)
            return "moved"
        self._database.put_twin(file, twin)
        return "added"

    def _done(self, reading: "_Reading | Taken") -> Taken:
        """Keep what was read; checks in while it waits."""
        if not isinstance(reading, Future):
            return reading
        while not reading.done():
            self._context.raise_if_cancelled()
            wait([reading], _PATIENCE_S)
        file = reading.result()
        if file is None:
            return "nothing new"
        self._database.put(file)
        return "nothing new" if file.problem else "added"

    def _read(self, file: TrackFile) -> TrackFile | None:
        """What there is to know of a file; None if it cannot be read just now."""
        if _is_result(file.path):
            return replace(file, problem=A_RESULT)
        try:
            # The list keeps what was wrong.
            with in_english():
                if probe(file.path).video is not None:
                    return replace(file, problem=A_FILM)
                landmarks = self._landmarks(file.path)
        except (InputNotFoundError, OSError):
            return None  # gone again, or its drive is: no lasting problem
        except EngineError as error:
            return replace(file, problem=error.message)
        return replace(file, duration_s=landmarks.num_frames * FRAME_S, landmarks=pack(landmarks))

    def _landmarks(self, path: Path) -> Landmarks:
        with AudioReader(path) as reader:
            blocks = self._until_over(reader.blocks())
            landmarks = find_landmarks(blocks, reader.sample_rate_hz, LANDMARKS_PER_S)
            if damage := _damage(reader):
                self.damaged.append((path, damage))
            return landmarks

    def _until_over(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        for block in blocks:
            if self._is_over.is_set():
                raise CancelledError
            yield block


def _damage(reader: AudioReader) -> str:
    """How a file that has been read shows that a part of it is missing; nothing if it is whole."""
    missing_s = reader.stated_s - reader.ended_s
    if missing_s > _LEAST_MISSING_S + _LEAST_MISSING_SHARE * reader.stated_s:
        return remarks.ENDS_AT(end=f"{reader.ended_s:.1f}", stated=f"{reader.stated_s:.1f}")
    return "; ".join(reader.warnings)
