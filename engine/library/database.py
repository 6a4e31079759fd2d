"""The list of the user's tracks with their landmarks, in SQLite. Needs neither numpy nor torch.

Several processes may read and write at once (WAL; a writer waits for the one before). Rows of
tracks are never rewritten but for their path: a file with other content is another track, so that
postings made from a row stay true until the row is gone.
"""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from engine.catalog import data_folder
from engine.library.sqlite_file import SqliteFile
from engine.library.writing import library_errors

FILE_NAME = "library.sqlite"
_APPLICATION_ID = 0x52505253
_FIRST_SCHEMA = """
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
_SCHEMA = (
    _FIRST_SCHEMA,
    "ALTER TABLE folder ADD COLUMN only_searched INTEGER NOT NULL DEFAULT 0",
    # Landmarks are found by a longer window and packed otherwise: all files are read anew.
    "DELETE FROM track; DELETE FROM segment",
)


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
    """A track's place on the time line of a segment of postings.

    Attributes:
        id: Its number.
        first_frame: Where it begins.
        duration_s: Its length.
        segment: The segment; None if it is in none yet.
    """

    id: int
    first_frame: int
    duration_s: float
    segment: int | None


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


def is_there(path: Path) -> bool:
    """Whether a file or folder can be seen; others may have closed the folder around it."""
    with suppress(OSError):
        return path.exists()
    return False


class Database:
    """The list, open for reading and writing; for one thread.

    Attributes:
        folder: Where it lies, with the postings beside it.
    """

    def __init__(self, folder: Path) -> None:
        """Open the list in a folder, or make it.

        Raises:
            LibraryError: The file is damaged, of another program, or of a later version; or the
                folder cannot be made.
        """
        self.folder = folder
        with library_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._file = SqliteFile(folder / FILE_NAME, _APPLICATION_ID, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def writing(self) -> AbstractContextManager[None]:
        """All changes inside happen at once, or not at all; other writers wait."""
        return self._file.writing()

    def reading(self) -> AbstractContextManager[None]:
        """All that is read inside is of one moment; nobody waits."""
        return self._file.reading()

    def folders(self, *, only_searched: bool = False) -> tuple[Path, ...]:
        """The folders that make up the library, or those that were only searched."""
        query = "SELECT path FROM folder WHERE only_searched = ? ORDER BY path"
        return tuple(_path(row[0]) for row in self._file.rows(query, (only_searched,)))

    def add_folder(self, folder: Path, *, only_searched: bool = False) -> None:
        """Make a folder part of the library, or note that what lies in it is known."""
        if only_searched:
            known = self.folders() + self.folders(only_searched=True)
            if any(folder.is_relative_to(each) for each in known):
                return
        with self.writing():
            self._file.run(_FORGET_FOLDERS, (False, *_inside(folder)))
            self._file.run(
                "INSERT OR IGNORE INTO folder VALUES (?, ?)", (os.fsencode(folder), only_searched)
            )

    def remove_folder(self, folder: Path) -> None:
        """Forget a folder and those in it, with all files that lie in no other one of the library.

        Of one that was only searched, the library's own folders in it stay.
        """
        with self.writing():
            is_own = folder in self.folders()
            self._file.run(_FORGET_FOLDERS, (is_own, *_inside(folder)))
            kept = self.folders()
            for entry in self.entries(folder):
                if not any(entry.path.is_relative_to(each) for each in kept):
                    self._file.run("DELETE FROM track WHERE id = ?", (entry.id,))

    def entries(self, folder: Path | None = None) -> tuple[Entry, ...]:
        """All files, or those below a folder, by path."""
        rows = self._file.rows(f"{_ENTRIES} WHERE {_IS_INSIDE} ORDER BY path", _inside(folder))
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
                    as_text(file.problem),
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
            "SELECT id, IFNULL(first_frame, 0), duration_s, segment FROM track"
            " WHERE segment IS ? AND problem = '' ORDER BY first_frame, id",
            (segment,),
        )
        return tuple(Placed(*row) for row in rows)

    def add_segment(self, placed: Iterable[Placed], num_frames: int) -> int:
        """Number a new segment; inside `writing`, before its file.

        Args:
            placed: Where its tracks lie on its time line, and in which segments they were until
                now. Those that are gone or elsewhere by now stay out.
            num_frames: Length of the time line.
        """
        number = self._file.run("INSERT INTO segment (num_frames) VALUES (?)", (num_frames,))
        for track in placed:
            self._file.run(
                "UPDATE track SET segment = ?, first_frame = ? WHERE id = ? AND segment IS ?",
                (number, track.first_frame, track.id, track.segment),
            )
        return number

    def drop_empty_segments(self) -> None:
        """Forget segments of which no track is left. Inside `writing`."""
        self._file.run(
            "DELETE FROM segment WHERE id NOT IN"
            " (SELECT segment FROM track WHERE segment IS NOT NULL)"
        )


_ENTRIES = "SELECT id, path, size_bytes, modified_ns, content, duration_s, problem FROM track"
_IS_INSIDE = "(path = ? OR path >= ? AND path < ?)"
_FORGET_FOLDERS = (
    "DELETE FROM folder WHERE (only_searched OR ?) AND (path = ? OR path >= ? AND path < ?)"
)
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


def as_text(words: str) -> str:
    """The same for people, with names in it that are no text."""
    return words.encode("utf-8", "backslashreplace").decode()


def _path(encoded: bytes) -> Path:
    return Path(os.fsdecode(encoded))
