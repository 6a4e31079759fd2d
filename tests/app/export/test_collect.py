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
from app.project_io import read_project, write_project
from app.restore_edits import accept_restore
from app.review.edits import add_rival
from app.review.listeners import read_listeners
from app.review.signing import ReportError
from engine.context import PlainContext
from engine.errors import (
    CancelledError,
    DiskFullError,
    EngineError,
    InputNotFoundError,
    OutputError,
)
from engine.types import BgmMatch, Quality
from tests.app.review.test_listeners import report
from tests.helpers.library import write_sound
from tests.helpers.listening import abx_session
from tests.helpers.projects import RATE_HZ, known_result, media_of, noise
from tests.helpers.restore_workload import make_tone_film


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A film with a track, another track of the same name found in it, and a file to compare."""
    (tmp_path / "in").mkdir()
    film = make_tone_film(tmp_path / "in" / "film.mkv", 1.0, 8000)
    cache = tmp_path / "cache"
    media = open_file(film, cache, PlainContext(), lambda _: None).project.media
    assert media is not None
    for seed, name in enumerate(("song.wav", "other/song.wav", "theirs.wav", "placed/song.wav")):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        write_sound(path, noise(seed), RATE_HZ)
    found = BgmMatch(tmp_path / "in" / "other" / "song.wav", 0.0, 0.0, 1.0, 0.0, 1.0, 0.9)
    result = replace(known_result(cache, film), bgm=(found,))
    project = replace(opened(media_of(result)), media=replace(media, mix=media_of(result).mix))
    rival = Rival(tmp_path / "in" / "theirs.wav", media.mix)
    edits = (
        choose_track(tmp_path / "in" / "song.wav"),
        restored(result, Quality.STANDARD, 1e9),
        accept_restore(result),
        add_rival(rival),
        add_marker(0.5),
        place_clip(tmp_path / "in" / "placed" / "song.wav", media_of(result).mix, 0.25),
    )
    for edit in edits:
        project = edit.apply(project)
    return project


def test_it_keeps_the_name_of_the_project(project: Project, tmp_path: Path) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "out"
    folder.mkdir()
    exported = collect(project, folder, cache, PlainContext(), "my work")
    assert exported.paths == (folder / "my work" / "my work.reprise",)
    assert read_project(exported.paths[0]).video == folder / "my work" / "film.mkv"


def collected(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir(exist_ok=True)
    exported = collect(project, tmp_path / "out", tmp_path / "cache", PlainContext())
    (file,) = exported.paths
    return file


def test_all_files_are_copied_and_named_by_the_copy(project: Project, tmp_path: Path) -> None:
    file = collected(project, tmp_path)
    there = {path.relative_to(file.parent).as_posix() for path in file.parent.rglob("*.*")}
    assert there == {
        *("film.reprise", "film.mkv", "song.wav", "song 2.wav", "song 3.wav", "theirs.wav"),
        *("stems/film.mix.wav", "stems/film.restored.wav", "stems/film.bgm.wav"),
    }
    other = tmp_path / "in" / "other" / "song.wav"
    assert (file.parent / "song 2.wav").read_bytes() == other.read_bytes()
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
    assert opened_again.project.track == moved / "song.wav"
    assert len(opened_again.project.markers) == 1


def test_reports_of_other_listeners_go_along(project: Project, tmp_path: Path) -> None:
    theirs = report(tmp_path / "in" / "anna.html", abx_session(12))
    # Called as the project that is written.
    own = tmp_path / "in" / "film.reprise"
    write_project(project, own)
    file = collected(replace(project, listener_files=(theirs, own)), tmp_path)
    saved = read_project(file)
    assert saved.listener_files == (file.parent / "anna.html", file.parent / "film 2.reprise")
    assert len(read_listeners(saved.listener_files[0]).tests) == 1


def test_what_is_no_report_does_not_go_along(project: Project, tmp_path: Path) -> None:
    secret = tmp_path / "in" / "secret.html"
    secret.write_text("nobody else's business")
    with pytest.raises(ReportError, match=r"secret\.html"):
        collected(replace(project, listener_files=(secret,)), tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_there_is_not_replaced(project: Project, tmp_path: Path) -> None:
    file = collected(project, tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        collected(project, tmp_path)
    assert file.exists()


def test_a_file_that_is_gone_is_told_before_anything_is_written(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "in" / "song.wav").unlink()
    with pytest.raises(InputNotFoundError, match=r"song\.wav"):
        collected(project, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(DiskFullError):
        collected(project, tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_no_sound_is_not_copied(project: Project, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nothing to be handed on")
    for track in (secret, Path("/dev/zero"), tmp_path / "in"):
        stranger = replace(project, clips=tuple(replace(c, track=track) for c in project.clips))
        with pytest.raises(EngineError):
            collected(stranger, tmp_path)
        assert list((tmp_path / "out").iterdir()) == []


class GivesUp(PlainContext):
    """Is cancelled at the third look."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def raise_if_cancelled(self) -> None:
        self.looks += 1
        if self.looks > 2:
            raise CancelledError


def test_what_is_given_up_leaves_nothing_behind(project: Project, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(CancelledError):
        collect(project, tmp_path / "out", tmp_path / "cache", GivesUp())
    assert list((tmp_path / "out").iterdir()) == []
    assert collected(project, tmp_path).exists()
