"""The list of tracks: what was put in is found again, by several processes at once, by any name."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import LibraryError
from engine.library.database import (
    FILE_NAME,
    Database,
    Placed,
    TrackFile,
    has_library,
    library_folder,
)
from tests.helpers.processes import REPOSITORY
from tests.helpers.rights import as_nobody

ROOT = Path("/music")


def file_at(
    path: Path | str,
    content: str = "c",
    modified_ns: int = 20,
    duration_s: float = 3.0,
    problem: str = "",
    landmarks: bytes = b"l",
) -> TrackFile:
    return TrackFile(ROOT / path, 10, modified_ns, content, duration_s, problem, landmarks)


FIRST_VERSION = """
PRAGMA application_id = 1380995667;
PRAGMA user_version = 1;
CREATE TABLE folder (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE segment (id INTEGER PRIMARY KEY AUTOINCREMENT, num_frames INTEGER NOT NULL);
CREATE TABLE track (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL UNIQUE, size_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL, content TEXT NOT NULL, duration_s REAL NOT NULL,
    problem TEXT NOT NULL, landmarks BLOB NOT NULL, segment INTEGER REFERENCES segment (id),
    first_frame INTEGER
);
INSERT INTO folder VALUES (CAST('/music' AS BLOB));
INSERT INTO track VALUES
    (1, CAST('/music/a.mp3' AS BLOB), 10, 20, 'c', 3.0, '', CAST('l' AS BLOB), NULL, NULL);
"""


def paths(database: Database, folder: Path | None = None) -> list[str]:
    return [str(entry.path) for entry in database.entries(folder)]


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    assert library_folder() == tmp_path / "library"
    assert not has_library(library_folder())
    Database(library_folder()).__exit__()
    assert has_library(library_folder())


def test_files_are_there_again(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.add_folder(ROOT)
        database.add_folder(ROOT)
        database.put(file_at("b.mp3"))
        database.put(file_at("a.mp3", problem="no music", duration_s=0.0, landmarks=b""))
    with Database(tmp_path) as database:
        assert database.folders() == (ROOT,)
        a, b = database.entries()
        assert (a.path, a.problem) == (ROOT / "a.mp3", "no music")
        assert (b.size_bytes, b.modified_ns, b.content, b.duration_s) == (10, 20, "c", 3.0)
        assert database.landmarks(b.id) == b"l"
        assert database.landmarks(99) == b""
        assert {entry.id for entry in database.of_content("c")} == {a.id, b.id}
        assert database.of_content("d") == ()


def test_other_content_is_another_track(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.put(file_at("a.mp3"))
        (old,) = database.entries()
        database.put(file_at("a.mp3", "new"))
        (new,) = database.entries()
    assert new.id != old.id
    assert new.content == "new"


def test_a_move_keeps_the_track_and_replaces_what_lay_there(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.put(file_at("a.mp3"))
        database.put(file_at("b.mp3", "other"))
        first = database.entries()[0]
        database.move(first, ROOT / "b.mp3", 99)
        (moved,) = database.entries()
    assert (moved.id, moved.path, moved.modified_ns) == (first.id, ROOT / "b.mp3", 99)
    assert moved.content == "c"


def test_a_twin_has_what_the_first_has(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        database.put(file_at("a.mp3"))
        (first,) = database.entries()
        twin = file_at("sub/b.mp3", duration_s=0.0, landmarks=b"", modified_ns=77)
        database.put_twin(twin, first)
        _, second = database.entries()
        assert (second.path, second.modified_ns) == (ROOT / "sub/b.mp3", 77)
        assert second.duration_s == 3.0
        assert database.landmarks(second.id) == b"l"
        # Another process has taken the first one out meanwhile: better nothing than half a track.
        database.forget([first])
        database.put_twin(file_at("c.mp3"), first)
        assert paths(database) == ["/music/sub/b.mp3"]


def test_a_folder_is_what_lies_in_it_and_not_what_begins_like_it(tmp_path: Path) -> None:
    inside = ["a/b/1.mp3", "a/b/c/2.mp3"]
    beside = ["a/b.mp3", "a/b0/3.mp3", "a/bc/4.mp3", "a/b-side/5.mp3", "a/B/6.mp3", "z.mp3"]
    with Database(tmp_path) as database:
        for folder in ("a/b", "a/b/c", "a/bc"):
            database.add_folder(ROOT / folder)
        for path in inside + beside:
            database.put(file_at(path))
        assert paths(database, ROOT / "a/b") == [f"/music/{path}" for path in inside]
        assert len(paths(database, Path("/"))) == len(paths(database)) == 8
        database.remove_folder(ROOT / "a/b")
        assert database.folders() == (ROOT / "a/bc",)
        assert sorted(paths(database)) == sorted(f"/music/{path}" for path in beside)


@pytest.mark.parametrize("name", [b"caf\xe9.mp3", b"\xff\xfe", "電影 %_'\"\n".encode()])
def test_any_name(tmp_path: Path, name: bytes) -> None:
    folder = Path(os.fsdecode(b"/music/" + name))
    with Database(tmp_path) as database:
        database.add_folder(folder)
        database.put(file_at(folder / "x.mp3"))
        assert database.folders() == (folder,)
        assert [entry.path for entry in database.entries(folder)] == [folder / "x.mp3"]
        assert len(database.entries()) == 1
        database.remove_folder(folder)
        assert database.entries() == ()


def test_segments_count_what_is_still_alive(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        for name in ("a", "b", "c"):
            database.put(file_at(name))
        database.put(file_at("text", problem="no music"))
        assert [track.id for track in database.placed(None)] == [1, 2, 3]
        places = (Placed(2, 50, 3.0, None), Placed(1, 900, 3.0, None))
        with database.writing():
            number = database.add_segment(places, 2000)
        assert database.placed(number) == tuple(replace(p, segment=number) for p in places)
        assert [track.id for track in database.placed(None)] == [3]
        database.forget(database.entries()[:1])
        (segment,) = database.segments()
        assert (segment.number, segment.num_frames) == (number, 2000)
        assert (segment.tracks, segment.duration_s) == (1, 3.0)


def test_a_track_gets_only_where_nobody_else_has_put_it_meanwhile(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        for name in ("a", "b", "c"):
            database.put(file_at(name))
        planned = database.placed(None)
        with database.writing():
            first = database.add_segment(planned[:1], 10)
        database.forget(database.entries()[1:2])
        with database.writing():
            second = database.add_segment(planned, 20)
            third = database.add_segment(planned, 30)
        assert [track.id for track in database.placed(first)] == [1]
        assert [track.id for track in database.placed(second)] == [3]
        with database.writing():
            database.drop_empty_segments()
        assert [segment.number for segment in database.segments()] == [first, second]
        # Numbers of those that are gone are not used again.
        with database.writing():
            assert database.add_segment([], 1) > third


def test_folders_that_were_only_searched(tmp_path: Path) -> None:
    searched, own = ROOT / "all", ROOT / "all" / "mine"
    with Database(tmp_path) as database:
        for folder in (searched / "some", searched, searched / "more"):
            database.add_folder(folder, only_searched=True)
        database.add_folder(own)
        database.add_folder(own / "part", only_searched=True)
        assert database.folders() == (own,)
        assert database.folders(only_searched=True) == (searched,)
        for path in ("all/a.mp3", "all/mine/b.mp3", "all/some/c.mp3", "d.mp3"):
            database.put(file_at(path))
        database.remove_folder(searched)
        assert database.folders() == (own,)
        assert database.folders(only_searched=True) == ()
        assert paths(database) == ["/music/all/mine/b.mp3", "/music/d.mp3"]


def test_a_searched_folder_that_is_added_is_one_of_the_librarys(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        for folder in ("a/b", "a/b/c"):
            database.add_folder(ROOT / folder, only_searched=True)
        database.add_folder(ROOT / "a/b")
        assert database.folders() == (ROOT / "a/b",)
        database.add_folder(ROOT / "a", only_searched=True)
        database.add_folder(ROOT)
        assert database.folders() == (ROOT, ROOT / "a/b")
        assert database.folders(only_searched=True) == ()


def test_what_lies_in_another_folder_of_the_library_stays(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        for folder in ("a", "a/b"):
            database.add_folder(ROOT / folder)
        database.put(file_at("a/b/1.mp3"))
        database.remove_folder(ROOT / "a/b")
        assert database.folders() == (ROOT / "a",)
        assert paths(database) == ["/music/a/b/1.mp3"]


def test_a_library_of_the_first_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript(FIRST_VERSION)
    with Database(tmp_path) as database:
        assert database.folders() == (ROOT,)
        assert database.folders(only_searched=True) == ()
        # Its landmarks are of another kind: the files are read anew.
        assert paths(database) == []
        assert database.segments() == ()
        database.add_folder(ROOT.parent / "other", only_searched=True)
        assert len(database.folders(only_searched=True)) == 1


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="cannot write") as caught:
        Database(tmp_path / "file" / "library")
    assert "REPRISE_DATA" in caught.value.hint


def test_a_library_that_may_only_be_read() -> None:
    with as_nobody() as folder:
        with Database(folder / "library") as database:
            database.put(file_at("a.mp3"))
        (folder / "library" / FILE_NAME).chmod(0o444)
        (folder / "library").chmod(0o555)
        with (
            pytest.raises(LibraryError, match="cannot use") as caught,
            Database(folder / "library") as database,
        ):
            database.put(file_at("b.mp3"))
        assert "REPRISE_DATA" in caught.value.hint


WRITER = """
import sys
from pathlib import Path
from engine.library.database import Database, TrackFile
folder, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
for number in range(40):
    with Database(folder) as database:
        database.add_folder(Path("/music"))
        for path in (f"/music/{name}-{number}", f"/music/{number}"):
            database.put(TrackFile(Path(path), 1, 2, name))
"""


def test_several_processes_make_and_fill_it_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "library")]
    writers = [
        subprocess.Popen([*command, name], cwd=REPOSITORY, stdin=subprocess.PIPE, text=True)
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0] * len(writers)
    with Database(tmp_path / "library") as database:
        expected = {f"/music/{n}" for n in range(40)}
        expected |= {f"/music/{name}-{n}" for n in range(40) for name in "abcd"}
        assert set(paths(database)) == expected
        assert database.folders() == (ROOT,)
