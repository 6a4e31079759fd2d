"""Music that was placed is there again, or it is said that it is not; nothing is forgotten."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.clip_edits import place_clip
from app.opening import Opened, open_file
from app.placing import read_track
from app.project import Lane, Project
from app.project_io import read_project, write_project
from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from tests.helpers.library import write_sound
from tests.helpers.media import make_video
from tests.helpers.projects import RATE_HZ, noise
from tests.helpers.restore_workload import make_tone_film


def read(path: Path, cache: Path) -> Opened:
    return open_file(path, cache, PlainContext(), lambda _: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A project with a track that was placed."""
    film, track = tmp_path / "film.mkv", tmp_path / "song.wav"
    make_tone_film(film, 1.0, RATE_HZ)
    write_sound(track, noise(4), RATE_HZ)
    project = read(film, tmp_path / "cache").project
    assert project.media is not None
    sound = read_track(track, project.media.mix, tmp_path / "cache", PlainContext())
    write_project(place_clip(track, sound, 0.25).apply(project), tmp_path / "film.reprise")
    return tmp_path / "film.reprise"


def only_sound(project: Project) -> object:
    (clip,) = project.clips
    return clip.sound


def test_it_is_read_again_where_the_cache_is_empty(file: Path, tmp_path: Path) -> None:
    opened = read(file, tmp_path / "another cache")
    assert only_sound(opened.project) is not None
    assert not opened.warnings
    (clip,) = opened.project.clips
    assert clip.sound is not None
    assert ArtifactStore(tmp_path / "another cache").find(clip.sound.key) == clip.sound


def test_a_track_that_has_gone_is_still_heard_from_the_cache(file: Path, tmp_path: Path) -> None:
    (tmp_path / "song.wav").unlink()
    assert only_sound(read(file, tmp_path / "cache").project) is not None


def test_a_missing_track_is_told_and_kept(file: Path, tmp_path: Path) -> None:
    (tmp_path / "song.wav").unlink()
    opened = read(file, tmp_path / "another cache")
    assert only_sound(opened.project) is None
    assert opened.warnings[0].startswith("song.wav is not heard:")
    write_project(opened.project, file)
    (kept,) = read_project(file).clips
    assert kept.track == tmp_path / "song.wav"


def test_a_track_that_has_become_shorter_is_told(file: Path, tmp_path: Path) -> None:
    write_sound(tmp_path / "song.wav", noise(4, RATE_HZ // 4), RATE_HZ)
    opened = read(file, tmp_path / "another cache")
    (clip,) = opened.project.clips
    assert clip.duration_s == 0.25
    assert opened.warnings == ("song.wav is shorter than it was: its clips were fitted",)


def test_sound_of_another_shape_is_not_believed(file: Path, tmp_path: Path) -> None:
    project = read(file, tmp_path / "cache").project
    (clip,) = project.clips
    assert clip.sound is not None
    wrong = replace(clip, sound=replace(clip.sound, channels=6))
    write_project(replace(project, clips=(wrong,)), file)
    assert only_sound(read(file, tmp_path / "cache").project) == clip.sound


def test_what_was_placed_stays_where_the_film_is_another_one(file: Path, tmp_path: Path) -> None:
    saved = read(file, tmp_path / "cache").project
    far = replace(saved.clips[0], clip_id=2, start_s=0.9, duration_s=0.1, lane_id="placed 2")
    lanes = (*saved.lanes, Lane("placed 2", gain_db=-3.0))
    write_project(replace(saved, clips=(*saved.clips, far), lanes=lanes), file)
    make_video(tmp_path / "film.mkv", 0.7, noise(7), RATE_HZ, "pcm_f32le")
    opened = read(file, tmp_path / "cache")
    assert opened.file is None
    assert "left behind" in opened.warnings[0]
    assert [lane.lane_id for lane in opened.project.lanes] == ["mix", "placed 1", "placed 2"]
    make_video(tmp_path / "film.mkv", 0.5, noise(7, RATE_HZ // 2), RATE_HZ, "pcm_f32le")
    shorter = read(file, tmp_path / "cache").project
    assert [lane.lane_id for lane in shorter.lanes] == ["mix", "placed 1"]
    assert shorter.clips == saved.clips
