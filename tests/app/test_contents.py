"""What a project is made of is told without leaving anything out."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from app.contents import files_of, is_held_by_film, refs_in_use, refs_of, with_files
from app.gain_curves import GainPoint
from app.history import restored
from app.project import Attempt, Lane, Marker, Project, Restore, Rival
from engine.types import AudioRef, BgmMatch, Quality, Region
from tests.helpers.listening import abx_session
from tests.helpers.placing import FILM, placed
from tests.helpers.projects import blind_result, media_of

T = TypeVar("T")

HELD = {"media", "lanes", "track", "restore"}
"""A film says them by what it sounds like."""


def all_of(value: object, kind: type[T]) -> set[T]:
    """Every value of a kind in a tree of dataclasses."""
    if isinstance(value, kind):
        return {value}
    if isinstance(value, dict):
        return all_of(tuple(value.values()), kind)
    if is_dataclass(value):
        return all_of(tuple(getattr(value, field.name) for field in fields(value)), kind)
    if isinstance(value, tuple):
        return {found for each in value for found in all_of(each, kind)}
    return set()


def tried(project: Project, name: str) -> Restore:
    """A restore whose video, track and sounds nothing else names."""
    assert project.restore is not None
    result = project.restore.result
    match = BgmMatch(Path(f"/{name}.mp3"), 0.0, 0.0, 1.0, 0.0, 1.0, 0.9)
    stems = {stem: replace(ref, key=f"{name}-{stem}") for stem, ref in result.stems.items()}
    video = Path(f"/{name}.mp4")
    return Restore(replace(result, video=video, stems=stems, bgm=(match,)))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A film that was restored."""
    result = blind_result(tmp_path)
    opened = Project(media=media_of(result), track=Path("/song.mp3"))
    return restored(result, Quality.STANDARD, 1.0).apply(opened)


@pytest.fixture
def full(project: Project) -> Project:
    """A project with something in every field."""
    lane = Lane("placed 1", envelope=(GainPoint(0.0, -6.0),), duck_db=6.0)
    other = Attempt(2, tried(project, "other").result, Quality.DRAFT, 2.0)
    return replace(
        project,
        lanes=(*project.lanes, lane),
        selection=Region(0.0, 1.0),
        markers=(Marker(1, 0.5, "here"),),
        restore=tried(project, "newest"),
        lost=tried(project, "lost"),
        sessions=(abx_session(9),),
        rivals=(Rival(Path("/theirs.wav"), FILM),),
        history=(*project.history, other),
        clips=placed((1.0, 3.0)).clips,
        heard_speech=(Region(0.0, 1.0),),
        listener_files=(Path("/anna.report.html"),),
    )


def test_no_file_is_overlooked(full: Project) -> None:
    found = set(files_of(full))
    assert len(found) == 11
    assert found == all_of(full, Path)


def test_no_sound_is_overlooked(full: Project) -> None:
    assert set(refs_of(full)) == all_of(full, AudioRef)
    assert set(refs_in_use(full)) == all_of(replace(full, lost=None, history=()), AudioRef)


def test_every_file_may_lie_elsewhere(full: Project) -> None:
    places = {path: Path("/elsewhere") / path.name for path in files_of(full)}
    moved = with_files(full, places)
    assert all_of(moved, Path) == set(places.values())
    assert with_files(moved, {there: path for path, there in places.items()}) == full
    assert with_files(full, {}) == full


def test_a_film_holds_a_restore_as_it_is_heard(project: Project) -> None:
    assert is_held_by_film(project)


def test_a_film_holds_nothing_else(project: Project, full: Project) -> None:
    for field in fields(Project):
        value = getattr(full, field.name)
        assert value != getattr(Project(), field.name), f"give the full project a {field.name}"
        if field.name not in HELD:
            assert not is_held_by_film(replace(project, **{field.name: value})), field.name


def test_a_film_does_not_hold_what_the_user_said_is_speech(project: Project) -> None:
    assert project.restore is not None
    edited = replace(project.restore, speech=(Region(0.0, 0.5),))
    assert not is_held_by_film(replace(project, restore=edited))


def test_a_film_holds_no_gains_over_time(project: Project) -> None:
    for lane in (Lane("ost", envelope=(GainPoint(0.0, -6.0),)), Lane("ost", duck_db=6.0)):
        assert not is_held_by_film(replace(project, lanes=(lane,)))
