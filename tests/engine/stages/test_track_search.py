"""Where a track sounds in a mix: at any speed, each place once, and never wrongly."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.align import Placement
from engine.dsp.consistency import Consistency
from engine.dsp.subtract import Trial
from engine.dsp.wholeness import Wholeness
from engine.errors import CancelledError
from engine.stages.track_search import Find, Track, TrackSearch
from engine.types import Audio, AudioRef, Region, Samples
from tests.helpers.library import SMALL_RATE_HZ, faster, melody
from tests.helpers.trials import SURE

RATE_HZ = SMALL_RATE_HZ
SONG = melody(24, seed=2)
FILM = melody(30, seed=1)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def part(samples: Samples, start_s: float, length_s: float) -> Samples:
    first = round(start_s * RATE_HZ)
    return samples[:, first : first + round(length_s * RATE_HZ)]


def with_music(*laid: tuple[float, Samples]) -> Samples:
    """The film's own sound with music from some times on."""
    mix = FILM.copy()
    for start_s, music in laid:
        first = round(start_s * RATE_HZ)
        mix[:, first : first + music.shape[1]] += music[:, : mix.shape[1] - first]
    return mix


def search(store: ArtifactStore, mix: Samples, context: PlainContext | None = None) -> TrackSearch:
    ref = store.put(f"mix{mix.shape}{float(np.abs(mix).sum()):.6f}", Audio(mix, RATE_HZ))
    return TrackSearch(ref, store, context or PlainContext())


def track(store: ArtifactStore, speed: float = 1.0, samples: Samples = SONG) -> Track:
    return Track(Path("/music/song.flac"), store.put("song", Audio(samples, RATE_HZ)), speed)


def starts_s(finds: list[Find]) -> list[tuple[float, float]]:
    """Start in the mix and in the track, by time."""
    found = [(find.placement.mix_start_s, find.placement.track_start_s) for find in finds]
    return sorted(found)


def test_every_place_is_found_once(store: ArtifactStore) -> None:
    mix = with_music((2, part(SONG, 5, 8)), (16, part(SONG, 11, 9)))
    finds = search(store, mix).find(track(store))
    assert len(finds) == 2
    for (mix_s, track_s), late_s in zip(starts_s(finds), (-3, 5), strict=True):
        assert mix_s - track_s == pytest.approx(late_s, abs=1e-3)
    assert all(find.is_convincing and 0.5 < find.confidence <= 1 for find in finds)


@pytest.mark.parametrize("speed", [25 / 24, 0.94])
def test_a_track_at_another_speed_needs_that_speed(store: ArtifactStore, speed: float) -> None:
    mix = with_music((3, faster(SONG, speed)))
    looking = search(store, mix)
    assert looking.find(track(store)) == []
    (find,) = looking.find(track(store, speed))
    played = track(store, speed)
    assert find.placement.speed * played.stretch == pytest.approx(speed, abs=2e-5)
    assert played.rate_hz == round(RATE_HZ * speed)
    at_s = find.placement.track_time_s(3.0) * played.stretch
    assert at_s == pytest.approx(0, abs=2e-3)


def test_the_speed_is_found_in_a_stretch(store: ArtifactStore) -> None:
    looking = search(store, with_music((3, faster(SONG, 1.03))))
    near = looking.best_speed(track(store), Region(5.0, 25.0), 2.06, (1.0288, 1.0312))
    assert near.speed == pytest.approx(1.03, abs=1.1e-4)


def test_only_within_a_stretch(store: ArtifactStore) -> None:
    looking = search(store, with_music((2, part(SONG, 5, 8)), (16, part(SONG, 11, 9))))
    (first,) = looking.find(track(store), Region(0.0, 12.0))
    (second,) = looking.find(track(store), Region(14.0, 30.0))
    assert first.placement.mix_start_s == pytest.approx(2, abs=1)
    assert second.placement.mix_start_s == pytest.approx(16, abs=1)
    assert second.placement.mix_end_s <= 30.0
    assert looking.find(track(store), Region(26.0, 30.0)) == []


