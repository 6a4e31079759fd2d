"""Of a folder only the music that lies over the film is found, in no more room than the cache."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.dsp.landmarks import FRAME_S, Landmarks
from engine.errors import CancelledError, InputNotFoundError
from engine.library.database import Database
from engine.library.indexing import add_folder
from engine.library.lookup import Attempt, Candidate, Lookup
from engine.stages.decode import decode
from engine.stages.library import LibrarySearch, search_entries, search_library
from engine.types import Audio, AudioRef, Region, Samples
from tests.helpers.library import SMALL_RATE_HZ, faster, melody, write_sound
from tests.helpers.media import make_video, noise

RATE_HZ = SMALL_RATE_HZ
SECONDS = 12.0
SONG, OTHER = melody(24, seed=2), melody(24, seed=3)
FILM = melody(20, seed=1) + 0.02 * noise(20, RATE_HZ, 1)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "cache")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "list") as database:
        yield database


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with the track, another one, and a subfolder."""
    folder = tmp_path / "library"
    write_sound(folder / "other.flac", OTHER, RATE_HZ)
    write_sound(folder / "more" / "song.flac", SONG, RATE_HZ)
    return folder


def cut(samples: Samples, start_s: float, length_s: float) -> Samples:
    first = round(start_s * RATE_HZ)
    return samples[:, first : first + round(length_s * RATE_HZ)]


def mix_of(*sounds: Samples) -> Samples:
    """All together, as long as the shortest."""
    shortest = min(sound.shape[1] for sound in sounds)
    return np.asarray(sum(sound[:, :shortest] for sound in sounds), np.float32)


@pytest.fixture
def mix(store: ArtifactStore) -> AudioRef:
    """The film's own sound with the track under it."""
    return store.put("mix", Audio(mix_of(FILM, 0.5 * cut(SONG, 3, SECONDS)), RATE_HZ))


class Finder:
    """Looks sounds up in the library."""

    def __init__(self, library: Path, database: Database, store: ArtifactStore) -> None:
        self.library, self.database, self.store = library, database, store

    def __call__(self, mix: Samples | AudioRef) -> LibrarySearch:
        if not isinstance(mix, AudioRef):
            mix = self.store.put(f"mix{id(mix)}", Audio(mix, RATE_HZ))
        return search_library((self.library,), mix, self.database, self.store, PlainContext())


@pytest.fixture
def find(library: Path, database: Database, store: ArtifactStore) -> Finder:
    return Finder(library, database, store)


def names(found: LibrarySearch) -> list[str]:
    return [track.path.name for track in found.tracks]


def test_the_track_is_found_in_a_subfolder(find: Finder, mix: AudioRef) -> None:
    found = find(mix)
    assert names(found) == ["song.flac"]
    assert found.tracks[0].path == find.library / "more" / "song.flac"
    assert found.tracks[0].speed == 1.0
    assert list(found.warnings()) == []


def test_other_music_is_not_found(find: Finder) -> None:
    found = find(mix_of(FILM, melody(20, seed=4)))
    assert (found.tracks, found.stretched) == ((), ())


def test_in_another_folder_nothing_is_looked_for(
    tmp_path: Path, find: Finder, mix: AudioRef
) -> None:
    assert names(find(mix)) == ["song.flac"]
    (tmp_path / "empty").mkdir()
    find.library = tmp_path / "empty"
    assert names(find(mix)) == []
    find.library = tmp_path / "library" / "more"
    assert names(find(mix)) == ["song.flac"]


def test_the_mix_itself_is_neither_found_nor_taken_for_a_changed_track(find: Finder) -> None:
    mix = decode(find.library / "more" / "song.flac", find.store, PlainContext()).mix
    found = find(mix)
    assert (names(found), found.stretched) == ([], ())
    assert list(found.warnings()) == ["song.flac is the sound of the video itself"]


