"""Turns of loops, with ends to the hundredth of a second, the short ones too."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, TREATMENTS, Clip, make_clip, synthetic_music
from engine.stages.track_search import Find, Track, TrackSearch
from engine.types import Audio, Samples


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


def test_a_track_that_plays_on_has_one_turn(store: ArtifactStore) -> None:
    track = synthetic_music(30, 5, by_machine=True)
    (find,) = found(store, track[:, : 24 * SAMPLE_RATE_HZ], track)
    assert (find.placement.mix_start_s, find.placement.mix_end_s) == (0.0, 24.0)