@pytest.mark.parametrize("seed", [5, 6])
def test_another_track_is_not_found(store: ArtifactStore, seed: int) -> None:
    looking = search(store, with_music((3, SONG)))
    assert looking.find(track(store, samples=melody(24, seed))) == []


@pytest.mark.parametrize("limit_if_proved", [3, 40])
def test_a_proved_place_is_not_lost_to_stronger_ones_that_fail(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch, limit_if_proved: int
) -> None:
    monkeypatch.setattr("engine.stages.track_search._MAX_FAILED_TRIALS", 3)
    monkeypatch.setattr("engine.stages.track_search._MAX_FAILED_TRIALS_IF_PROVED", limit_if_proved)
    # The film plays a loop of the track, without the rest of it, seven times and more loudly.
    loop, rest = melody(4, seed=20), melody(12, seed=21)
    sound = rest.copy()
    sound[:, : loop.shape[1]] += np.float32(0.4) * loop
    played = np.float32(0.1) * part(sound, 4.5, 7.5) + melody(7.5, seed=22)
    mix = np.concatenate([loop] * 7 + [played], axis=1)
    looking, unproved = search(store, mix), track(store, samples=sound)
    region = Region(26.0, 35.5)
    assert looking.find(unproved) == []
    assert len(looking.find(unproved, region)) == 1
    (find,) = looking.find(replace(unproved, proved=region))
    assert find.placement.mix_start_s == pytest.approx(28, abs=0.5)


def test_what_nobody_hears_is_not_found(store: ArtifactStore) -> None:
    assert search(store, with_music((3, np.float32(1e-3) * SONG))).find(track(store)) == []
    assert len(search(store, with_music((3, np.float32(0.1) * SONG))).find(track(store))) == 1


def test_silence(store: ArtifactStore) -> None:
    silence = np.zeros((1, 10 * RATE_HZ), np.float32)
    assert search(store, silence).find(track(store)) == []
    assert search(store, FILM).find(track(store, samples=silence)) == []


def test_what_was_found_is_not_looked_for_again(store: ArtifactStore) -> None:
    mix = with_music((3, SONG))
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return False

    context = PlainContext(is_cancelled=cancelled)
    found = search(store, mix, context).find(track(store))
    again = search(store, mix, context)
    asked.clear()
    assert again.find(track(store)) == found
    assert asked == []
    again.find(track(store, 1.01))
    assert asked


def test_it_can_be_cancelled(store: ArtifactStore) -> None:
    looking = search(store, with_music((3, SONG)))
    looking._context = PlainContext(is_cancelled=lambda: True)
    with pytest.raises(CancelledError):
        looking.find(track(store))
    with pytest.raises(CancelledError):
        looking.best_speed(track(store), Region(5.0, 25.0), 2.0, (1.0, 1.01))


PATCHY = replace(SURE.wholeness, least=0.4)
TREBLE = replace(SURE.wholeness, lows=0.1)
COMB = replace(SURE.wholeness, least_band=0.1)


def tried(trial: Trial, *, length_s: float = 10.0, is_named: bool = False) -> Find:
    known = Track(Path("/music/song.flac"), AudioRef("song", 2, RATE_HZ, 1), is_named=is_named)
    return Find(known, Placement(0.0, length_s, 0.0, 1.0, 48.0, 1.0), trial)


@pytest.mark.parametrize("wholeness", [PATCHY, TREBLE, COMB], ids=["notes", "treble", "a note"])
def test_a_track_of_which_much_is_missing_counts_only_if_it_is_named(wholeness: Wholeness) -> None:
    trial = replace(SURE, wholeness=wholeness)
    assert not tried(trial).is_convincing
    assert tried(trial).lacks_much
    assert not tried(trial, length_s=3.0).lacks_much
    assert tried(trial, is_named=True).is_convincing


def test_many_notes_that_explain_nothing_are_another_songs() -> None:
    trial = replace(SURE, consistency=Consistency(4, 0.5))
    assert not tried(trial).is_convincing
    assert tried(trial, is_named=True).is_convincing
    few = replace(trial, wholeness=replace(SURE.wholeness, pieces=50))
    assert tried(few).is_convincing
