"""A track that is known by name is found at whatever speed it plays, and not where it is not."""

from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import CancelledError
from engine.stages.known_bgm import KnownBgmRequest, remove_known_bgm
from engine.stages.speed_search import as_played
from engine.stages.track_search import Track
from engine.types import Audio, AudioRef, Samples
from tests.helpers.library import SMALL_RATE_HZ, faster, melody
from tests.helpers.media import noise

RATE_HZ = SMALL_RATE_HZ
FILM = melody(26, seed=1)
SONG, OTHER = melody(16, seed=2), melody(14, seed=3)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path)


def with_music(*laid: tuple[float, float, Samples]) -> Samples:
    """The film's own sound with music from some times on, at some levels in dB."""
    mix = FILM.copy()
    for start_s, level_db, music in laid:
        first = round(start_s * RATE_HZ)
        level = np.float32(10 ** (level_db / 20))
        mix[:, first : first + music.shape[1]] += level * music[:, : mix.shape[1] - first]
    return mix


def put(store: ArtifactStore, name: str, sound: Samples) -> AudioRef:
    return store.put(name, Audio(sound, RATE_HZ))


def named(store: ArtifactStore, name: str, sound: Samples) -> Track:
    return Track(Path(f"/music/{name}.flac"), put(store, name, sound))


@pytest.mark.parametrize(("speed", "level_db"), [(0.94, 12), (25 / 24, -20), (1.013, -6)])
def test_the_speed_is_found(store: ArtifactStore, speed: float, level_db: float) -> None:
    mix = put(store, "mix", with_music((9, level_db, faster(SONG, speed))))
    (track,) = as_played(mix, (named(store, "song", SONG),), store, PlainContext())
    assert track.speed == pytest.approx(speed, abs=1.1e-4)
    assert track.proved is not None
    assert track.proved.end_s > 9
    (match,) = remove_known_bgm(KnownBgmRequest(mix, (track,)), store, PlainContext()).matches
    assert match.speed == pytest.approx(speed, abs=2e-5)
    assert match.video_start_s == pytest.approx(9, abs=1)


def test_each_track_has_its_own(store: ArtifactStore) -> None:
    laid = (0, 0, faster(SONG, 1.03)[:, : 12 * RATE_HZ]), (13, 0, faster(OTHER, 0.97))
    mix = put(store, "mix", with_music(*laid))
    tracks = named(store, "other", OTHER), named(store, "song", SONG)
    played = as_played(mix, tracks, store, PlainContext())
    assert [track.path for track in played] == [track.path for track in tracks]
    assert [track.speed for track in played] == pytest.approx([0.97, 1.03], abs=1.1e-4)


@pytest.mark.long
def test_what_plays_as_it_is_or_is_not_there_stays(store: ArtifactStore) -> None:
    mix = put(store, "mix", with_music((3, 0, SONG)))
    tracks = named(store, "song", SONG), named(store, "other", OTHER)
    assert as_played(mix, tracks, store, PlainContext()) == tracks


@pytest.mark.long
def test_an_equal_question_costs_nothing(store: ArtifactStore) -> None:
    mix = put(store, "mix", with_music((3, 0, faster(SONG, 0.97))))
    tracks = named(store, "song", SONG), named(store, "other", OTHER)
    played = as_played(mix, tracks, store, PlainContext())
    # Whoever would do any work checks in.
    context = PlainContext(is_cancelled=lambda: True)
    assert as_played(mix, tracks, store, context) == played
    with pytest.raises(CancelledError):
        as_played(mix, (named(store, "third", melody(5, seed=8)),), store, context)


@pytest.mark.parametrize("num_samples", [0, 100, 5000])
def test_hardly_any_sound(store: ArtifactStore, num_samples: int) -> None:
    short = named(store, "short", SONG[:, :num_samples])
    mix = put(store, "mix", FILM)
    assert as_played(mix, (short,), store, PlainContext()) == (short,)
    song = named(store, "song", SONG)
    assert as_played(short.audio, (song,), store, PlainContext()) == (song,)


@pytest.mark.long
def test_silence_and_noise(store: ArtifactStore) -> None:
    tracks = (
        named(store, "silence", np.zeros_like(SONG)),
        named(store, "noise", noise(10, RATE_HZ, 1)),
    )
    assert as_played(put(store, "mix", FILM), tracks, store, PlainContext()) == tracks
