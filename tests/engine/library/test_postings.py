"""A segment gives for the keys of a mix what going through all tracks would give."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.landmark_pairs import NUM_KEYS, Keys, keys_of, pair_up
from engine.dsp.landmarks import Frames, Landmarks
from engine.errors import LibraryError
from engine.library.postings import (
    FAN_OUT,
    GAP_FRAMES,
    LEAD_FRAMES,
    PLACE_FRAMES,
    Postings,
    Votes,
    write_segment,
)
from tests.helpers.library import laid_under, simulated

TRACKS = [(GAP_FRAMES, simulated(900, 1)), (3 * GAP_FRAMES, simulated(600, 2))]
NUM_FRAMES = 4 * GAP_FRAMES + 600
NUM_PLACES = (NUM_FRAMES + 2 * LEAD_FRAMES) // PLACE_FRAMES


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("segment") / "postings-1.u32"
    return written(path, TRACKS)


def written(path: Path, tracks: Sequence[tuple[int, Landmarks]]) -> Path:
    with path.open("wb") as file:
        write_segment(file, tracks)
    return path


def naive_votes(keys: list[int], frames: list[int]) -> dict[int, int]:
    """Every pair of every track against every key, one by one: votes by place."""
    begins: dict[int, list[int]] = {}
    for first_frame, track in TRACKS:
        pairs = pair_up(track, FAN_OUT)
        for key, which in zip(*(a.tolist() for a in keys_of(pairs)), strict=True):
            begins.setdefault(key, []).append(int(pairs.frames[which]) + first_frame)
    places = [
        (begin - frame + LEAD_FRAMES) // PLACE_FRAMES
        for key, frame in zip(keys, frames, strict=True)
        for begin in begins[key]
    ]
    return dict(Counter(place for place in places if 0 <= place < NUM_PLACES))


def keys_there() -> list[int]:
    """Keys that occur, and not so often that they are left out."""
    found = np.concatenate([keys_of(pair_up(track, FAN_OUT))[0] for _, track in TRACKS])
    keys, counts = np.unique(found, return_counts=True)
    assert counts.max() < 64
    return [int(key) for key in keys]


def votes_of(path: Path, keys: Keys, frames: Frames) -> Votes:
    """What the segment of a file gives."""
    votes, cast = Postings(path).votes(keys, frames, NUM_FRAMES)
    assert cast == votes.sum(dtype=int)
    return votes


@given(
    queries=st.lists(
        st.tuples(st.sampled_from(keys_there()), st.integers(-20_000, 20_000)), max_size=50
    )
)
@settings(max_examples=40)
def test_votes_are_those_of_a_search_one_by_one(
    segment: Path, queries: list[tuple[int, int]]
) -> None:
    keys, frames = [key for key, _ in queries], [frame for _, frame in queries]
    votes = votes_of(segment, np.array(keys, np.int32), np.array(frames, np.int32))
    assert len(votes) == NUM_PLACES
    found = np.flatnonzero(votes)
    assert dict(zip(found.tolist(), votes[found].tolist(), strict=True)) == naive_votes(
        keys, frames
    )


def test_keys_that_no_track_has_give_nothing(segment: Path) -> None:
    known = set(keys_there())
    others = np.array([key for key in range(0, NUM_KEYS, 37) if key not in known], np.int32)
    assert not votes_of(segment, others, np.zeros(len(others), np.int32)).any()


def test_the_place_of_a_track_gets_the_votes(segment: Path) -> None:
    pairs = pair_up(laid_under(TRACKS[1][1], 200, 300, heard=1.0))
    keys, which = keys_of(pairs)
    votes = votes_of(segment, keys, pairs.frames[which])
    assert votes.argmax() == (3 * GAP_FRAMES + 200 + LEAD_FRAMES) // PLACE_FRAMES
    assert votes.max() > 20 * int(np.sort(votes)[-2])


def test_no_more_votes_are_counted_than_fit(segment: Path) -> None:
    key = keys_there()[0]
    ((place, votes),) = list(naive_votes([key], [0]).items())[:1]
    for times, counted in ((10, 10 * votes), (3000, 255)):
        postings = Postings(segment)
        many = np.full(times, key, np.int32)
        found, _ = postings.votes(many, np.zeros(times, np.int32), NUM_FRAMES)
        assert found[place] == counted


def test_what_is_everywhere_says_nothing(tmp_path: Path) -> None:
    one = simulated(100, 1)
    pairs = pair_up(one, FAN_OUT)
    keys, which = keys_of(pairs)
    assert np.unique(keys, return_counts=True)[1].max() == 1
    for copies, count in ((64, 64 * len(keys)), (65, 0)):
        path = tmp_path / f"{copies}.u32"
        written(path, [(GAP_FRAMES * (n + 1), one) for n in range(copies)])
        num_frames = GAP_FRAMES * (copies + 2)
        frames = pairs.frames[which]
        assert Postings(path).votes(keys, frames, num_frames)[1] == count


def test_a_segment_without_tracks(tmp_path: Path) -> None:
    written(tmp_path / "none.u32", [])
    keys = np.arange(100, dtype=np.int32)
    assert not votes_of(tmp_path / "none.u32", keys, keys).any()


@pytest.mark.parametrize("num_bytes", [None, 0, 3, 4 * NUM_KEYS, -4])
def test_a_damaged_file_is_named(segment: Path, tmp_path: Path, num_bytes: int | None) -> None:
    path = tmp_path / "postings-7.u32"
    if num_bytes is not None:
        path.write_bytes(segment.read_bytes()[:num_bytes])
    with pytest.raises(LibraryError, match=r"postings-7\.u32 is missing or damaged"):
        Postings(path)


def test_a_file_with_wrong_numbers_is_named(segment: Path, tmp_path: Path) -> None:
    numbers = np.fromfile(segment, np.uint32)
    numbers[5000:5002] = 4_000_000_000, 4_000_000_010
    numbers.tofile(tmp_path / "postings-8.u32")
    with pytest.raises(LibraryError, match=r"postings-8\.u32 is missing or damaged"):
        Postings(tmp_path / "postings-8.u32")
