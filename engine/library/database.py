"""The list of the user's tracks with their landmarks, in SQLite. Needs neither numpy nor torch.

Several processes may read and write at once (WAL; a writer waits for the one before). Rows of
tracks are never rewritten but for their path: a file with other content is another track, so that
postings made from a row stay true until the row is gone.
"""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from engine.catalog import data_folder
from engine.library.sqlite_file import SqliteFile
from engine.media.atomic import make_folder

FILE_NAME = "library.sqlite"
_APPLICATION_ID = 0x52505253
_VERSION = 1
_SCHEMA = """
CREATE TABLE folder (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE segment (id INTEGER PRIMARY KEY AUTOINCREMENT, num_frames INTEGER NOT NULL);
CREATE TABLE track (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    content TEXT NOT NULL,
    duration_s REAL NOT NULL,
    problem TEXT NOT NULL,
    landmarks BLOB NOT NULL,
    segment INTEGER REFERENCES segment (id),
    first_frame INTEGER
);
CREATE INDEX track_by_content ON track (content);
CREATE INDEX track_by_segment ON track (segment, first_frame);
"""


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file of the library, as it was when it was read.

    Attributes:
        path: Absolute.
        size_bytes: Its size.
        modified_ns: When it was changed last.
        content: SHA-256 of its bytes in hex digits.
        duration_s: Length of its sound; 0 if it is no music.
        problem: Why it is no music; empty if it is.
        landmarks: Packed landmarks; empty if it is no music.
    """

    path: Path
    size_bytes: int
    modified_ns: int
    content: str
    duration_s: float = 0.0
    problem: str = ""
    landmarks: bytes = b""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the library knows of a file, without the landmarks.

    Attributes:
        id: Its number, never used again.
        path: Absolute.
        size_bytes: Size when it was read.
        modified_ns: When it had been changed last then.
        content: SHA-256 of its bytes in hex digits.
        duration_s: Length of its sound.
        problem: Why it is no music; empty if it is.
    """

    id: int
    path: Path
    size_bytes: int
    modified_ns: int
    content: str
    duration_s: float
    problem: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A track's place on the time line of a segment of postings."""

    id: int
    first_frame: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of postings.

    Attributes:
        number: Its number, never used again.
        num_frames: Length of its time line.
        tracks: Tracks that are still in it.
        duration_s: Length of those together.
    """

    number: int
    num_frames: int
    tracks: int
    duration_s: float


def library_folder() -> Path:
    """Where this user's library lies: its list and its postings."""
    return data_folder() / "library"


def has_library(folder: Path) -> bool:
    """Whether there is a library in a folder."""
    return (folder / FILE_NAME).is_file()


