"""Which passage of a track sounds when: never two at once, and in a loop each turn of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.align import Placement
from engine.dsp.correlate import SEARCH_RATE_HZ, search_signal
from engine.dsp.passages import Passage, Passages
from engine.types import Samples
from tests.helpers.loops import BAR_S, film, looped, song

RATE_HZ = 16_000


def noise(seconds: float, seed: int) -> Samples:
    samples = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * RATE_HZ)))
    return np.asarray(samples, np.float32)


def placements(mix: Samples, track: Samples) -> tuple[Placement, ...]:
    heard, known = (search_signal([s], s.shape[1], RATE_HZ) for s in (mix, track))
    return tuple(passage.placement for passage in Passages(heard, known).now())


def in_order(found: list[Passage]) -> list[Passage]:
    return sorted(found, key=lambda passage: passage.first_cell)


def begins_s(found: list[Passage]) -> list[float]:
    """When the track itself would have begun, passage by passage."""
    placements = (passage.placement for passage in in_order(found))
    return [placement.mix_start_s - placement.track_start_s for placement in placements]


def test_each_turn_of_a_loop_of_whole_bars_is_a_passage() -> None:
    track = song(60, 0)
    mix = looped(track, 8, 4 * BAR_S, 40) + film(40)
    found = Passages(mix, track).now()
    assert begins_s(found) == pytest.approx([-8, 0, 8, 16, 24], abs=0.001)
    joints = [passage.first_cell / 4 for passage in in_order(found)]
    assert joints == pytest.approx([0, 8, 16, 24, 32], abs=0.5)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 5), st.integers(2, 8), st.floats(0.5, 2), st.integers(0, 1000))
def test_no_two_passages_overlap(start_bar: int, bars: int, level: float, seed: int) -> None:
    track = song(45, seed)
    mix = looped(track, start_bar * BAR_S, bars * BAR_S, 30) + film(30, level)
    found = in_order(Passages(mix, track).now())
    assert found
    for passage, following in pairwise(found):
        assert passage.end_cell <= following.first_cell
        assert passage.placement.mix_end_s <= following.placement.mix_start_s


def test_what_is_dropped_is_left_to_others() -> None:
    track = song(40, 0)
    mix = looped(track, 8, 4 * BAR_S, 24) + film(24, 0.3)
    passages = Passages(mix, track)
    middle = in_order(passages.now())[1]
    passages.drop(middle)
    assert not any(passage.is_mostly(middle) for passage in passages.now())
    # Its drums are those of other bars, too.
    assert any(
        passage.first_cell < middle.end_cell and passage.end_cell > middle.first_cell
        for passage in passages.now()
    )


def test_in_the_end_nothing_is_left_to_drop() -> None:
    track = song(30, 0)
    passages = Passages(looped(track, 8, 8, 24) + film(24), track)
    dropped = 0
    while found := passages.now():
        passages.drop(found[0])
        dropped += 1
    assert 3 <= dropped < 60


@pytest.mark.parametrize("begin_s", [0.0, 123.0])
@pytest.mark.parametrize("loop_first", [True, False], ids=["after the last", "before the first"])
def test_a_turn_too_short_to_be_found_is_found_when_it_is_expected(
    loop_first: bool, begin_s: float
) -> None:
    track = song(40, 0)
    sound = looped(track, 8, 8, 24)
    short_s = 0.75
    short = round(short_s * SEARCH_RATE_HZ)
    loop = track[8 * SEARCH_RATE_HZ : 16 * SEARCH_RATE_HZ]
    sound = np.concatenate([sound, loop[:short]] if loop_first else [loop[-short:], sound])
    passages = Passages(sound + film(24 + short_s, 0.5), track, begin_s=begin_s)
    turns = in_order(passages.now())
    assert len(turns) == 3
    beside, last = turns[-2:] if loop_first else turns[1::-1]
    found = passages.another_turn(beside, last)
    assert found is not None
    assert found.end_cell - found.first_cell == 3
    start_s = found.placement.mix_start_s - found.placement.track_start_s
    expected_s = 16.0 if loop_first else -16 + short_s
    assert start_s == pytest.approx(begin_s + expected_s, abs=0.01)


def test_a_last_turn_so_faint_that_nobody_would_look_for_it_is_found_when_it_is_expected() -> None:
    track = song(40, 0)
    faint = np.float32(0.15) * track[8 * SEARCH_RATE_HZ : 10 * SEARCH_RATE_HZ]
    sound = np.concatenate([looped(track, 8, 8, 24), faint])
    passages = Passages(sound + film(26, 0.5), track)
    turns = in_order(passages.now())
    assert len(turns) == 3
    found = passages.another_turn(turns[-2], turns[-1])
    assert found is not None
    assert found.is_short
    assert found.placement.track_time_s(24.5) == pytest.approx(8.5, abs=0.01)


def test_no_turn_is_expected_in_vain() -> None:
    track = song(60, 0)
    # The loop is left after two turns, and the track goes on.
    sound = np.concatenate([looped(track, 8, 8, 16), track[16 * SEARCH_RATE_HZ :][:60_000]])
    passages = Passages(sound + film(26, 0.5), track)
    first, second = in_order(passages.now())[:2]
    assert passages.another_turn(first, second) is None


@pytest.mark.parametrize("begin_s", [0.0, 123.0])
@pytest.mark.parametrize("sign", [1, -1], ids=["as it is", "turned over"])
def test_a_joint_is_found_within_some_hundredths_of_a_second(begin_s: float, sign: int) -> None:
    track = song(40, 0)
    first_s = 7.9  # no quarter of a second
    sound = np.concatenate([looped(track, 8, first_s, first_s), looped(track, 8, 8, 16)])
    passages = Passages(np.float32(sign) * sound + film(16 + first_s), track, begin_s=begin_s)
    before, after = (passage.placement for passage in in_order(passages.now())[:2])
    assert before.mix_start_s == pytest.approx(begin_s, abs=0.3)
    assert passages.joint_s(before, after) == pytest.approx(begin_s + first_s, abs=0.05)


def test_the_ends_are_where_it_gets_quiet() -> None:
    track = song(40, 0)
    mix = film(30)
    mix[6 * SEARCH_RATE_HZ : 18 * SEARCH_RATE_HZ] += track[: 12 * SEARCH_RATE_HZ]
    (passage,) = Passages(mix, track).now()
    assert passage.placement.mix_start_s == pytest.approx(6, abs=0.3)
    assert passage.placement.mix_end_s == pytest.approx(18, abs=0.3)


def test_noise_beside_a_faded_beginning_is_left_out() -> None:
    track = song(40, 0, drums=0)
    rise = np.clip(np.arange(12 * SEARCH_RATE_HZ) / (3 * SEARCH_RATE_HZ), 0, 1)
    mix = film(24)
    mix[8 * SEARCH_RATE_HZ : 20 * SEARCH_RATE_HZ] += (3 * rise * track[: len(rise)]).astype("f4")
    (passage,) = Passages(mix, track).now()
    assert passage.placement.mix_start_s == pytest.approx(8.75, abs=0.75)


def test_a_pause_within_one_line_is_part_of_it() -> None:
    track = song(40, 0)
    mix = film(24)
    mix[: 9 * SEARCH_RATE_HZ] += track[: 9 * SEARCH_RATE_HZ]
    mix[13 * SEARCH_RATE_HZ :] += track[13 * SEARCH_RATE_HZ : 24 * SEARCH_RATE_HZ]
    (passage,) = Passages(mix, track).now()
    assert (passage.first_cell, passage.end_cell) == (0, 96)


def test_a_track_that_begins_within_the_mix() -> None:
    track, mix = noise(12, 0), noise(20, 1)
    mix[:, 5 * RATE_HZ : 13 * RATE_HZ] += track[:, : 8 * RATE_HZ]
    best = placements(mix, track)[0]
    assert best.mix_start_s == pytest.approx(5, abs=0.5)
    assert best.mix_end_s == pytest.approx(13, abs=0.5)
    assert best.track_time_s(5.0) == pytest.approx(0, abs=1e-3)


def test_a_looped_track_gives_a_placement_a_turn() -> None:
    loop = noise(10, 0)
    mix = np.tile(loop, 3) + noise(30, 1)
    starts = sorted(round(p.mix_start_s - p.track_start_s) for p in placements(mix, loop))
    assert starts == [0, 10, 20]


def test_a_track_that_is_not_there_is_not_found() -> None:
    mix = noise(20, 0)
    assert not any(placements(mix, noise(30, seed)) for seed in range(1, 12))


@pytest.mark.parametrize("length", [0, 1, 100, RATE_HZ // 20])
def test_too_short_for_anything(length: int) -> None:
    assert placements(noise(1, 0)[:, :length], noise(5, 1)) == ()
    assert placements(noise(5, 0), noise(1, 1)[:, :length]) == ()


def test_silence_matches_nothing() -> None:
    silence = np.zeros((2, 10 * RATE_HZ), np.float32)
    assert placements(silence, noise(10, 0)) == ()
    assert placements(noise(10, 0), silence) == ()
    assert placements(silence, silence) == ()
