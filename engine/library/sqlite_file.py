"""One SQLite file that several processes use at once, with its errors in plain words."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from engine.errors import LibraryError
from engine.library.writing import another_place, more_room
from engine.media.atomic import is_full
from engine.translation import tr

_PATIENCE_S = 120.0
_ROOM_BYTES = 65_536  # SQLite asks for half of it at once


class SqliteFile:
    """An open file; for one thread. A writer waits for the one before (WAL).

    Attributes:
        path: Where it lies.
    """

    def __init__(self, path: Path, application_id: int, steps: Sequence[str]) -> None:
        """Open the file, make it, or bring it up to date.

        Args:
            path: Where it lies; its folder exists.
            application_id: Tells our files from those of others.
            steps: Statements that make each version of the schema from the one before.

        Raises:
            LibraryError: It is damaged, of another program, or of a later version.
        """
        self.path = path
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
            try:
                self._prepare(application_id, steps)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _prepare(self, application_id: int, steps: Sequence[str]) -> None:
        if not self._is_empty() and self._pragma("application_id") != application_id:
            raise LibraryError(
                tr("{path} belongs to another program", path=self.path), tr("move it away")
            )
        if self._pragma("user_version") > len(steps):
            raise LibraryError(
                tr("{path} was made by a later version of Reprise", path=self.path),
                tr("use that version"),
            )
        if self._pragma("user_version") < len(steps):
            with self.writing():
                # Another process may have been faster.
                for number in range(self._pragma("user_version"), len(steps)):
                    for statement in filter(str.strip, steps[number].split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {number + 1}")
                self._connection.execute(f"PRAGMA application_id = {application_id}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def _is_empty(self) -> bool:
        tables = self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        return tables is None and self._pragma("application_id") == 0

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def writing(self) -> AbstractContextManager[None]:
        """All changes inside happen at once, or not at all; other writers wait."""
        return self._transaction("BEGIN IMMEDIATE")

    def reading(self) -> AbstractContextManager[None]:
        """All that is read inside is of one moment; nobody waits."""
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._errors():
            self._connection.execute(begin)
            try:
                yield
            except BaseException:
                # On some errors SQLite has done so itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows that a query finds."""
        with self._errors():
            return self._connection.execute(query, values).fetchall()

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Change something; the number of the row that was inserted last."""
        with self._errors():
            return int(self._connection.execute(statement, values).lastrowid or 0)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Word what SQLite says inside the block."""
        try:
            yield
        except sqlite3.Error as error:
            words = str(error)
            if "disk is full" in words or (_may_be_full(words) and not _has_room(self.path.parent)):
                raise LibraryError(
                    tr("no space left while writing {path}", path=self.path), more_room()
                ) from error
            raise LibraryError(
                tr("cannot use {path}: {words}", path=self.path, words=words), _hint(words)
            ) from error


def _may_be_full(words: str) -> bool:
    """Whether a disk without room may be behind it: the files beside the list need some as well."""
    return "disk I/O error" in words or "unable to open" in words


def _has_room(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return not is_full(error)
    return True


def _hint(words: str) -> str:
    if "locked" in words:
        return tr("another program is writing to it; try again later")
    if "readonly" in words or "unable to open" in words:
        return another_place()
    if "malformed" in words or "not a database" in words:
        return tr("move the file away and add the folders again")
    return tr(
        "try again; if it stays so, look after the disk or set REPRISE_DATA to another folder"
    )