class Database:
    """The list, open for reading and writing; for one thread.

    Attributes:
        folder: Where it lies, with the postings beside it.
    """

    def __init__(self, folder: Path) -> None:
        """Open the list in a folder, or make it.

        Raises:
            LibraryError: The file is damaged, of another program, or of a later version.
            OutputError: The folder cannot be made.
        """
        self.folder = folder
        make_folder(folder)
        self._file = SqliteFile(folder / FILE_NAME, _APPLICATION_ID, _VERSION, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def writing(self) -> AbstractContextManager[None]:
        """All changes inside happen at once, or not at all; other writers wait."""
        return self._file.writing()

    def folders(self) -> tuple[Path, ...]:
        """The folders that make up the library."""
        return tuple(
            _path(row[0]) for row in self._file.rows("SELECT path FROM folder ORDER BY path")
        )

    def add_folder(self, folder: Path) -> None:
        """Make a folder part of the library."""
        self._file.run("INSERT OR IGNORE INTO folder VALUES (?)", (os.fsencode(folder),))

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder, the folders in it, and all their files."""
        inside = _inside(folder)
        with self.writing():
            self._file.run("DELETE FROM folder WHERE path = ? OR path >= ? AND path < ?", inside)
            self._file.run("DELETE FROM track WHERE path = ? OR path >= ? AND path < ?", inside)

    def entries(self, folder: Path | None = None) -> tuple[Entry, ...]:
        """All files, or those below a folder, by path."""
        rows = self._file.rows(
            f"{_ENTRIES} WHERE path = ? OR path >= ? AND path < ? ORDER BY path", _inside(folder)
        )
        return tuple(_entry(*row) for row in rows)

    def of_content(self, content: str) -> tuple[Entry, ...]:
        """Some of the files that held that, wherever they lay; thousands may be empty alike."""
        rows = self._file.rows(f"{_ENTRIES} WHERE content = ? LIMIT {_TWINS}", (content,))
        return tuple(_entry(*row) for row in rows)

    def put(self, file: TrackFile) -> None:
        """Take a file in, in the place of what lay at its path before."""
        path = os.fsencode(file.path)
        with self.writing():
            self._file.run("DELETE FROM track WHERE path = ?", (path,))
            self._file.run(
                "INSERT INTO track (path, size_bytes, modified_ns, content, duration_s, problem,"
                " landmarks) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    path,
                    file.size_bytes,
                    file.modified_ns,
                    file.content,
                    file.duration_s,
                    file.problem,
                    file.landmarks,
                ),
            )

    def put_twin(self, file: TrackFile, twin: Entry) -> None:
        """Take a file in that holds what another one holds; not if that has just been left out."""
        path = os.fsencode(file.path)
        with self.writing():
            self._file.run("DELETE FROM track WHERE path = ?", (path,))
            self._file.run(
                "INSERT INTO track (path, size_bytes, modified_ns, content, duration_s, problem,"
                " landmarks) SELECT ?, ?, ?, content, duration_s, problem, landmarks FROM track"
                " WHERE id = ?",
                (path, file.size_bytes, file.modified_ns, twin.id),
            )

    def move(self, entry: Entry, path: Path, modified_ns: int) -> None:
        """Say where a file lies now; its content is the same."""
        with self.writing():
            self._file.run(
                "DELETE FROM track WHERE path = ? AND id != ?", (os.fsencode(path), entry.id)
            )
            self._file.run(
                "UPDATE track SET path = ?, modified_ns = ? WHERE id = ?",
                (os.fsencode(path), modified_ns, entry.id),
            )

    def forget(self, entries: Iterable[Entry]) -> None:
        """Leave files out."""
        with self.writing():
            for entry in entries:
                self._file.run("DELETE FROM track WHERE id = ?", (entry.id,))

    def landmarks(self, track_id: int) -> bytes:
        """The packed landmarks of a track; empty if it is gone."""
        rows = self._file.rows("SELECT landmarks FROM track WHERE id = ?", (track_id,))
        return bytes(rows[0][0]) if rows else b""

    def segments(self) -> tuple[Segment, ...]:
        """All segments of postings, with what is still alive in them."""
        rows = self._file.rows(
            "SELECT segment.id, num_frames, COUNT(track.id), TOTAL(duration_s) FROM segment"
            " LEFT JOIN track ON track.segment = segment.id GROUP BY segment.id"
        )
        return tuple(Segment(*row) for row in rows)

    def placed(self, segment: int | None) -> tuple[Placed, ...]:
        """The tracks of a segment in order, or for None those that are in no segment yet."""
        rows = self._file.rows(
            "SELECT id, first_frame FROM track WHERE segment IS ? AND problem = ''"
            " ORDER BY first_frame, id",
            (segment,),
        )
        return tuple(Placed(int(i), int(first or 0)) for i, first in rows)

    def add_segment(self, placed: Iterable[Placed], num_frames: int) -> int:
        """Number a new segment that holds these tracks; inside `writing`, before its file."""
        number = self._file.run("INSERT INTO segment (num_frames) VALUES (?)", (num_frames,))
        for track in placed:
            self._file.run(
                "UPDATE track SET segment = ?, first_frame = ? WHERE id = ?",
                (number, track.first_frame, track.id),
            )
        return number

    def drop_segment(self, number: int) -> None:
        """Forget a segment; tracks that are still in it are in none then. Inside `writing`."""
        self._file.run(
            "UPDATE track SET segment = NULL, first_frame = NULL WHERE segment = ?", (number,)
        )
        self._file.run("DELETE FROM segment WHERE id = ?", (number,))


_ENTRIES = "SELECT id, path, size_bytes, modified_ns, content, duration_s, problem FROM track"
_TWINS = 4
_SEPARATOR = os.fsencode(os.sep)


def _entry(number: int, path: bytes, *rest: Any) -> Entry:
    return Entry(number, _path(path), *rest)


def _inside(folder: Path | None) -> tuple[bytes, bytes, bytes]:
    """A path, and the range of all paths that begin with it; everything for None."""
    if folder is None:
        return b"", b"", b"\xff"
    path = os.fsencode(folder)
    below = path.rstrip(_SEPARATOR) + _SEPARATOR
    return path, below, below[:-1] + bytes([below[-1] + 1])


def _path(encoded: bytes) -> Path:
    return Path(os.fsdecode(encoded))
