"""Folders come into the library whole, once, and whatever lies in them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.content import content_hash
from engine.context import PlainContext
from engine.errors import CancelledError, InputNotFoundError
from engine.library.database import Database
from engine.library.indexing import FolderReport, add_folder, refresh_folder
from engine.library.packing import unpack
from engine.media.decode import AudioReader
from engine.media.probe import MediaInfo, probe
from tests.helpers.library import small_sound, write_sound
from tests.helpers.media import make_video, noise
from tests.helpers.processes import REPOSITORY
from tests.helpers.rights import as_nobody

PATIENCE_S = 60.0
INDEXING = "engine.library.indexing"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "library") as database:
        yield database


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with three tracks."""
    folder = tmp_path / "music"
    for seed, name in enumerate(("a.wav", "b.FLAC", "more/c.ogg")):
        small_sound(folder / name, seed)
    return folder


class Readings:
    """Which files were looked into, and which were decoded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashed: list[str] = []
        self.decoded: list[str] = []
        readings = self

        def noted_hash(path: Path, *rest: object) -> str:
            readings.hashed.append(path.name)
            return content_hash(path)

        class NotedReader(AudioReader):
            def __init__(self, path: Path) -> None:
                readings.decoded.append(path.name)
                super().__init__(path)

        monkeypatch.setattr(f"{INDEXING}.content_hash", noted_hash)
        monkeypatch.setattr(f"{INDEXING}.AudioReader", NotedReader)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    return Readings(monkeypatch)


def add(folder: Path, database: Database) -> FolderReport:
    return add_folder(folder, database, PlainContext())


def counts(report: FolderReport) -> tuple[int, int, int, int]:
    return report.tracks, report.added, report.moved, report.gone


def names(database: Database) -> list[str]:
    """What counts as a track."""
    return [entry.path.name for entry in database.entries() if not entry.problem]


def test_all_that_is_music_gets_in(music: Path, database: Database) -> None:
    reports: list[tuple[str, float]] = []
    context = PlainContext(lambda progress: reports.append((progress.stage, progress.done)))
    report = add_folder(music, database, context)
    assert report == FolderReport(music, tracks=3, added=3, moved=0, gone=0, unread=())
    assert reports == [
        *(("library", number) for number in (1, 2, 3)),
        *(("library_index", number) for number in (0, 1, 2)),
    ]
    assert names(database) == ["a.wav", "b.FLAC", "c.ogg"]
    assert database.folders() == (music,)
    for entry in database.entries():
        assert entry.duration_s == pytest.approx(1, abs=0.05)
        assert len(unpack(database.landmarks(entry.id)).frames) > 15
    (segment,) = database.segments()
    assert segment.tracks == 3


def test_nothing_is_read_twice(music: Path, database: Database, readings: Readings) -> None:
    add(music, database)
    assert len(readings.decoded) == 3
    readings.hashed.clear()
    assert counts(add(music, database)) == (3, 0, 0, 0)
    assert counts(refresh_folder(music / "more", database, PlainContext())) == (1, 0, 0, 0)
    assert readings.hashed == []
    assert len(readings.decoded) == 3


def test_what_changed_is_read_again(music: Path, database: Database, readings: Readings) -> None:
    add(music, database)
    readings.decoded.clear()
    small_sound(music / "a.wav", 77)
    small_sound(music / "new.wav", 78)
    assert counts(add(music, database)) == (4, 2, 0, 0)
    assert sorted(readings.decoded) == ["a.wav", "new.wav"]
    assert sum(segment.tracks for segment in database.segments()) == 4


def test_what_was_only_touched_is_not_decoded(
    music: Path, database: Database, readings: Readings
) -> None:
    add(music, database)
    before = [entry.id for entry in database.entries()]
    os.utime(music / "a.wav", (1, 1))
    readings.decoded.clear()
    assert counts(add(music, database)) == (3, 0, 0, 0)
    readings.hashed.clear()
    assert counts(add(music, database)) == (3, 0, 0, 0)
    assert readings.hashed == []
    assert [entry.id for entry in database.entries()] == before
    assert readings.decoded == []


def test_a_touched_file_of_many_that_are_alike(
    tmp_path: Path, music: Path, database: Database
) -> None:
    for number in range(6):
        shutil.copy(music / "a.wav", music / f"copy {number}.wav")
    assert counts(add(music, database)) == (9, 9, 0, 0)
    (music / "a.wav").rename(tmp_path / "a.wav")
    os.utime(music / "copy 5.wav", (1, 1))
    assert counts(add(music, database)) == (9, 0, 0, 1)


def test_what_is_no_music_and_moved_is_no_track_that_moved(music: Path, database: Database) -> None:
    (music / "text.mp3").write_text("no music")
    add(music, database)
    (music / "text.mp3").rename(music / "more" / "text.mp3")
    report = add(music, database)
    assert counts(report) == (3, 0, 0, 0)
    shutil.copy(music / "more" / "text.mp3", music / "copy.mp3")
    unread = (*report.unread, *add(music, database).unread[:1])
    paths = [music / "more" / "text.mp3", music / "copy.mp3"]
    assert [path for path, _ in unread] == paths
    # What is wrong is said of the file that is there now.
    assert [str(path) in problem for path, problem in unread] == [True, True]


def test_the_library_keeps_what_was_wrong_in_english(
    german: None, music: Path, database: Database
) -> None:
    (music / "text.mp3").write_text("no music")
    ((path, problem),) = add(music, database).unread
    assert problem == f"{path} cannot be read as media"


def test_what_moved_is_recognised(
    tmp_path: Path, music: Path, database: Database, readings: Readings
) -> None:
    other = tmp_path / "other"
    add(music, database)
    before = {entry.content: entry.id for entry in database.entries()}
    readings.decoded.clear()
    (music / "a.wav").rename(music / "more" / "z.wav")
    assert counts(add(music, database)) == (3, 0, 1, 0)
    (music / "more").rename(other)
    assert counts(add(other, database)) == (2, 0, 2, 0)
    assert counts(add(music, database)) == (1, 0, 0, 0)
    assert readings.decoded == []
    assert {entry.content: entry.id for entry in database.entries()} == before


def test_a_copy_is_a_track_of_its_own_but_not_decoded(
    music: Path, database: Database, readings: Readings
) -> None:
    add(music, database)
    readings.decoded.clear()
    shutil.copy(music / "a.wav", music / "copy.wav")
    assert counts(add(music, database)) == (4, 1, 0, 0)
    assert readings.decoded == []
    copy, first = (
        entry for name in ("copy", "a") for entry in database.entries(music / f"{name}.wav")
    )
    assert database.landmarks(copy.id) == database.landmarks(first.id)


def test_what_is_gone_is_kept_in_mind(music: Path, database: Database, readings: Readings) -> None:
    add(music, database)
    (music / "a.wav").rename(music.parent / "a.wav")
    assert counts(add(music, database)) == (3, 0, 0, 1)
    (music.parent / "a.wav").rename(music / "a.wav")
    readings.hashed.clear()
    assert counts(add(music, database)) == (3, 0, 0, 0)
    assert readings.hashed == []


def test_what_is_no_music_is_left_out_and_not_tried_again(
    music: Path, database: Database, readings: Readings
) -> None:
    whole = (music / "b.FLAC").read_bytes()
    (music / "broken.flac").write_bytes(whole[:50] + bytes(300))
    (music / "empty.mp3").touch()
    (music / "empty too.mp3").touch()
    (music / "text.mp3").write_text("no music at all, but quite some words\n" * 50)
    (music / "notes.txt").write_text("not even looked at")
    small_sound(music / ".hidden.wav", 50)
    small_sound(music / ".trash" / "gone.wav", 51)
    (music / "folder.mp3").mkdir()
    (music / "dead link.mp3").symlink_to(music / "nowhere.mp3")
    os.mkfifo(music / "pipe.mp3")
    make_video(music / "film.mp4", 1, noise(1))
    make_video(music / "sound.mp4", 0, noise(1, seed=9))
    small_sound(music / "film.restored.wav", 52)
    report = add(music, database)
    assert counts(report) == (4, 4, 0, 0)
    assert [path.name for path, _ in report.unread] == [
        *("broken.flac", "empty too.mp3", "empty.mp3", "text.mp3"),
    ]
    assert all(problem for _, problem in report.unread)
    assert names(database) == ["a.wav", "b.FLAC", "c.ogg", "sound.mp4"]
    readings.hashed.clear()
    again = add(music, database)
    assert counts(again) == (4, 0, 0, 0)
    assert again.unread == report.unread
    assert readings.hashed == []


@pytest.mark.long
def test_what_is_damaged_is_told_and_what_is_there_is_taken(
    tmp_path: Path, database: Database
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name, codec in (("a.flac", "flac"), ("b.mp3", "libmp3lame"), ("c.m4a", "aac")):
        make_video(music / name, 0, noise(30), codec=codec)
        make_video(music / f"whole {name}", 0, noise(30, seed=1), codec=codec)
    make_video(music / "whole.aac", 0, noise(30), codec="aac")
    for name in ("a.flac", "b.mp3"):
        whole = (music / name).read_bytes()
        (music / name).write_bytes(whole[: len(whole) // 3])
    hole = bytearray((music / "c.m4a").read_bytes())
    hole[len(hole) // 2 : len(hole) // 2 + 4000] = np.random.default_rng(0).bytes(4000)
    (music / "c.m4a").write_bytes(hole)
    report = add(music, database)
    assert counts(report) == (7, 7, 0, 0)
    cut, ends, holes = report.damaged
    for (path, words), name in ((cut, "a.flac"), (ends, "b.mp3")):
        assert path.name == name
        assert words.startswith("ends at ")
        assert words.endswith(" of 30.0 s: damaged?")
    assert holes[0].name == "c.m4a"
    assert "damaged packets were skipped" in holes[1]
    assert add(music, database).damaged == ()


def test_silence_is_a_track_of_which_nothing_is_known(music: Path, database: Database) -> None:
    write_sound(music / "silence.wav", np.zeros((2, 8000), np.float32), 8000)
    assert counts(add(music, database)) == (4, 4, 0, 0)
    (entry,) = database.entries(music / "silence.wav")
    assert len(unpack(database.landmarks(entry.id)).frames) == 0


def test_names_that_are_no_text(music: Path, database: Database) -> None:
    odd = music / os.fsdecode(b"caf\xe9")
    try:
        odd.mkdir()
    except OSError:
        pytest.skip("this file system takes only text")
    (music / "a.wav").rename(odd / os.fsdecode(b"\xff.wav"))
    assert counts(add(music, database)) == (3, 3, 0, 0)
    assert counts(add(odd, database)) == (1, 0, 0, 0)
    broken, moved = (odd / os.fsdecode(name) for name in (b"\xfe.wav", b"\xfd.wav"))
    broken.write_text("no music")
    ((_, problem),) = add(music, database).unread
    assert "caf\\udce9/\\udcfe.wav" in problem
    broken.rename(moved)
    ((path, problem),) = add(music, database).unread
    assert path == moved
    assert "caf\\udce9/\\udcfd.wav" in problem


def test_a_file_that_vanishes_meanwhile_may_come_back(
    music: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = music.parent / "aside.wav"

    def snatch(path: Path) -> MediaInfo:
        if path.name == "a.wav":
            path.rename(aside)
        return probe(path)

    monkeypatch.setattr(f"{INDEXING}.probe", snatch)
    assert counts(add(music, database)) == (2, 2, 0, 0)
    aside.rename(music / "back.wav")
    assert counts(add(music, database)) == (3, 1, 0, 0)
    # One that goes before anybody has looked into it.
    (music / "b.FLAC").touch()
    monkeypatch.setattr(f"{INDEXING}.content_hash", lambda *_: (music / "x").read_text())
    report = add(music, database)
    assert (report.added, report.unread) == (0, ())


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("error", [TimeoutError, PermissionError, OSError])
def test_a_drive_that_does_not_answer_may_answer_later(
    music: Path, database: Database, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    def fail(path: Path) -> MediaInfo:
        if path.name == "a.wav":
            raise error
        return probe(path)

    with monkeypatch.context() as patch:
        patch.setattr(f"{INDEXING}.probe", fail)
        report = add(music, database)
    assert (report.tracks, report.unread) == (2, ())
    assert counts(add(music, database)) == (3, 1, 0, 0)


def test_what_is_wrong_with_the_program_is_no_bad_file(
    music: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> MediaInfo:
        raise ZeroDivisionError

    monkeypatch.setattr(f"{INDEXING}.probe", fail)
    with pytest.raises(ZeroDivisionError):
        add(music, database)


def test_a_name_tells_what_the_program_has_made_not_the_content(
    music: Path, database: Database
) -> None:
    made = small_sound(music / "film.restored.wav", 60)
    shutil.copy(music / "a.wav", music / "a.restored.wav")
    assert counts(add(music, database)) == (3, 3, 0, 0)
    made.rename(music / "film.wav")
    shutil.copy(music / "film.wav", music / "film copy.restored.wav")
    assert add(music, database).tracks == 4
    assert names(database) == ["a.wav", "b.FLAC", "film.wav", "c.ogg"]


def test_a_folder_by_a_relative_name(
    music: Path, database: Database, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(music.parent)
    report = refresh_folder(Path("music"), database, PlainContext())
    assert report == FolderReport(music, tracks=3, added=3, moved=0, gone=0, unread=())
    readings.hashed.clear()
    assert counts(refresh_folder(Path("music"), database, PlainContext())) == (3, 0, 0, 0)
    assert readings.hashed == []


@pytest.mark.timeout(PATIENCE_S)
def test_nothing_new_waits_for_no_writer(music: Path, database: Database) -> None:
    for only_searched in (True, False):
        add_folder(music, database, PlainContext(), only_searched=only_searched)
    with Database(database.folder) as other, other.writing():
        report = add_folder(music, database, PlainContext(), only_searched=True)
        assert counts(report) == (3, 0, 0, 0)


@pytest.mark.parametrize("name", ["none", "music/a.wav"])
def test_what_is_no_folder(music: Path, database: Database, name: str) -> None:
    with pytest.raises(InputNotFoundError, match="cannot read the folder"):
        refresh_folder(music.parent / name, database, PlainContext())


def test_what_may_not_be_read_is_passed_by() -> None:
    with as_nobody() as folder, Database(folder / "library") as database:
        closed = small_sound(folder / "music" / "a.wav", 1)
        small_sound(folder / "music" / "b.wav", 2)
        small_sound(folder / "music" / "more" / "c.wav", 3)
        closed.chmod(0)
        (folder / "music" / "more").chmod(0)
        assert counts(add(folder / "music", database)) == (1, 1, 0, 0)
        closed.chmod(0o600)
        (folder / "music" / "more").chmod(0o700)
        assert counts(add(folder / "music", database)) == (3, 2, 0, 0)
        (folder / "music").chmod(0)
        with pytest.raises(InputNotFoundError, match="Permission denied"):
            add(folder / "music", database)
        (folder / "music").chmod(0o700)


def test_a_copy_in_a_closed_folder() -> None:
    with as_nobody() as folder, Database(folder / "library") as database:
        first = small_sound(folder / "music" / "more" / "a.wav", 1)
        add(folder / "music", database)
        shutil.copy(first, folder / "music" / "copy.wav")
        (folder / "music" / "more").chmod(0)
        assert add(folder / "music", database).tracks == 1
        assert names(database) == ["copy.wav"]
        (folder / "music" / "more").chmod(0o700)
        assert add(folder / "music", database).tracks == 2


@pytest.mark.timeout(PATIENCE_S)
def test_thousands_of_files_that_are_no_music(music: Path, database: Database) -> None:
    for number in range(2_500):
        (music / f"{number}.mp3").touch()
        (music / f"{number}.txt").touch()
    for number in range(300):
        (music / "more" / f"{number}.flac").write_text(f"text {number}")
    report = add(music, database)
    assert (report.tracks, len(report.unread)) == (3, 2_800)


def test_what_was_cancelled_goes_on_where_it_was(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "music"
    for seed in range(12):
        small_sound(folder / f"{seed}.wav", seed)
    done: list[float] = []
    context = PlainContext(lambda p: done.append(p.done), lambda: len(done) >= 3)
    with pytest.raises(CancelledError):
        add_folder(folder, database, context)
    assert len(names(database)) == 3
    assert counts(add(folder, database)) == (12, 9, 0, 0)


INDEX = """
import sys
from pathlib import Path
from engine.context import PlainContext
from engine.library.database import Database
from engine.library.indexing import add_folder
with Database(Path(sys.argv[1])) as database:
    sys.stdin.readline()
    for folder in sys.argv[2:]:
        print(add_folder(Path(folder), database, PlainContext()).tracks)
