"""The postings keep up with the list: what is new gets in, what is gone out, in few files."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.context import PlainContext
from engine.dsp.landmark_pairs import keys_of, pair_up
from engine.dsp.landmarks import FRAME_S
from engine.errors import CancelledError, LibraryError
from engine.library import shelves
from engine.library.database import Database, TrackFile
from engine.library.packing import pack, unpack
from engine.library.postings import FAN_OUT, GAP_FRAMES, LEAD_FRAMES, PLACE_FRAMES, Postings
from engine.library.shelves import segment_path, update_shelves
from engine.media.file_lock import lock
from tests.helpers.library import simulated
from tests.helpers.processes import REPOSITORY

NUM_FRAMES = 400
WITH_GAP = NUM_FRAMES + GAP_FRAMES


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path) as database:
        yield database


def put(database: Database, *seeds: int, num_frames: int = NUM_FRAMES) -> None:
    for seed in seeds:
        landmarks = pack(simulated(num_frames, seed))
        path = Path(f"/music/{seed:03}.mp3")
        database.put(TrackFile(path, 1, 2, str(seed), num_frames * FRAME_S, "", landmarks))


def leave_out(database: Database, *seeds: int) -> None:
    wanted = {str(seed) for seed in seeds}
    database.forget([entry for entry in database.entries() if entry.content in wanted])


def on_shelves(database: Database) -> list[str]:
    """Contents of the tracks whose own pairs lead to their own places."""
    contents = {entry.id: entry.content for entry in database.entries()}
    found = []
    for segment in database.segments():
        postings = Postings(segment_path(database.folder, segment.number))
        for track in database.placed(segment.number):
            pairs = pair_up(unpack(database.landmarks(track.id)), FAN_OUT)
            keys, which = keys_of(pairs)
            votes, _ = postings.votes(keys, pairs.frames[which], segment.num_frames)
            if votes[(track.first_frame + LEAD_FRAMES) // PLACE_FRAMES] > 0.5 * min(len(keys), 255):
                found.append(contents[track.id])
    return sorted(found)


def files(database: Database) -> dict[str, float]:
    """Files of postings, by name, and when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in database.folder.glob("*.u32")}


def test_what_is_new_gets_in(database: Database) -> None:
    update_shelves(database, PlainContext())
    assert files(database) == {}
    put(database, 1, 2)
    database.put(TrackFile(Path("/music/x.mp3"), 1, 2, "x", problem="no music"))
    update_shelves(database, PlainContext())
    assert on_shelves(database) == ["1", "2"]
    put(database, 3)
    update_shelves(database, PlainContext())
    assert on_shelves(database) == ["1", "2", "3"]
    assert len(files(database)) == len(database.segments()) == 1


@pytest.mark.parametrize("count", [1, 2, 10])
def test_nothing_new_writes_nothing(database: Database, count: int) -> None:
    put(database, *range(count))
    update_shelves(database, PlainContext())
    before = files(database)
    update_shelves(database, PlainContext())
    assert files(database) == before


def test_one_by_one_they_come_into_few_files_that_are_seldom_written(database: Database) -> None:
    written: set[tuple[str, float]] = set()
    most = 0
    for seed in range(40):
        put(database, seed)
        update_shelves(database, PlainContext())
        written |= set(files(database).items())
        most = max(most, len(files(database)))
    assert on_shelves(database) == sorted(str(seed) for seed in range(40))
    assert most <= 4
    assert len(written) == 40
    put(database, *range(100, 140))
    update_shelves(database, PlainContext())
    assert len(files(database)) == 1


def test_a_large_one_stays_as_it_is(database: Database) -> None:
    put(database, *range(30))
    update_shelves(database, PlainContext())
    before = files(database)
    put(database, 50)
    update_shelves(database, PlainContext())
    assert files(database).items() > before.items()
    assert len(files(database)) == 2


def test_none_grows_beyond_its_size(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "_FULL_FRAMES", 5 * WITH_GAP)
    put(database, *range(12))
    update_shelves(database, PlainContext())
    assert sorted(segment.tracks for segment in database.segments()) == [2, 5, 5]
    put(database, *range(20, 24))
    update_shelves(database, PlainContext())
    assert sorted(segment.tracks for segment in database.segments()) == [1, 5, 5, 5]
    assert len(on_shelves(database)) == 16


def test_long_tracks_fill_it_as_many_short_ones_do(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "_FULL_FRAMES", 5 * WITH_GAP)
    put(database, *range(3), num_frames=2 * WITH_GAP)
    put(database, 3, num_frames=20 * WITH_GAP)
    put(database, *range(4, 7))
    update_shelves(database, PlainContext())
    assert [segment.tracks for segment in database.segments()] == [2, 2, 3]
    before = files(database)
    put(database, *range(7, 11))
    update_shelves(database, PlainContext())
    # Those that are full stay as they are, whatever comes.
    assert [segment.tracks for segment in database.segments()] == [2, 2, 5, 2]
    assert len(files(database).items() & before.items()) == 2
    assert len(on_shelves(database)) == 11