def test_several_folders(
    tmp_path: Path, library: Path, database: Database, store: ArtifactStore, mix: AudioRef
) -> None:
    (tmp_path / "empty").mkdir()
    folders = (tmp_path / "empty", library, library / "more")
    assert names(search_library(folders, mix, database, store, PlainContext())) == ["song.flac"]


@pytest.mark.parametrize("length_s", [20.0, 24.0])
def test_one_track_after_the_other(find: Finder, length_s: float) -> None:
    half_s = length_s / 2
    both = np.concatenate((cut(SONG, 3, half_s), cut(OTHER, 8, half_s)), axis=1)
    found = find(mix_of(melody(24, seed=1), both))
    assert sorted(names(found)) == ["other.flac", "song.flac"]


def test_copies_of_a_known_track_hide_no_other(find: Finder) -> None:
    for number in range(4):
        write_sound(find.library / f"copy {number}.flac", SONG, RATE_HZ)
    both = np.concatenate((cut(SONG, 3, 11), np.float32(0.5) * cut(OTHER, 8, 9)), axis=1)
    found = names(find(mix_of(np.float32(0.5) * FILM, both)))
    assert len(found) == 2
    assert "other.flac" in found


def test_a_track_at_another_speed(find: Finder) -> None:
    played = find(mix_of(FILM, faster(SONG, 1.047)))
    assert names(played) == ["song.flac"]
    assert played.tracks[0].speed == pytest.approx(1.047, abs=3e-4)


@pytest.mark.parametrize(
    ("tempo", "pitch", "words"),
    [
        (1.05, 1.0, "song.flac seems to sound in it with its tempo changed by +5%"),
        (1.0, 0.95, "song.flac seems to sound in it with its pitch changed by -5%"),
    ],
)
def test_a_track_that_can_only_be_recognised(
    find: Finder, tempo: float, pitch: float, words: str
) -> None:
    found = find(mix_of(np.float32(0.3) * FILM, melody(24, 2, tempo, pitch)))
    assert found.tracks == ()
    (warning,) = found.warnings()
    assert words in warning
    assert "nor taken out" in warning


def test_the_film_and_what_was_made_of_it_are_no_tracks(
    tmp_path: Path, find: Finder, mix: AudioRef
) -> None:
    sound = find.store.map(mix)
    make_video(find.library / "film.mkv", SECONDS, sound, RATE_HZ)
    for name in ("film.restored.flac", "sound.flac"):
        make_video(find.library / name, 0, sound, RATE_HZ, codec="flac")
    of_sound = decode(find.library / "sound.flac", find.store, PlainContext()).mix
    assert names(find(of_sound)) == ["song.flac"]


def test_a_library_may_be_larger_than_the_cache(
    tmp_path: Path, library: Path, database: Database
) -> None:
    quota_bytes = 2_500_000  # the film and one track
    store = ArtifactStore(tmp_path / "small", quota_bytes)
    for seed in range(20, 25):
        write_sound(library / f"{seed}.flac", melody(10, seed=seed), RATE_HZ)
    mix = store.put("mix", Audio(mix_of(FILM, 0.5 * cut(SONG, 3, SECONDS)), RATE_HZ))
    assert names(Finder(library, database, store)(mix)) == ["song.flac"]
    assert sum(path.stat().st_size for path in store.root.iterdir()) <= quota_bytes
    assert store.find(mix.key) is not None


def test_what_is_no_music_is_passed_by(find: Finder, mix: AudioRef) -> None:
    (find.library / "notes.txt").write_text("no music")
    for number in range(5):
        (find.library / f"broken {number}.mp3").write_text("no music")
    found = find(mix)
    assert names(found) == ["song.flac"]
    (warning,) = found.warnings()
    assert warning.endswith("broken 0.mp3, broken 1.mp3, broken 2.mp3 and 2 more")


def test_a_track_whose_file_is_gone_is_still_named(find: Finder) -> None:
    assert names(find(FILM)) == []
    (find.library / "more" / "song.flac").unlink()
    found = find(mix_of(FILM, SONG))
    assert found.tracks == ()
    assert list(found.warnings()) == ["recognised, but the file is gone: song.flac"]


def test_a_lost_track_hides_no_other_of_its_name(find: Finder) -> None:
    (find.library / "other.flac").rename(find.library / "song.flac")
    assert names(find(FILM)) == []
    (find.library / "more" / "song.flac").unlink()
    both = np.concatenate((SONG, OTHER), axis=1)
    found = find(mix_of(melody(48, seed=1), both))
    assert [track.path for track in found.tracks] == [find.library / "song.flac"]
    assert list(found.warnings()) == ["recognised, but the file is gone: song.flac"]


def test_a_lost_track_of_which_there_is_a_copy_is_not_lost(find: Finder) -> None:
    song = find.library / "more" / "song.flac"
    copies = [find.library / f"copy {number}.flac" for number in range(4)]
    for copy in copies:
        copy.write_bytes(song.read_bytes())
    assert names(find(FILM)) == []
    for gone in (song, *copies[:3]):
        gone.unlink()
    found = find(mix_of(FILM, SONG))
    assert names(found) == ["copy 3.flac"]
    assert list(found.warnings()) == []
    copies[3].unlink()
    (warning,) = find(mix_of(FILM, SONG)).warnings()
    assert warning.count(".flac") == 1


def test_a_folder_that_was_searched_is_noted(find: Finder, mix: AudioRef) -> None:
    find(mix)
    assert find.database.folders() == ()
    assert find.database.folders(only_searched=True) == (find.library,)
    find.database.add_folder(find.library)
    find(mix)
    assert find.database.folders(only_searched=True) == ()


def test_a_lost_track_is_not_named_on_suspicion(find: Finder) -> None:
    # These two share a rhythm and some tones, and no more.
    write_sound(find.library / "alike.flac", melody(16, 0), RATE_HZ)
    assert names(find(melody(14, 0))) == []
    (find.library / "alike.flac").unlink()
    assert list(find(melody(14, 0)).warnings()) == []


def test_what_is_new_in_the_folder_is_found(find: Finder) -> None:
    third = melody(22, seed=4)
    assert names(find(mix_of(FILM, third))) == []
    write_sound(find.library / "third.flac", third, RATE_HZ)
    assert names(find(mix_of(FILM, third))) == ["third.flac"]


@pytest.mark.parametrize("num_samples", [1, 100, 5000])
def test_hardly_any_mix(find: Finder, num_samples: int) -> None:
    assert names(find(SONG[:, :num_samples])) == []


def test_it_can_be_cancelled(find: Finder, mix: AudioRef) -> None:
    find(FILM)
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 2

    context = PlainContext(is_cancelled=cancelled)
    with pytest.raises(CancelledError):
        search_library((find.library,), mix, find.database, find.store, context)


def test_no_folder(tmp_path: Path, find: Finder, mix: AudioRef) -> None:
    find.library = tmp_path / "none"
    with pytest.raises(InputNotFoundError, match="cannot read the folder"):
        find(mix)


class ForShortStretches(Lookup):
    """Recognises nothing in more than ten seconds, as of a loop of two bars."""

    def candidates(self, stretch: Landmarks, attempt: Attempt) -> tuple[Candidate, ...]:
        """See `Lookup`."""
        if stretch.num_frames * FRAME_S > 10:
            return ()
        return super().candidates(stretch, attempt)


def test_what_only_a_part_of_a_stretch_tells_is_proved_in_all_of_it(
    find: Finder, mix: AudioRef
) -> None:
    add_folder(find.library, find.database, PlainContext())
    entries = {entry.id: entry for entry in find.database.entries()}
    lookup = ForShortStretches(find.database)
    found = search_entries(entries, lookup, mix, find.store, PlainContext())
    assert names(found) == ["song.flac"]
    assert found.tracks[0].proved == Region(0.0, SECONDS)
