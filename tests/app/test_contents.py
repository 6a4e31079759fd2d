"""What a project is made of is told without leaving anything out."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from app.contents import is_held_by_film
from app.document import Attempt, Lane, Marker, Project, Restore, Rival
from app.gain_curves import GainPoint
from app.history import restored
from engine.types import Quality, Region
from tests.helpers.listening import abx_session
from tests.helpers.placing import FILM, placed
from tests.helpers.projects import blind_result, media_of

HELD = {"media", "lanes", "track", "restore"}
"""A film says them by what it sounds like."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A film that was restored."""
    result = blind_result(tmp_path)
    opened = Project(media=media_of(result), track=Path("/song.mp3"))
    return restored(result, Quality.STANDARD, 1.0).apply(opened)


@pytest.fixture
def full(project: Project) -> Project:
    """A project with something in every field."""
    assert project.restore is not None
    lane = Lane("placed 1", envelope=(GainPoint(0.0, -6.0),), duck_db=6.0)
    other = replace(project.restore.result, video=Path("/other.mp4"))
    return replace(
        project,
        lanes=(*project.lanes, lane),
        selection=Region(0.0, 1.0),
        markers=(Marker(1, 0.5, "here"),),
        lost=Restore(project.restore.result),
        sessions=(abx_session(9),),
        rivals=(Rival(Path("/theirs.wav"), FILM),),
        history=(*project.history, Attempt(2, other, Quality.DRAFT, 2.0)),
        clips=placed((1.0, 3.0)).clips,
        heard_speech=(Region(0.0, 1.0),),
    )


def test_a_film_holds_a_restore_as_it_is_heard(project: Project) -> None:
    assert is_held_by_film(project)


def test_a_film_holds_nothing_else(project: Project, full: Project) -> None:
    for field in fields(Project):
        value = getattr(full, field.name)
        assert value != getattr(Project(), field.name), f"give the full project a {field.name}"
        if field.name not in HELD:
            assert not is_held_by_film(replace(project, **{field.name: value})), field.name


def test_a_film_holds_no_gains_over_time(project: Project) -> None:
    for lane in (Lane("ost", envelope=(GainPoint(0.0, -6.0),)), Lane("ost", duck_db=6.0)):
        assert not is_held_by_film(replace(project, lanes=(lane,)))
