"""Places stand out by votes beyond what is usual around them, in tracks that may be found."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.landmark_pairs import AS_IT_IS, keys_of, pair_up
from engine.dsp.landmarks import FRAME_S, Landmarks
from engine.library.database import Placed
from engine.library.places import Place, Shelf, _beyond_those_around, _busy, _peaks
from engine.library.postings import GAP_FRAMES, Postings, Votes, write_segment
from tests.helpers.library import laid_under, simulated

LENGTH = 3000
TRACKS = [simulated(LENGTH, seed) for seed in range(4)]
FIRSTS = [GAP_FRAMES + n * (LENGTH + GAP_FRAMES) for n in range(4)]


@pytest.fixture(scope="module")
def postings(tmp_path_factory: pytest.TempPathFactory) -> Postings:
    path = tmp_path_factory.mktemp("segment") / "postings-1.u32"
    with path.open("wb") as file:
        write_segment(file, zip(FIRSTS, TRACKS, strict=True))
    return Postings(path)


def shelf(postings: Postings, *numbers: int) -> Shelf:
    placed = [Placed(n, FIRSTS[n], LENGTH * FRAME_S, 1) for n in numbers]
    return Shelf(postings, placed)


def places(on: Shelf, stretch: Landmarks) -> list[Place]:
    pairs = pair_up(stretch)
    keys, which = keys_of(pairs)
    return on.places(keys, pairs.frames[which] - np.int32(stretch.num_frames // 2), AS_IT_IS)


@pytest.mark.parametrize("first", [-300, 0, 1234, LENGTH - 400])
def test_the_likeliest_place_is_the_right_one(postings: Postings, first: int) -> None:
    whole = laid_under(TRACKS[2].between(max(0, first), first + 800), 0, 800, heard=0.7)
    late = np.int32(max(0, -first))
    stretch = Landmarks(whole.frames + late, whole.steps, whole.ranks, 800).between(0, 800)
    best = places(shelf(postings, 0, 1, 2, 3), stretch)[0]
    assert best.track_id == 2
    assert best.middle_frame == pytest.approx(first + 400, abs=6)
    assert best.change == AS_IT_IS


def test_each_place_is_told_once_and_the_best_first(postings: Postings) -> None:
    found = places(shelf(postings, 0, 1, 2, 3), laid_under(TRACKS[1], 500, 800))
    assert [each.excess for each in found] == sorted((e.excess for e in found), reverse=True)
    where = sorted((each.track_id, each.middle_frame) for each in found)
    for (track, frame), (next_track, next_frame) in pairwise(where):
        assert track != next_track or next_frame - frame > 16


def test_other_tracks_of_the_segment_are_no_places(postings: Postings) -> None:
    stretch = laid_under(TRACKS[1], 500, 800, heard=0.9)
    assert all(place.track_id == 3 for place in places(shelf(postings, 3), stretch))
    assert all(place.track_id != 1 for place in places(shelf(postings, 0, 2), stretch))
    for one in TRACKS:
        assert places(shelf(postings), laid_under(one, 500, 800)) == []


def test_places_next_to_higher_ones_are_left_out_and_no_others() -> None:
    where = np.array([10, 12, 14, 16, 18, 20, 40, 43], np.int32)
    excess = np.array([9, 8, 7, 8, 9, 3, 5, 5], np.float32)
    one = np.zeros(8, np.intp)
    assert where[_peaks(where, one, excess)].tolist() == [10, 18, 40]
    two = np.array([0, 0, 0, 0, 0, 0, 0, 1], np.intp)
    assert where[_peaks(where, two, excess)].tolist() == [10, 18, 40, 43]
    assert _peaks(where[:0], one[:0], excess[:0]).tolist() == []


votes_of_places = st.lists(st.integers(0, 255), min_size=1, max_size=60)


@given(votes_of_places, st.integers(1, 510))
@settings(max_examples=200)
def test_busy_places_are_those_of_a_search_one_by_one(numbers: list[int], least: int) -> None:
    votes = np.array(numbers, np.uint8)
    where = np.empty(len(votes), np.int32)
    found = where[: _busy(votes, least, where)]
    both = votes[:-1].astype(int) + votes[1:]
    assert found.tolist() == np.flatnonzero(both >= least).tolist()


def beyond(votes: Votes, place: int, end: int | None = None) -> float:
    where, begin = np.array([place], np.int32), np.array([0])
    return float(_beyond_those_around(votes, where, begin, np.array([end or len(votes)]))[0])


def test_as_many_votes_say_less_where_many_are_usual() -> None:
    quiet, busy = np.zeros(300, np.uint8), np.full(300, 4, np.uint8)
    quiet[150] = busy[150] = 20
    assert beyond(quiet, 150) == pytest.approx(20.0)
    assert beyond(busy, 150) == pytest.approx((24 - 8) / 3)
    assert beyond(busy, 149) == beyond(busy, 150)
    # What lies beyond the end of the track is not around it.
    quiet[160:] = 100
    assert beyond(quiet, 150, end=160) == pytest.approx(20.0)
    assert beyond(quiet, 150) < 5
