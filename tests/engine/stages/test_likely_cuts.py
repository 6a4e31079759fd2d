"""Which turns of a track an editor may have cut, and which another song only seems to have."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dsp.align import Placement
from engine.dsp.consistency import Consistency
from engine.dsp.subtract import Trial
from engine.stages.likely_cuts import likely_turns, named_turns
from tests.helpers.trials import SURE

FILM_S = 30.0


@dataclass(frozen=True)
class Played:
    """A turn that stood its trial."""

    placement: Placement
    trial: Trial = SURE


def turn(start_s: float, end_s: float, track_s: float, trial: Trial = SURE) -> Played:
    return Played(Placement(start_s, end_s, track_s, 1.0, 30.0, start_s), trial)


UNCLEAR = replace(SURE, consistency=Consistency(60, 0.7))
CUTS = [turn(0, 3, 20), turn(3, 5, 40), turn(5, 9, 11), turn(9, 14, 33), turn(14, 16, 2)]
HOPS = [replace(cut, trial=UNCLEAR) for cut in CUTS]


def test_a_track_that_hops_is_another_song() -> None:
    assert likely_turns(HOPS, FILM_S) == []


def test_an_editor_cuts_on_the_beat() -> None:
    assert likely_turns(CUTS, FILM_S) == CUTS


@pytest.mark.parametrize(
    "other",
    [
        [replace(one, trial=replace(SURE, gain=2.0**number)) for number, one in enumerate(CUTS)],
        [replace(one, placement=one.placement.later(number)) for number, one in enumerate(CUTS)],
        [*CUTS[:1], *HOPS[1:4], *CUTS[4:]],
    ],
    ids=["each louder than the last", "apart", "not all there"],
)
def test_cuts_on_the_beat_are_alike(other: list[Played]) -> None:
    assert likely_turns(other, FILM_S) == []


def test_what_is_clear_may_be_a_little_shorter() -> None:
    clear = turn(19, 24.5, 15)
    assert likely_turns([clear], FILM_S) == [clear]
    assert likely_turns([replace(clear, trial=UNCLEAR)], FILM_S) == []


def test_a_track_that_the_user_names_may_be_a_sting() -> None:
    sting = [turn(8, 11.5, 23, UNCLEAR)]
    assert likely_turns(sting, FILM_S) == []
    assert named_turns(sting, FILM_S) == sting


def test_beside_a_lasting_turn_of_a_named_track_stings_have_to_be_clear() -> None:
    lasting, clear = turn(0, 12, 10), turn(18, 21, 50)
    unclear = turn(23, 25, 2, UNCLEAR)
    assert named_turns([lasting, clear, unclear], FILM_S) == [lasting, clear]
    assert likely_turns([lasting, clear, unclear], FILM_S) == [lasting]


def test_a_track_that_goes_on_counts() -> None:
    whole = [turn(2, 12, 40)]
    assert likely_turns(whole, FILM_S) == whole


def test_an_editor_jumps() -> None:
    cuts = [turn(0, 8, 10), turn(8, 15, 40), turn(15, 30, 3)]
    assert likely_turns(cuts, FILM_S) == cuts


@pytest.mark.parametrize("pause_s", [0.0, 1.5])
def test_a_loop_counts_however_short_it_is(pause_s: float) -> None:
    each_s = 2.0 + pause_s
    loop = [turn(each_s * number, each_s * number + 2, 20.0) for number in range(5)]
    loop = [turn(0, 1, 21), *(replace_start(one, 1 + pause_s) for one in loop)]
    assert likely_turns(loop, FILM_S) == loop


def replace_start(one: Played, later_s: float) -> Played:
    return replace(one, placement=one.placement.later(later_s))


def test_what_is_masked_between_does_not_count_as_a_cut() -> None:
    parts = [turn(0, 3, 10), turn(4, 6, 14), turn(7, 9, 17)]
    assert likely_turns(parts, FILM_S) == parts


def test_far_apart_on_one_grid_is_no_going_on() -> None:
    assert likely_turns([turn(0, 3.2, 10), turn(20, 23, 30)], FILM_S) == []


def test_the_ending_of_a_track_may_be_short() -> None:
    cuts = [turn(0, 20, 10), turn(20, 23, 95)]
    assert likely_turns(cuts, FILM_S) == cuts


@pytest.mark.parametrize(
    "other",
    [
        turn(20, 23, 95, replace(SURE, gain=2.5)),
        turn(20, 23, 95, replace(SURE, consistency=Consistency(40, 0.6))),
        turn(22, 25, 95),
    ],
    ids=["louder", "not quite there", "apart"],
)
def test_a_short_turn_that_joins_nothing_is_left_out(other: Played) -> None:
    lasting = turn(0, 20, 10)
    assert likely_turns([lasting, other], FILM_S) == [lasting]


def test_half_of_a_short_film_is_enough() -> None:
    short = [turn(1, 4, 10)]
    assert likely_turns(short, 5.0) == short
    assert likely_turns(short, FILM_S) == []


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0, 2), st.floats(0, 60)), max_size=8))
def test_nothing_is_added_and_the_order_stays(cuts: list[tuple[float, float, float]]) -> None:
    turns, now_s = [], 0.0
    for length_s, pause_s, track_s in cuts:
        turns.append(turn(now_s, now_s + length_s, track_s))
        now_s += length_s + pause_s
    kept = likely_turns(turns, FILM_S)
    assert kept == [one for one in turns if one in kept]
