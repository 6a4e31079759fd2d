"""The decode stage fills the artifact cache once."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.errors import CancelledError, EmptyMediaError, InputNotFoundError, NoAudioError
from engine.stages.decode import decode
from tests.helpers.full_disk import OLD, crowd
from tests.helpers.media import Film, Track, lag_samples, make_film, make_video, noise


def test_sound_lies_in_the_cache(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 3.0, noise(3.0))
    store = ArtifactStore(tmp_path / "cache")
    fractions: list[float] = []
    result = decode(path, store, PlainContext(lambda p: fractions.append(p.fraction)))
    assert (result.mix.num_samples, result.mix.channels) == (144_000, 2)
    assert result.mix.sample_rate_hz == 48_000
    assert result.warnings == ()
    assert lag_samples(noise(3.0), store.map(result.mix)) == 0
    assert fractions == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_second_time_comes_from_the_cache(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 1.0, noise(1.0))
    store = ArtifactStore(tmp_path / "cache")
    first = decode(path, store, PlainContext())
    reports: list[object] = []
    copy = path.rename(tmp_path / "renamed.mp4")
    assert decode(copy, store, PlainContext(reports.append)).mix == first.mix
    assert reports == []


def test_damage_is_told_every_time(tmp_path: Path) -> None:
    path, sound = tmp_path / "song.wav", noise(0.5)
    sound[0, 7] = np.nan
    soundfile.write(path, sound.T, 48_000, subtype="FLOAT")
    store = ArtifactStore(tmp_path / "cache")
    first, again = (decode(path, store, PlainContext()) for _ in range(2))
    assert "1 sample was no number" in first.warnings[0]
    assert again == first


def test_tracks_have_their_own_place(tmp_path: Path) -> None:
    tracks = (Track(noise(0.5)), Track(noise(0.5, seed=1)))
    path = make_film(tmp_path / "film.mp4", Film(0.5, tracks))
    store = ArtifactStore(tmp_path / "cache")
    first, second = (decode(path, store, PlainContext(), track).mix for track in (0, 1))
    assert first.key != second.key
    assert not np.array_equal(store.map(first), store.map(second))


def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    path = make_video(tmp_path / "film.mp4", 3.0, noise(3.0))
    reports: list[object] = []
    context = PlainContext(reports.append, lambda: len(reports) >= 1)
    with pytest.raises(CancelledError):
        decode(path, ArtifactStore(tmp_path / "cache"), context)
    assert list((tmp_path / "cache").iterdir()) == []


def test_room_is_made_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "film.mp4", 1.0, noise(1.0))
    store = ArtifactStore(tmp_path / "cache")
    crowd(monkeypatch, store)
    assert decode(path, store, PlainContext()).mix.duration_s == 1
    assert store.find(OLD) is None


def test_known_errors(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "cache")
    empty = make_video(tmp_path / "empty.wav", 0, np.zeros((2, 0), np.float32))
    with pytest.raises(NoAudioError):
        decode(make_video(tmp_path / "mute.mp4", 0.2), store, PlainContext())
    with pytest.raises(EmptyMediaError):
        decode(empty, store, PlainContext())
    with pytest.raises(InputNotFoundError):
        decode(tmp_path / "none.mp4", store, PlainContext())
    assert list((tmp_path / "cache").iterdir()) == []