def test_what_is_gone_gets_out(database: Database) -> None:
    put(database, *range(20))
    update_shelves(database, PlainContext())
    before = files(database)
    leave_out(database, 3)
    update_shelves(database, PlainContext())
    # One of twenty is not worth the work, but is not found any more.
    assert files(database) == before
    assert "3" not in on_shelves(database)
    leave_out(database, *range(9))
    update_shelves(database, PlainContext())
    assert len(files(database)) == 1
    assert not files(database).keys() & before.keys()
    assert on_shelves(database) == sorted(str(seed) for seed in range(9, 20))
    leave_out(database, *range(20))
    update_shelves(database, PlainContext())
    assert files(database) == {}
    assert database.segments() == ()


def test_a_file_that_is_missing_is_made_again(database: Database) -> None:
    put(database, 1, 2)
    update_shelves(database, PlainContext())
    for name in files(database):
        (database.folder / name).unlink()
    update_shelves(database, PlainContext())
    assert on_shelves(database) == ["1", "2"]


def test_strays_go_and_nothing_else(database: Database) -> None:
    kept = database.folder / "notes.txt"
    strays = [database.folder / name for name in ("postings-99.u32", ".0123456789ab.part.u32")]
    for path in (kept, *strays):
        path.write_bytes(b"x")
    put(database, 1)
    update_shelves(database, PlainContext())
    assert kept.exists()
    assert not any(path.exists() for path in strays)
    assert on_shelves(database) == ["1"]


CRASH = """
import os, sys
from pathlib import Path
from engine.context import PlainContext
from engine.library import shelves
from engine.library.database import Database
write = shelves.write_segment
def write_and_crash(*arguments):
    write(*arguments)
    os._exit(9)
shelves.write_segment = write_and_crash
shelves.update_shelves(Database(Path(sys.argv[1])), PlainContext())
"""


def test_a_crash_before_the_end_costs_nothing(database: Database) -> None:
    put(database, 1, 2)
    update_shelves(database, PlainContext())
    before = files(database)
    put(database, 3)
    command = [sys.executable, "-c", CRASH, str(database.folder)]
    assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 9
    assert files(database).items() > before.items()
    assert on_shelves(database) == ["1", "2"]
    update_shelves(database, PlainContext())
    assert on_shelves(database) == ["1", "2", "3"]
    assert len(files(database)) == len(database.segments())


def test_a_full_disk_changes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, 1, 2)
    update_shelves(database, PlainContext())
    put(database, 3)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shelves, "write_segment", full)
    with pytest.raises(LibraryError, match="no space left") as caught:
        update_shelves(database, PlainContext())
    assert "REPRISE_DATA" in caught.value.hint
    assert on_shelves(database) == ["1", "2"]
    monkeypatch.undo()
    update_shelves(database, PlainContext())
    assert on_shelves(database) == ["1", "2", "3"]


def test_it_can_be_cancelled_and_what_is_finished_counts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "_FULL_FRAMES", 5 * WITH_GAP)
    put(database, *range(12))
    done: list[float] = []
    context = PlainContext(lambda p: done.append(p.fraction), lambda: len(done) > 7)
    with pytest.raises(CancelledError):
        update_shelves(database, context)
    assert len(on_shelves(database)) == 5
    assert list(files(database)) == ["postings-1.u32"]
    done.clear()
    update_shelves(database, PlainContext(lambda p: done.append(p.fraction)))
    assert len(on_shelves(database)) == 12
    assert done == sorted(done)


def test_others_read_and_write_meanwhile(database: Database) -> None:
    put(database, *range(5))
    update_shelves(database, PlainContext())
    put(database, *range(5, 9))
    seen: list[list[str]] = []

    def use_it(_: object) -> None:
        with Database(database.folder) as other:
            put(other, 100 + len(seen))
            seen.append(on_shelves(other))

    update_shelves(database, PlainContext(use_it))
    assert seen == [["0", "1", "2", "3", "4"]] * 9
    assert on_shelves(database) == [str(seed) for seed in range(9)]
    update_shelves(database, PlainContext())
    assert len(on_shelves(database)) == 18


def test_two_at_once_put_no_track_into_two(database: Database) -> None:
    put(database, *range(6))
    update_shelves(database, PlainContext())
    put(database, *range(6, 10))
    is_first = True

    def be_faster(_: object) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            with Database(database.folder) as other:
                put(other, 10)
                leave_out(other, 3)
                update_shelves(other, PlainContext())

    update_shelves(database, PlainContext(be_faster))
    assert on_shelves(database) == sorted(str(seed) for seed in (*range(3), *range(4, 11)))
    (segment,) = database.segments()
    assert list(files(database)) == [f"postings-{segment.number}.u32"]


def test_what_is_being_written_is_no_stray(database: Database) -> None:
    put(database, 1)
    path = database.folder / ".0123456789ab.part.u32"
    with path.open("xb") as file:
        lock(file)
        update_shelves(database, PlainContext())
        assert path.exists()
        # On some file systems there are no locks: there the age tells.
        os.utime(path, (1, 1))
        put(database, 2)
        update_shelves(database, PlainContext())
        assert not path.exists()
