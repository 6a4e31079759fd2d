"""Known tracks: found, missing, or the film itself."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.artifacts import ArtifactStore
from engine.errors import BgmNotFoundError, EngineError, InputNotFoundError, LibraryError
from engine.evaluation.bgm_clips import synthetic_music
from engine.known_way import _at_once
from engine.library.database import FILE_NAME
from engine.remarks import in_words
from engine.types import BgmMatch, Method, RestoreRequest, Samples, StemName, Verdict
from tests.helpers.library import SMALL_RATE_HZ, faster, melody
from tests.helpers.media import make_video, noise
from tests.helpers.restores import RATE_HZ, answer, run, total


def test_a_known_track_is_taken_out(tmp_path: Path, store: ArtifactStore) -> None:
    ost, bgm = noise(8, RATE_HZ, seed=1), noise(12, RATE_HZ, seed=2)
    laid = 0.5 * bgm[:, RATE_HZ : 9 * RATE_HZ]
    film = make_video(tmp_path / "film.mkv", 8, ost + laid, RATE_HZ)
    track = make_video(tmp_path / "track.flac", 0, bgm, RATE_HZ, codec="flac")
    result = run(RestoreRequest(film, bgm=(track,)), store, answer(Verdict.UNSURE))
    assert result.method is Method.KNOWN_BGM
    (match,) = result.bgm
    assert match.track == track
    assert match.track_start_s - match.video_start_s == pytest.approx(1, abs=1e-3)
    left = store.map(result.stems[StemName.RESTORED]) - ost
    assert np.std(left) < 0.25 * np.std(laid)
    mix = store.map(result.stems[StemName.MIX])
    both = total(result, store, StemName.RESTORED, StemName.BGM)
    np.testing.assert_allclose(both, mix, atol=1e-6)


def test_a_track_that_plays_faster_is_found(tmp_path: Path, store: ArtifactStore) -> None:
    ost, bgm = melody(14, seed=1), melody(16, seed=2)
    laid = faster(bgm, 1.04)[:, : ost.shape[1]]
    film = make_video(tmp_path / "film.mkv", 14, ost + laid, SMALL_RATE_HZ, codec="flac")
    track = make_video(tmp_path / "track.flac", 0, bgm, SMALL_RATE_HZ, codec="flac")
    result = run(RestoreRequest(film, bgm=(track,)), store, answer(Verdict.UNSURE))
    (match,) = result.bgm
    assert match.speed == pytest.approx(1.04, abs=3e-5)
    left = store.map(result.stems[StemName.RESTORED])[:, : ost.shape[1]] - ost
    assert np.std(left) < 0.3 * np.std(laid)


def test_of_two_copies_of_a_track_one_is_taken_out(tmp_path: Path, store: ArtifactStore) -> None:
    ost, bgm = melody(14, seed=1), melody(16, seed=2)
    mix = ost + bgm[:, SMALL_RATE_HZ : 15 * SMALL_RATE_HZ]
    film = make_video(tmp_path / "film.mkv", 14, mix, SMALL_RATE_HZ, codec="flac")
    copies = tuple(
        make_video(tmp_path / name, 0, sound, SMALL_RATE_HZ, codec="flac")
        for name, sound in (("a.flac", bgm), ("b.flac", bgm + 0.005 * noise(16, SMALL_RATE_HZ, 1)))
    )
    result = run(RestoreRequest(film, bgm=copies), store, answer(Verdict.UNSURE))
    (match,) = result.bgm
    (warning,) = result.warnings
    (left_out,) = set(copies) - {match.track}
    assert warning.startswith(f"{left_out.name} sounds the same as another track")


def test_of_several_tracks_the_missing_one_is_named(tmp_path: Path, store: ArtifactStore) -> None:
    bgm = noise(8, RATE_HZ, seed=2)
    film = make_video(tmp_path / "film.mkv", 8, noise(8, RATE_HZ, seed=1) + bgm, RATE_HZ)
    tracks = {"there": bgm, "missing": noise(8, RATE_HZ, seed=3)}
    paths = tuple(
        make_video(tmp_path / f"{name}.flac", 0, sound, RATE_HZ, codec="flac")
        for name, sound in tracks.items()
    )
    result = run(RestoreRequest(film, bgm=paths), store, answer(Verdict.UNSURE))
    assert [match.track.stem for match in result.bgm] == ["there"]
    assert result.warnings == ("missing.flac was not found",)


def test_a_film_is_not_taken_out_of_itself(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    copy = tmp_path / "copy.mkv"
    copy.write_bytes(video.read_bytes())
    with pytest.raises(BgmNotFoundError, match="very sound"):
        run(RestoreRequest(video, bgm=(copy,)), store, answer(Verdict.UNSURE))


def test_a_copy_of_its_sound_in_a_library_is_left_in(tmp_path: Path, store: ArtifactStore) -> None:
    sound = synthetic_music(20, 1)
    film = make_video(tmp_path / "film.mkv", 20, sound, 44_100)
    library = tmp_path / "library"
    library.mkdir()
    make_video(library / "ripped.flac", 0, sound, 44_100, codec="flac")
    request = RestoreRequest(film, libraries=(library,))
    result = run(request, store, answer(Verdict.FIRST))
    assert result.method is Method.BLIND
    assert result.warnings[0].startswith("ripped.flac is the sound of the video itself")


def test_two_copies_of_its_sound_in_a_library_are_left_in(
    tmp_path: Path, store: ArtifactStore
) -> None:
    sound = melody(20, 1)
    film = make_video(tmp_path / "film.mkv", 20, sound, SMALL_RATE_HZ)
    library = tmp_path / "library"
    library.mkdir()
    make_video(library / "rip.flac", 0, sound, SMALL_RATE_HZ, codec="flac")
    make_video(library / "rip.mp3", 0, sound, SMALL_RATE_HZ, codec="libmp3lame")
    request = RestoreRequest(film, libraries=(library,))
    result = run(request, store, answer(Verdict.FIRST))
    assert result.method is Method.BLIND
    assert "is the sound of the video itself" in result.warnings[0]


def test_nothing_but_the_named_track(tmp_path: Path, store: ArtifactStore) -> None:
    bgm = noise(8, RATE_HZ, seed=2)
    laid = 0.5 * bgm[:, RATE_HZ : 7 * RATE_HZ]
    film = make_video(tmp_path / "film.mkv", 6, laid, RATE_HZ, codec="flac")
    track = make_video(tmp_path / "track.flac", 0, bgm, RATE_HZ, codec="flac")
    result = run(RestoreRequest(film, bgm=(track,)), store, answer(Verdict.FIRST))
    assert result.method is Method.KNOWN_BGM
    (warning,) = result.warnings
    assert warning.startswith("hardly anything else is heard in film.mkv")


def test_a_track_that_is_not_there_is_an_error(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    other = make_video(tmp_path / "other.flac", 0, noise(5, RATE_HZ, seed=9), codec="flac")
    with pytest.raises(BgmNotFoundError, match=r"other\.flac was not found in film\.mkv") as told:
        run(RestoreRequest(video, bgm=(other,)), store, answer(Verdict.FIRST))
    assert "up to 6 % slower and faster" in told.value.hint


@pytest.mark.parametrize(
    ("sound", "hint"),
    [
        (np.zeros((2, 5 * RATE_HZ), np.float32), "other.flac is silent"),
        (noise(0.5, RATE_HZ, seed=9), "other.flac is only 0.5 s long; 2 s are needed"),
    ],
    ids=["silent", "short"],
)
def test_why_a_track_cannot_be_found_is_told(
    tmp_path: Path, video: Path, store: ArtifactStore, sound: Samples, hint: str
) -> None:
    other = make_video(tmp_path / "other.flac", 0, sound, RATE_HZ, codec="flac")
    with pytest.raises(BgmNotFoundError) as told:
        run(RestoreRequest(video, bgm=(other,)), store, answer(Verdict.FIRST))
    assert told.value.hint == hint


def test_a_library_without_the_track_leads_to_the_blind_way(
    tmp_path: Path, video: Path, store: ArtifactStore
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_video(library / "other.flac", 0, noise(5, RATE_HZ, seed=9), codec="flac")
    for name in ("cover.txt", "a.mp3", "b.FLAC", "c.ogg", "d.wav", "e.wav"):
        (library / name).write_text("no music")
    request = RestoreRequest(video, libraries=(library,))
    result = run(request, store, answer(Verdict.FIRST))
    assert result.method is Method.BLIND
    left_out, blind = result.warnings
    assert left_out.endswith("could not be read as sound: a.mp3, b.FLAC, c.ogg and 2 more")
    assert "blind way" in blind


def test_a_name_that_is_no_text(tmp_path: Path, store: ArtifactStore) -> None:
    bgm = noise(8, RATE_HZ, seed=2)
    film = make_video(tmp_path / "film.mkv", 8, noise(8, RATE_HZ, seed=1) + bgm, RATE_HZ)
    track = tmp_path / os.fsdecode(b"caf\xe9.flac")
    make_video(tmp_path / "track.flac", 0, bgm, RATE_HZ, codec="flac").rename(track)
    result = run(RestoreRequest(film, bgm=(track,)), store, answer(Verdict.FIRST))
    assert [match.track for match in result.bgm] == [track]


def _damaged(library: Path, data: Path) -> type[EngineError]:
    library.mkdir()
    (data / "library").mkdir(parents=True)
    (data / "library" / FILE_NAME).write_bytes(b"something else altogether" * 100)
    return LibraryError


def _gone(library: Path, data: Path) -> type[EngineError]:
    return InputNotFoundError


def _not_writable(library: Path, data: Path) -> type[EngineError]:
    library.mkdir()
    data.mkdir()
    (data / "library").touch()
    return LibraryError


@pytest.mark.parametrize("make", [_damaged, _gone, _not_writable])
def test_only_a_library_that_was_named_has_to_be_readable(
    tmp_path: Path,
    video: Path,
    store: ArtifactStore,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path, Path], type[EngineError]],
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    error = make(tmp_path / "library", tmp_path / "data")
    named = RestoreRequest(video, libraries=(tmp_path / "library",))
    with pytest.raises(error):
        run(named, store, answer(Verdict.FIRST))
    result = run(replace(named, own_library=True), store, answer(Verdict.FIRST))
    assert result.method is Method.BLIND
    assert result.warnings[0].startswith("your library was not searched: ")


def test_an_error_that_becomes_a_warning_is_kept_in_english(
    german: None,
    tmp_path: Path,
    video: Path,
    store: ArtifactStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    gone = tmp_path / "library"
    named = RestoreRequest(video, libraries=(gone,))
    with pytest.raises(InputNotFoundError, match="ist nicht lesbar"):
        run(named, store, answer(Verdict.FIRST))
    result = run(replace(named, own_library=True), store, answer(Verdict.FIRST))
    assert f"cannot read the folder {gone}" in result.warnings[0]
    assert in_words(result.warnings[0]).startswith("die Bibliothek wurde nicht durchsucht: ")


def test_of_two_looped_tracks_it_is_said_once_that_they_sound_at_once() -> None:
    turns = [
        BgmMatch(Path(f"/{name}.mp3"), 0.0, start_s, start_s + 8, 0.0, 1.0, 0.9)
        for start_s in (0.0, 8.0, 16.0)
        for name in (("b", "a") if start_s == 8.0 else ("a", "b"))
    ]
    (warning,) = _at_once(turns)
    assert warning.startswith("a.mp3 and b.mp3 sound at once")
