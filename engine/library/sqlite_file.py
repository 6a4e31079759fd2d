"""One SQLite file that several processes use at once, with its errors in plain words."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from engine.errors import DiskFullError, LibraryError

_PATIENCE_S = 120.0


class SqliteFile:
    """An open file; for one thread. A writer waits for the one before (WAL).

    Attributes:
        path: Where it lies.
    """

    def __init__(self, path: Path, application_id: int, version: int, schema: str) -> None:
        """Open the file, or make it.

        Args:
            path: Where it lies; its folder exists.
            application_id: Tells our files from those of others.
            version: Of the schema.
            schema: Statements for a new file.

        Raises:
            LibraryError: It is damaged, of another program, or of a later version.
        """
        self.path = path
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
            try:
                self._prepare(application_id, version, schema)
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

    def _prepare(self, application_id: int, version: int, schema: str) -> None:
        if self._is_empty():
            with self.writing():
                # Another process may have been faster.
                if self._is_empty():
                    for statement in filter(str.strip, schema.split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA application_id = {application_id}")
                    self._connection.execute(f"PRAGMA user_version = {version}")
        if self._pragma("application_id") != application_id:
            raise LibraryError(f"{self.path} belongs to another program", "move it away")
        if self._pragma("user_version") > version:
            raise LibraryError(
                f"{self.path} was made by a later version of Reprise", "use that version"
            )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def _is_empty(self) -> bool:
        tables = self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        return tables is None and self._pragma("application_id") == 0

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All changes inside happen at once, or not at all; other writers wait."""
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
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
            if "disk is full" in words:
                raise DiskFullError(
                    f"no space left while writing {self.path}", "free some space"
                ) from error
            raise LibraryError(f"cannot use {self.path}: {words}", _hint(words)) from error


def _hint(words: str) -> str:
    if "locked" in words:
        return "another program is writing to it; try again later"
    if "readonly" in words or "unable to open" in words:
        return "make the folder writable, or set REPRISE_DATA to another one"
    return "move the file away and add the folders again"
