"""Finds are followed through the mix: turns of one loop together, everything else apart."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.align import Placement
from engine.dsp.metrics import sdr_db
from engine.stages.following import Followed, in_turns
from engine.stages.track_search import Find, Track
from engine.types import Audio, Samples
from tests.helpers.library import SMALL_RATE_HZ, melody
from tests.helpers.trials import SURE

RATE_HZ = SMALL_RATE_HZ


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


@pytest.fixture
def track(store: ArtifactStore) -> Track:
    return Track(Path("/music/song.flac"), store.put("song", Audio(melody(30, 1), RATE_HZ)))


def find(
    track: Track, start_s: float, end_s: float, track_start_s: float = 0.0, strength: float = 30.0
) -> Find:
    return Find(track, Placement(start_s, end_s, track_start_s, 1.0, strength, start_s), SURE)


def test_turns_that_meet_are_together_in_the_order_of_the_mix(track: Track) -> None:
    turns = [find(track, 8, 16), find(track, 0, 8), find(track, 16, 20)]
    assert in_turns(turns) == [[turns[1], turns[0], turns[2]]]


def test_what_does_not_meet_is_apart_and_the_strongest_is_first(
    store: ArtifactStore, track: Track
) -> None:
    other = Track(Path("/music/other.flac"), store.put("other", Audio(melody(30, 2), RATE_HZ)))
    first, gap, elsewhere = find(track, 0, 8), find(track, 9, 12), find(other, 8, 16, strength=50)
    assert in_turns([first, gap, elsewhere]) == [[elsewhere], [first], [gap]]


def looped(samples: Samples, start_s: float, end_s: float, turns: int) -> Samples:
    return np.tile(samples[:, round(start_s * RATE_HZ) : round(end_s * RATE_HZ)], turns)


def test_a_loop_is_fitted_as_one_and_told_turn_by_turn(store: ArtifactStore, track: Track) -> None:
    bgm = np.float32(0.5) * looped(store.map(track.audio), 3, 8, 3)
    turns = [find(track, 5.0 * turn, 5.0 * turn + 5, 3.0) for turn in range(3)]
    followed = Followed(turns, store)
    first, last = followed.within(0, bgm.shape[1], RATE_HZ)
    assert (first, last) == (0, bgm.shape[1])
    fit = followed.fit(bgm, 0, RATE_HZ, PlainContext())
    assert sdr_db(bgm, fit.bgm) > 15
    heard = dict(followed.heard())
    for turn in turns:
        part = heard[turn]
        assert part is not None
        assert part.gain_db == pytest.approx(-6, abs=0.5)
        assert part.placement.mix_start_s == pytest.approx(turn.placement.mix_start_s, abs=0.1)
        assert part.placement.mix_end_s == pytest.approx(turn.placement.mix_end_s, abs=0.1)
        match = part.match(turn)
        assert match.track_start_s == pytest.approx(3.0, abs=0.1)


def test_a_turn_that_is_not_heard_is_told_as_such(store: ArtifactStore, track: Track) -> None:
    bgm = looped(store.map(track.audio), 3, 8, 2)
    bgm[:, 5 * RATE_HZ :] = 0
    turns = [find(track, 0.0, 5.0, 3.0), find(track, 5.0, 10.0, 3.0)]
    followed = Followed(turns, store)
    followed.fit(bgm, 0, RATE_HZ, PlainContext())
    heard = dict(followed.heard())
    assert heard[turns[0]] is not None
    assert heard[turns[1]] is None


def test_what_was_never_fitted_is_not_heard(store: ArtifactStore, track: Track) -> None:
    turn = find(track, 0.0, 5.0)
    assert dict(Followed([turn], store).heard()) == {turn: None}


def test_a_moment_that_fits_before_a_pause_is_not_the_beginning(
    store: ArtifactStore, track: Track
) -> None:
    bgm = np.array(store.map(track.audio)[:, : 14 * RATE_HZ])
    for silent_s in ((0.0, 6.0), (6.2, 8.0), (12.0, 14.0)):
        bgm[:, slice(*(round(s * RATE_HZ) for s in silent_s))] = 0
    turn = find(track, 8.0, 12.0, 8.0)
    followed = Followed([turn], store)
    first, last = followed.within(0, bgm.shape[1], RATE_HZ)
    followed.fit(bgm[:, first:last], first, RATE_HZ, PlainContext())
    heard = dict(followed.heard())[turn]
    assert heard is not None
    assert heard.placement.mix_start_s == pytest.approx(8.0, abs=0.15)
    assert heard.placement.mix_end_s == pytest.approx(12.0, abs=0.15)