"""


def indexer(library: Path, *folders: Path) -> subprocess.Popen[str]:
    """A process that takes folders in as soon as it is told to."""
    return subprocess.Popen(
        [sys.executable, "-c", INDEX, *map(str, (library, *folders))],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once(tmp_path: Path, music: Path, database: Database) -> None:
    for seed in range(10, 14):
        small_sound(tmp_path / "other" / f"{seed}.wav", seed)
    first = indexer(database.folder, music, tmp_path / "other")
    second = indexer(database.folder, tmp_path / "other", music)
    for process in (first, second):
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=PATIENCE_S)[0].split() for process in (first, second)]
    assert answers == [["3", "4"], ["4", "3"]]
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(names(database)) == 7
    assert database.folders() == (music, tmp_path / "other")
    assert counts(add(music, database)) == (3, 0, 0, 0)
    assert sum(segment.tracks for segment in database.segments()) == 7
    assert database.placed(None) == ()


@pytest.mark.kill
def test_what_was_killed_goes_on_where_it_was(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "music"
    for seed in range(30):
        small_sound(folder / f"{seed}.wav", seed)
    process = indexer(database.folder, folder)
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    deadline_s = time.monotonic() + PATIENCE_S
    while len(database.entries()) < 4:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    known = len(names(database))
    assert 4 <= known < 30
    assert counts(add(folder, database)) == (30, 30 - known, 0, 0)
