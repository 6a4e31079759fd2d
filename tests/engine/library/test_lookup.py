"""Of many tracks the right one is found, where it lies and how it was changed; else none."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.context import PlainContext
from engine.dsp.landmark_pairs import AS_IT_IS, Change
from engine.dsp.landmarks import FRAME_S, Landmarks
from engine.errors import LibraryError
from engine.library import lookup as lookup_module
from engine.library import places as places_module
from engine.library.database import Database, TrackFile
from engine.library.lookup import (
    CLEAR,
    CLEAR_AT_A_SPEED,
    FAINT,
    FAINT_AT_A_SPEED,
    STRETCHED,
    SURE,
    Attempt,
    Lookup,
)
from engine.library.packing import pack, unpack
from engine.library.postings import Postings
from engine.library.shelves import segment_path, update_shelves
from tests.helpers.library import laid_under, simulated

TRACKS = 100
NUM_FRAMES = round(150 / FRAME_S)
STRETCH = round(20 / FRAME_S)
ONE_HEARING = Attempt((AS_IT_IS,), voters_per_s=150, hearings=1)


def put(database: Database, *seeds: int) -> None:
    for seed in seeds:
        packed = pack(simulated(NUM_FRAMES, seed))
        path = Path(f"/music/{seed:03}.mp3")
        database.put(TrackFile(path, 1, 2, str(seed), NUM_FRAMES * FRAME_S, "", packed))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two segments, one of them with a few tracks; number n has seed n - 1."""
    with Database(tmp_path_factory.mktemp("library")) as database:
        put(database, *range(TRACKS - 9))
        update_shelves(database, PlainContext())
        put(database, *range(TRACKS - 9, TRACKS))
        update_shelves(database, PlainContext())
        assert len(database.segments()) == 2
        yield database


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Database]:
    """Three tracks."""
    with Database(tmp_path) as database:
        put(database, 0, 1, 2)
        update_shelves(database, PlainContext())
        yield database


def track(database: Database, number: int) -> Landmarks:
    return unpack(database.landmarks(number))


def both(one: Landmarks, two: Landmarks) -> Landmarks:
    """Two parts of a mix at once."""
    frames = np.concatenate((one.frames, two.frames))
    order = np.argsort(frames, kind="stable")
    steps = np.concatenate((one.steps, two.steps))[order]
    return Landmarks(frames[order], steps, np.zeros_like(frames), one.num_frames)


BOTH = [Change(t, t) for t in (0.94, 0.97, 0.985, 1.03, 1.0417, 1.06)]
ONE_OF_THEM = [Change(1.05, 1.0), Change(0.94, 1.0), Change(1.0, 1.06), Change(1.0, 0.97)]
CASES = [
    (CLEAR, AS_IT_IS),
    *((CLEAR_AT_A_SPEED, change) for change in BOTH),
    *((STRETCHED, change) for change in ONE_OF_THEM),
]
NAMES = [f"tempo {change.tempo}, pitch {change.pitch}" for _, change in CASES]


@pytest.mark.parametrize(("attempt", "change"), CASES, ids=NAMES)
@pytest.mark.parametrize("number", [1, TRACKS])
def test_the_right_track_place_and_change(
    library: Database, attempt: Attempt, change: Change, number: int
) -> None:
    first = 1500 * number % (NUM_FRAMES - 2 * STRETCH)
    stretch = laid_under(track(library, number), first, STRETCH, change, heard=0.5)
    best, *others = Lookup(library).candidates(stretch, attempt)
    assert best.track_id == number
    assert best.agreement.start_frame == pytest.approx(first, abs=5)
    assert best.agreement.change.tempo == pytest.approx(change.tempo, abs=0.003)
    assert best.agreement.change.pitch == pytest.approx(change.pitch, abs=0.011)
    assert best.agreement.deviations > SURE
    assert all(other.agreement.deviations < SURE / 2 for other in others)
    assert len({other.track_id for other in others}) == len(others)


@pytest.mark.parametrize(
    ("attempt", "change"),
    [(FAINT, AS_IT_IS), (FAINT_AT_A_SPEED, Change(0.96, 0.96))],
    ids=["as it is", "slower"],
)
def test_faint_under_much_other_music(library: Database, attempt: Attempt, change: Change) -> None:
    stretch = laid_under(track(library, 7), 3000, STRETCH, change, heard=0.25)
    best = Lookup(library).candidates(stretch, attempt)[0]
    assert best.track_id == 7
    assert best.agreement.start_frame == pytest.approx(3000, abs=5)


def test_two_tracks_over_each_other(library: Database) -> None:
    one, two = (laid_under(track(library, n), 50 * n, STRETCH, heard=0.5) for n in (20, 30))
    first, second, third = Lookup(library).candidates(both(one, two), CLEAR)[:3]
    assert {first.track_id, second.track_id} == {20, 30}
    assert second.agreement.deviations > SURE / 2 > third.agreement.deviations


@pytest.mark.parametrize("where", ["begins", "ends"])
def test_a_track_that_begins_or_ends_in_the_stretch(library: Database, where: str) -> None:
    first = -STRETCH // 2 if where == "begins" else NUM_FRAMES - STRETCH // 2
    whole = track(library, 5)
    stretch = laid_under(whole.between(max(0, first), first + STRETCH), 0, STRETCH, heard=0.7)
    late = max(0, -first)
    moved = Landmarks(stretch.frames + np.int32(late), stretch.steps, stretch.ranks, STRETCH)
    best = Lookup(library).candidates(moved.between(0, STRETCH), CLEAR)[0]
    assert best.track_id == 5
    assert best.agreement.start_frame == pytest.approx(first, abs=3)


def test_in_other_music_nothing_is_found(library: Database) -> None:
    for attempt in (CLEAR, CLEAR_AT_A_SPEED, FAINT, FAINT_AT_A_SPEED):
        stretch = simulated(STRETCH, 9001, per_frame=1.5)
        found = Lookup(library).candidates(stretch, attempt)
        assert max((each.agreement.deviations for each in found), default=0) < 6.5


@pytest.mark.parametrize("num_frames", [0, 1, STRETCH])
def test_silence(library: Database, num_frames: int) -> None:
    none = np.zeros(0, np.int32)
    silence = Landmarks(none, none.astype(np.float32), none, num_frames)
    for attempt in (CLEAR, STRETCHED):
        assert Lookup(library).candidates(silence, attempt) == ()


def test_an_empty_library(tmp_path: Path) -> None:
    with Database(tmp_path) as database:
        assert Lookup(database).candidates(simulated(STRETCH, 1), CLEAR) == ()


def test_only_what_is_wanted(library: Database) -> None:
    stretch = laid_under(track(library, 4), 500, STRETCH)
    found = Lookup(library, {1, 2, 3}.__contains__).candidates(stretch, CLEAR)
    assert {candidate.track_id for candidate in found} <= {1, 2, 3}
    assert all(candidate.agreement.deviations < SURE / 2 for candidate in found)


def test_what_is_gone_is_not_found(small: Database) -> None:
    stretch = laid_under(track(small, 2), 500, STRETCH)
    before = Lookup(small)
    small.forget(small.entries()[1:2])
    for lookup in (before, Lookup(small)):
        found = lookup.candidates(stretch, CLEAR)
        assert all(candidate.agreement.deviations < SURE / 2 for candidate in found)


def test_it_goes_on_while_the_files_are_replaced(small: Database) -> None:
    stretch = laid_under(track(small, 2), 500, STRETCH)
    before = Lookup(small)
    put(small, 3, 4, 5)
    update_shelves(small, PlainContext())
    for lookup in (before, Lookup(small)):
        assert lookup.candidates(stretch, CLEAR)[0].track_id == 2


def test_a_damaged_segment_is_named(small: Database) -> None:
    (segment,) = small.segments()
    path = segment_path(small.folder, segment.number)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(LibraryError, match=r"postings-1\.u32 is missing or damaged"):
        Lookup(small)


def put_of_length(database: Database, seconds: float, seed: int) -> None:
    num_frames = round(seconds / FRAME_S)
    packed = pack(simulated(num_frames, seed))
    path = Path(f"/music/{seed:03}.mp3")
    database.put(TrackFile(path, 1, 2, str(seed), num_frames * FRAME_S, "", packed))


@pytest.mark.parametrize("lengths_s", [(60, 3600), (3600, 60)], ids=["longer last", "longer first"])
@pytest.mark.parametrize("louder", [1, 2])
def test_tracks_of_very_different_lengths_are_ranked_by_what_is_heard(
    tmp_path: Path, lengths_s: tuple[int, int], louder: int
) -> None:
    with Database(tmp_path) as database:
        for seed, seconds in enumerate(lengths_s):
            put_of_length(database, seconds, seed)
        update_shelves(database, PlainContext())
        one, two = (
            laid_under(track(database, n), 50, STRETCH, heard=0.5 if n == louder else 0.3, seed=n)
            for n in (1, 2)
        )
        # Only the likeliest place of all gets a hearing.
        (found,) = Lookup(database).candidates(both(one, two), ONE_HEARING)
        assert found.track_id == louder
        assert found.agreement.start_frame == pytest.approx(50, abs=5)


def test_votes_of_what_is_gone_or_not_wanted_are_no_others(small: Database) -> None:
    loud = laid_under(track(small, 2), 500, STRETCH, heard=0.8)
    faint = laid_under(track(small, 1), 900, STRETCH, heard=0.4)
    stretch = both(loud, faint)
    assert Lookup(small).candidates(stretch, ONE_HEARING)[0].track_id == 2
    unwanted = Lookup(small, {1, 3}.__contains__)
    small.forget(small.entries()[1:2])
    for lookup in (unwanted, Lookup(small)):
        (found,) = lookup.candidates(stretch, ONE_HEARING)
        assert found.track_id == 1
        assert found.agreement.deviations > SURE


def test_what_is_wanted_is_chosen_before_places_are_cut(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "_MOST_PLACES", 1)
    loud = laid_under(track(small, 2), 500, STRETCH, heard=0.8)
    stretch = both(loud, laid_under(track(small, 1), 900, STRETCH, heard=0.4))
    found = Lookup(small, {1}.__contains__).candidates(stretch, CLEAR)
    assert [candidate.track_id for candidate in found] == [1]


@pytest.mark.timeout(60)
def test_it_waits_for_no_writer(small: Database) -> None:
    with Database(small.folder) as other, other.writing():
        assert Lookup(small).candidates(laid_under(track(small, 2), 500, STRETCH), CLEAR)


def test_a_file_that_is_replaced_while_it_is_opened(
    small: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def replaced_first(path: Path) -> Postings:
        if not opened:
            with Database(small.folder) as other:
                put(other, 3, 4, 5)
                update_shelves(other, PlainContext())
        opened.append(path.name)
        return Postings(path)

    monkeypatch.setattr(lookup_module, "Postings", replaced_first)
    lookup = Lookup(small)
    assert opened == ["postings-1.u32", "postings-2.u32"]
    for number in (2, 5):
        stretch = laid_under(track(small, number), 500, STRETCH)
        assert lookup.candidates(stretch, CLEAR)[0].track_id == number
