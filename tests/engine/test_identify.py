"""What the user's library knows of a video, as the window asks."""

from pathlib import Path

import pytest

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.identify import identify_own
from engine.library.database import Database, library_folder
from engine.library.indexing import add_folder
from engine.types import IdentifyRequest, IdentifyResult, Samples
from tests.helpers.library import SMALL_RATE_HZ, melody
from tests.helpers.media import make_video


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


def film(folder: Path, sound: Samples) -> Path:
    return make_video(folder / "film.mkv", 14, sound, SMALL_RATE_HZ, codec="flac")


def asked(video: Path, tmp_path: Path) -> IdentifyResult:
    request = IdentifyRequest(video)
    return identify_own(request, ArtifactStore(tmp_path / "cache"), PlainContext())


def own_library(music: Path, **songs: Samples) -> None:
    for name, sound in songs.items():
        make_video(music / f"{name}.flac", 0, sound, SMALL_RATE_HZ, codec="flac")
    with Database(library_folder()) as database:
        add_folder(music, database, PlainContext())


def test_without_a_library_the_video_is_not_even_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.mp4"
    assert asked(missing, tmp_path) == IdentifyResult(missing)


def test_its_tracks_are_found(tmp_path: Path, music: Path) -> None:
    song = melody(16, 2)
    own_library(music, song=song, other=melody(16, 3))
    mix = melody(14, 1) + song[:, SMALL_RATE_HZ : 15 * SMALL_RATE_HZ]
    (match,) = asked(film(tmp_path, mix), tmp_path).matches
    assert match.track == music / "song.flac"
    assert match.track_start_s - match.video_start_s == pytest.approx(1.0, abs=0.01)


def test_a_copy_of_its_own_sound_is_not_offered(tmp_path: Path, music: Path) -> None:
    sound = melody(14, 1)
    own_library(music, rip=sound)
    found = asked(film(tmp_path, sound), tmp_path)
    assert found.matches == ()


def test_a_folder_that_has_gone_is_no_library(tmp_path: Path, music: Path) -> None:
    own_library(music, song=melody(16, 2))
    music.rename(tmp_path / "elsewhere")
    missing = tmp_path / "missing.mp4"
    warning = f"The library folder {music} is not there."
    assert asked(missing, tmp_path) == IdentifyResult(missing, warnings=(warning,))
