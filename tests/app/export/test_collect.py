"""A collected project opens elsewhere with all its files, and nothing is replaced or left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.clip_edits import place_clip
from app.export.collect import collect
from app.history import restored
from app.lane_edits import choose_track
from app.marks import add_marker
from app.opening import open_file
from app.project import Project, Rival, opened
from app.restore_edits import accept_restore
from app.review.edits import add_rival
from engine.context import PlainContext
from engine.errors import DiskFullError, InputNotFoundError, OutputError
from engine.types import BgmMatch, Quality
from tests.helpers.projects import known_result, media_of
from tests.helpers.restore_workload import make_tone_film


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A film with a track, another track of the same name found in it, and a file to compare."""
    (tmp_path / "in").mkdir()
    film = make_tone_film(tmp_path / "in" / "film.mkv", 1.0, 8000)
    cache = tmp_path / "cache"
    media = open_file(film, cache, PlainContext(), lambda _: None).project.media
    assert media is not None
    for name in ("song.mp3", "other/song.mp3", "theirs.wav", "placed/song.mp3"):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    found = BgmMatch(tmp_path / "in" / "other" / "song.mp3", 0.0, 0.0, 1.0, 0.0, 1.0, 0.9)
    result = replace(known_result(cache, film), bgm=(found,))
    project = replace(opened(media_of(result)), media=replace(media, mix=media_of(result).mix))
    rival = Rival(tmp_path / "in" / "theirs.wav", media.mix)
    edits = (
        choose_track(tmp_path / "in" / "song.mp3"),
        restored(result, Quality.STANDARD, 1e9),
        accept_restore(result),
        add_rival(rival),
        add_marker(0.5),
        place_clip(tmp_path / "in" / "placed" / "song.mp3", media_of(result).mix, 0.25),
    )
    for edit in edits:
        project = edit.apply(project)
    return project


def collected(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir(exist_ok=True)
    exported = collect(project, tmp_path / "out", tmp_path / "cache", PlainContext())
    (file,) = exported.paths
    return file


def test_all_files_are_copied_and_named_by_the_copy(project: Project, tmp_path: Path) -> None:
    file = collected(project, tmp_path)
    there = {path.relative_to(file.parent).as_posix() for path in file.parent.rglob("*.*")}
    assert there == {
        *("film.reprise", "film.mkv", "song.mp3", "song 2.mp3", "song 3.mp3", "theirs.wav"),
        *("stems/film.mix.wav", "stems/film.restored.wav", "stems/film.bgm.wav"),
    }
    assert (file.parent / "song 2.mp3").read_text() == "other/song.mp3"
    assert str(tmp_path / "in") not in file.read_text()
    assert "../" not in file.read_text()


def test_a_collected_folder_may_be_moved(project: Project, tmp_path: Path) -> None:
    film = open_file(tmp_path / "in" / "film.mkv", tmp_path / "cache", PlainContext(), print)
    whole = replace(project, media=film.project.media, restore=None, history=(), rivals=())
    file = collected(whole, tmp_path)
    moved = tmp_path / "elsewhere"
    file.parent.rename(moved)
    for path in (tmp_path / "in").rglob("*.*"):
        path.unlink()
    opened_again = open_file(moved / file.name, tmp_path / "cache", PlainContext(), lambda _: None)
    assert opened_again.project.media is not None
    assert opened_again.project.media.path == moved / "film.mkv"
    assert opened_again.project.track == moved / "song.mp3"
    assert len(opened_again.project.markers) == 1


def test_what_is_there_is_not_replaced(project: Project, tmp_path: Path) -> None:
    file = collected(project, tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        collected(project, tmp_path)
    assert file.exists()


def test_a_file_that_is_gone_is_told_before_anything_is_written(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "in" / "song.mp3").unlink()
    with pytest.raises(InputNotFoundError, match=r"song\.mp3"):
        collected(project, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(DiskFullError):
        collected(project, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []
