"""The file refuses what is not its own, and what fails changes nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import LibraryError
from engine.library.sqlite_file import SqliteFile
from tests.helpers.rights import as_nobody

STEPS = (
    "CREATE TABLE thing (name TEXT); CREATE INDEX by_name ON thing (name);",
    "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 7",
    "UPDATE thing SET size = size + 1; ALTER TABLE thing ADD COLUMN place TEXT",
    "CREATE TABLE another (name TEXT)",
)


def open_file(path: Path, version: int = 3) -> SqliteFile:
    return SqliteFile(path, 0x1234, STEPS[:version])


def names(file: SqliteFile) -> list[str]:
    return [name for (name,) in file.rows("SELECT name FROM thing ORDER BY name")]


def write(file: SqliteFile, *things: str) -> None:
    with file.writing():
        for name in things:
            file.run("INSERT INTO thing (name) VALUES (?)", (name,))


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite") as file, file.writing():
        assert file.run("INSERT INTO thing (name) VALUES ('b')") == 1
        assert file.run("INSERT INTO thing (name) VALUES (?)", ("a",)) == 2
    with open_file(tmp_path / "a.sqlite") as file:
        assert names(file) == ["a", "b"]


def test_all_changes_or_none(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite") as file:
        with pytest.raises(UnicodeEncodeError):
            write(file, "a", "no text: \udc80")
        assert names(file) == []
        write(file, "d", "e")
        assert names(file) == ["d", "e"]


def test_readers_see_a_change_when_it_is_whole(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite") as file, open_file(tmp_path / "a.sqlite") as other:
        with file.writing():
            file.run("INSERT INTO thing (name) VALUES ('a')")
            assert names(other) == []
        assert names(other) == ["a"]


def test_a_full_disk_is_called_so_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with open_file(path) as file:
        file.run("INSERT INTO thing (name) VALUES ('a')")
        file.rows("PRAGMA max_page_count = 5")
        with pytest.raises(LibraryError, match="no space left while writing") as caught:
            write(file, *("x" * 1000 for _ in range(100)))
        assert "REPRISE_DATA" in caught.value.hint
        assert names(file) == ["a"]


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file grows beyond a few bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_for_the_files_beside_it(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "a.sqlite"
    open_file(path).close()
    request.getfixturevalue("no_room")
    with pytest.raises(LibraryError, match="no space left while writing") as caught:
        open_file(path)
    assert "free some space" in caught.value.hint


def test_a_disk_that_fails_is_not_the_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("engine.library.sqlite_file.sqlite3.connect", fail)
    with pytest.raises(LibraryError, match="disk I/O error") as caught:
        open_file(tmp_path / "a.sqlite")
    assert "move the file away" not in caught.value.hint


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    with open_file(tmp_path / "a.sqlite") as file:
        assert names(file) == []


def others(path: Path) -> None:
    """A database of somebody else."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE song (title TEXT)")
        connection.commit()


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)


def damaged(path: Path) -> None:
    """Ours, with the first page overwritten but for its beginning."""
    open_file(path).close()
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * 3000 + data[3100:])


def later(path: Path) -> None:
    open_file(path, version=4).close()


@pytest.mark.parametrize(
    ("make", "words", "hint"),
    [
        (others, "belongs to another program", "move it away"),
        (garbage, "not a database", "move the file away"),
        (damaged, "malformed", "move the file away"),
        (later, "later version", "use that version"),
        (Path.mkdir, "unable to open", "make the folder writable"),
    ],
)
def test_what_is_no_file_of_ours_is_named_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], words: str, hint: str
) -> None:
    path = tmp_path / "a.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(LibraryError, match=words) as caught:
        open_file(path)
    assert str(path) in caught.value.message
    assert hint in caught.value.hint
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_an_older_version_of_the_program_made_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with open_file(path, version=1) as file:
        write(file, "a")
    with open_file(path) as file, open_file(path) as other:
        write(file, "b")
        assert other.rows("SELECT * FROM thing ORDER BY name") == [("a", 8, None), ("b", 7, None)]
    with pytest.raises(LibraryError, match="later version"):
        open_file(path, version=2)


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    open_file(path, version=1).close()
    with pytest.raises(LibraryError):
        SqliteFile(path, 0x1234, (STEPS[0], STEPS[1], "no statement"))
    with open_file(path) as file:
        assert file.rows("SELECT * FROM thing") == []


def test_what_is_read_inside_is_of_one_moment(tmp_path: Path) -> None:
    with open_file(tmp_path / "a.sqlite") as file, open_file(tmp_path / "a.sqlite") as other:
        with file.reading():
            assert names(file) == []
            write(other, "a")
            assert names(file) == []
        assert names(file) == ["a"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_place_that_may_not_be_written(is_there: bool) -> None:
    with as_nobody() as folder:
        path = folder / "a.sqlite"
        if is_there:
            open_file(path).close()
        folder.chmod(0o555)
        with pytest.raises(LibraryError, match="cannot use") as caught:
            open_file(path).run("INSERT INTO thing (name) VALUES ('a')")
        assert "make the folder writable" in caught.value.hint
