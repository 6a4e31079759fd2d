"""Of a folder only the music that lies over the film is found, in no more room than the cache."""

from pathlib import Path

import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import InputNotFoundError
from engine.stages.decode import decode
from engine.stages.library import LibrarySearch, search_library
from engine.types import AudioRef
from tests.helpers.media import make_video, noise

RATE_HZ = 16_000
SECONDS = 8.0


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "cache")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with the track, another one, and a subfolder."""
    folder = tmp_path / "library"
    (folder / "more").mkdir(parents=True)
    make_video(folder / "other.flac", 0, noise(10, RATE_HZ, seed=9), RATE_HZ, codec="flac")
    make_video(folder / "more" / "song.flac", 0, noise(10, RATE_HZ, seed=2), RATE_HZ, codec="flac")
    return folder


@pytest.fixture
def film(tmp_path: Path) -> Path:
    sound = noise(SECONDS, RATE_HZ, seed=1) + 0.5 * noise(10, RATE_HZ, seed=2)[:, : 8 * RATE_HZ]
    return make_video(tmp_path / "film.mkv", SECONDS, sound, RATE_HZ)


def mix_of(film: Path, store: ArtifactStore) -> AudioRef:
    return decode(film, store, PlainContext()).mix


def names(found: LibrarySearch) -> list[str]:
    return [track.path.name for track in found.tracks]


def test_the_track_is_found_in_a_subfolder(library: Path, film: Path, store: ArtifactStore) -> None:
    found = search_library(library, mix_of(film, store), store, PlainContext())
    assert names(found) == ["song.flac"]
    assert found.unread == ()


def test_the_film_and_what_was_made_of_it_are_no_tracks(
    library: Path, film: Path, store: ArtifactStore
) -> None:
    (library / "film.mkv").write_bytes(film.read_bytes())
    for name in ("film.restored.flac", "sound.flac"):
        sound = store.map(mix_of(film, store))
        make_video(library / name, 0, sound, RATE_HZ, codec="flac")
    of_sound = mix_of(library / "sound.flac", store)
    assert names(search_library(library, of_sound, store, PlainContext())) == ["song.flac"]


def test_a_library_may_be_larger_than_the_cache(tmp_path: Path, library: Path, film: Path) -> None:
    quota_bytes = 2_500_000  # the film and one track
    store = ArtifactStore(tmp_path / "small", quota_bytes)
    for seed in range(20, 25):
        path = library / f"{seed}.flac"
        make_video(path, 0, noise(10, RATE_HZ, seed=seed), RATE_HZ, codec="flac")
    mix = mix_of(film, store)
    found = search_library(library, mix, store, PlainContext())
    assert names(found) == ["song.flac"]
    assert sum(path.stat().st_size for path in store.root.iterdir()) <= quota_bytes
    assert store.find(mix.key) is not None


def test_what_is_no_music_is_passed_by(library: Path, film: Path, store: ArtifactStore) -> None:
    (library / "notes.txt").write_text("no music")
    (library / "broken.mp3").write_text("no music")
    found = search_library(library, mix_of(film, store), store, PlainContext())
    assert found.unread == ("broken.mp3",)


def test_no_folder(tmp_path: Path, film: Path, store: ArtifactStore) -> None:
    with pytest.raises(InputNotFoundError, match="no folder"):
        search_library(tmp_path / "none", mix_of(film, store), store, PlainContext())
