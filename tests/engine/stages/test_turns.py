"""Turns of loops, with ends to the hundredth of a second, the short ones too."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.align import Placement
from engine.dsp.passages import Passage, Passages
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, TREATMENTS, Clip, make_clip, synthetic_music
from engine.stages.track_search import Find, Track, TrackSearch
from engine.stages.turns import Turn, find_turns
from engine.types import Audio, Samples
from tests.helpers.loops import film, looped, song
from tests.helpers.trials import SURE


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip(30.0, TREATMENTS["looped by bars"], 12)


def found(store: ArtifactStore, mix: Samples, track: Samples) -> list[Find]:
    """Finds of a track in a mix, in its order."""
    mix_ref, track_ref = (
        store.put(name, Audio(samples, SAMPLE_RATE_HZ))
        for name, samples in (("mix", mix), ("track", track))
    )
    search = TrackSearch(mix_ref, store, PlainContext())
    finds = search.find(Track(Path("song.flac"), track_ref))
    return sorted(finds, key=lambda find: find.placement.mix_start_s)


def test_turns_follow_each_other_without_a_break(store: ArtifactStore, clip: Clip) -> None:
    finds = found(store, clip.mix, clip.track)
    assert len(finds) >= 3
    ends = [find.placement.mix_end_s for find in finds[:-1]]
    begins = [find.placement.mix_start_s for find in finds[1:]]
    assert ends == begins
    lengths = np.diff([0.0, *begins])
    assert lengths == pytest.approx(lengths.mean(), abs=0.1)


def test_every_turn_begins_at_the_same_place_of_the_track(store: ArtifactStore, clip: Clip) -> None:
    starts = [find.placement.track_start_s for find in found(store, clip.mix, clip.track)]
    assert starts == pytest.approx([clip.track_start / SAMPLE_RATE_HZ] * len(starts), abs=0.1)


def test_a_last_turn_of_less_than_a_second_is_found(store: ArtifactStore, clip: Clip) -> None:
    whole = found(store, clip.mix, clip.track)
    end = round((whole[-1].placement.mix_start_s + 0.8) * SAMPLE_RATE_HZ)
    again = found(ArtifactStore(store.root / "shorter"), clip.mix[:, :end], clip.track)
    assert len(again) == len(whole)
    assert again[-1].placement.mix_start_s == pytest.approx(
        whole[-1].placement.mix_start_s, abs=0.1
    )


def test_the_stroke_behind_the_end_of_a_turn_is_not_missed(store: ArtifactStore) -> None:
    track = synthetic_music(16, 3, by_machine=True)
    two_bars = 259_973  # samples of eight beats, with the ninth the next stroke begins
    loop = track[:, two_bars : 2 * two_bars - 300]
    pause = np.zeros((2, 2 * SAMPLE_RATE_HZ), np.float32)
    laid = np.concatenate([pause, loop] * 4 + [pause], axis=1)
    own = synthetic_music(laid.shape[1] / SAMPLE_RATE_HZ, 93)
    finds = found(store, laid + np.float32(0.3) * own, track)
    assert [find.trial.evenness.usual for find in finds] == pytest.approx([1.0] * 4, abs=0.05)


def test_a_track_that_plays_on_has_one_turn(store: ArtifactStore) -> None:
    track = synthetic_music(30, 5, by_machine=True)
    (find,) = found(store, track[:, : 24 * SAMPLE_RATE_HZ], track)
    assert (find.placement.mix_start_s, find.placement.mix_end_s) == (0.0, 24.0)


def test_a_path_is_followed_a_few_times_however_many_turns_there_are() -> None:
    track = song(30, 0)
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1

    passages = Passages(looped(track, 8, 4, 120) + film(120, 0.5), track, check)
    before = calls
    turns = find_turns(passages, lambda passage: Turn(passage, passage.placement, SURE), 6)
    assert len(turns) == 30
    assert calls - before < 20


class Told(Passages):
    """Turns that are told, and a short one behind the last."""

    def __init__(self, turns: list[Passage], short: Passage) -> None:
        self._turns, self._short = turns, short

    def now(self) -> list[Passage]:
        """What is told."""
        return self._turns

    def another_turn(self, beside: Passage, outermost: Passage) -> Passage | None:
        """The short one, behind the last."""
        if beside.first_cell > outermost.first_cell:
            return None
        self._turns = [*self._turns, self._short]
        return self._short

    def joint_s(self, before: Placement, after: Placement) -> float:
        """Where the next one begins."""
        return after.mix_start_s


def test_clocks_of_two_turns_tell_the_jump_where_they_meet() -> None:
    # An hour into the film; of one turn a drift could be measured, of the other not.
    first, second, short = (
        Passage(Placement(start_s, start_s + 8, 30.0, speed, 30.0, start_s), line, cell, cell + n)
        for line, (start_s, speed, cell, n) in enumerate(
            [(3600.0, 1.0, 14_400, 32), (3608.0, 1.00002, 14_432, 32), (3616.0, 1.0, 14_464, 4)]
        )
    )
    told = Told([first, second], short)
    turns = find_turns(told, lambda passage: Turn(passage, passage.placement, SURE), 6)
    assert turns[-1].placement.mix_start_s == 3616.0
    assert turns[-1].placement.track_start_s == pytest.approx(30.0, abs=0.001)
