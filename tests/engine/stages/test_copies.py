"""Two encodings of one song are one find; songs that share something are two."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.codec import FORMATS, LossyFormat, through_codec
from engine.dsp.align import Placement
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, make_strangers, synthetic_music
from engine.stages.copies import without_copies
from engine.stages.track_search import Find, Track, TrackSearch
from engine.types import Audio, Samples
from tests.helpers.library import song

SONG = song(0)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def finds_of(store: ArtifactStore, mix: Samples, **tracks: Samples) -> list[Find]:
    """Where the tracks are found, all of them somewhere."""
    search = TrackSearch(store.put("mix", Audio(mix, SAMPLE_RATE_HZ)), store, PlainContext())
    finds: list[Find] = []
    for name, sound in tracks.items():
        found = search.find(Track(Path(name), store.put(name, Audio(sound, SAMPLE_RATE_HZ))))
        assert found
        finds += found
    return finds


def names(finds: list[Find]) -> set[str]:
    return {find.track.path.name for find in finds}


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.codec)
def test_an_encoding_is_a_copy(store: ArtifactStore, format_: LossyFormat) -> None:
    late = np.pad(through_codec(SONG, format_, 64), ((0, 0), (1105, 0)))
    mix = SONG + np.float32(0.5) * song(1)
    finds = finds_of(store, mix, song=SONG, encoded=late, other=song(1))
    assert names(finds) == {"song", "encoded", "other"}
    kept = without_copies(finds, store)
    assert len(kept) == 2
    assert "other" in names(kept)


def test_a_longer_version_stays(store: ArtifactStore) -> None:
    short = SONG[:, 4 * SAMPLE_RATE_HZ : 12 * SAMPLE_RATE_HZ]
    finds = finds_of(store, SONG + 0.5 * song(1), short=short, long=SONG)
    assert names(without_copies(finds, store)) == {"long"}


def test_the_same_song_at_two_places_is_found_at_both(store: ArtifactStore) -> None:
    mix = np.concatenate((SONG, song(1)[:, : 3 * SAMPLE_RATE_HZ], SONG), axis=1)
    copy = SONG + np.float32(1e-3) * song(1)
    kept = without_copies(finds_of(store, mix, song=SONG, copy=copy), store)
    starts_s = sorted(round(find.placement.mix_start_s) for find in kept)
    assert starts_s == [0, 23]


@pytest.mark.parametrize("drums_db", [0.0, 10.0])
def test_other_songs_over_the_same_drums_are_no_copies(
    store: ArtifactStore, drums_db: float
) -> None:
    film, track = make_strangers(12.0, drums_db, 3)
    start_s = 4.0
    search = TrackSearch(store.put("mix", Audio(film, SAMPLE_RATE_HZ)), store, PlainContext())
    (trial,) = search.find(Track(Path("film"), store.put("film", Audio(film, SAMPLE_RATE_HZ))))
    other = Track(Path("track"), store.put("track", Audio(track, SAMPLE_RATE_HZ)))
    placement = Placement(0.0, 12.0, start_s, 1.0, 20.0, 6.0)
    assert len(without_copies([trial, Find(other, placement, trial.trial)], store)) == 2


def test_a_song_and_its_backing_are_two(store: ArtifactStore) -> None:
    voice = synthetic_music(20.0, 99)
    sung = SONG.copy()
    sung[:, 10 * SAMPLE_RATE_HZ :] += voice[:, : SONG.shape[1] - 10 * SAMPLE_RATE_HZ]
    finds = finds_of(store, sung, sung=sung, backing=SONG)
    assert len(without_copies(finds, store)) == 2
