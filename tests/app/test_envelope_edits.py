"""Points of envelopes stay in order, wherever they are dragged."""

from hypothesis import given
from hypothesis import strategies as st

from app.clips import MAX_DUCK_DB, MAX_GAIN_POINTS, MIN_GAIN_DB
from app.document import Document
from app.envelope_edits import (
    clear_envelope,
    duck_lane,
    move_gain_point,
    remove_gain_point,
    set_gain_point,
    take_speech,
)
from app.gain_curves import GainPoint
from app.project import Lane, Project
from engine.types import Region
from tests.helpers.placing import film_project, placed

MIX = "mix"


def enveloped(*points: tuple[float, float]) -> Project:
    project = film_project()
    for time_s, gain_db in points:
        project = set_gain_point(MIX, time_s, gain_db).apply(project)
    return project


def points_of(project: Project) -> list[tuple[float, float]]:
    return [(point.time_s, point.gain_db) for point in project.lanes[0].envelope]


def test_points_are_kept_in_order_and_once_each() -> None:
    project = enveloped((5, -6), (1, 0), (5, -9))
    assert points_of(project) == [(1, 0), (5, -9)]


@given(
    index=st.integers(-1, 4),
    time_s=st.floats(-5, 30),
    gain_db=st.floats(-90, 40),
)
def test_a_point_stays_between_its_neighbours(index: int, time_s: float, gain_db: float) -> None:
    before = enveloped((1, 0), (4, -6), (9, 3))
    after = points_of(move_gain_point(MIX, index, time_s, gain_db).apply(before))
    assert [at_s for at_s, _ in after] == sorted(at_s for at_s, _ in after)
    assert len({at_s for at_s, _ in after}) == 3
    others = [pair for number, pair in enumerate(after) if number != index]
    assert others == [pair for number, pair in enumerate(points_of(before)) if number != index]
    assert all(MIN_GAIN_DB <= gain <= 12 for _, gain in after)


def test_points_and_envelopes_go() -> None:
    project = enveloped((1, 0), (4, -6))
    assert points_of(remove_gain_point(MIX, 0).apply(project)) == [(4, -6)]
    assert points_of(clear_envelope(MIX).apply(project)) == []
    assert remove_gain_point(MIX, 7).apply(project) == project


def test_no_more_points_than_a_file_may_hold() -> None:
    many = tuple(GainPoint(float(at), 0.0) for at in range(MAX_GAIN_POINTS))
    project = film_project()
    full = Project(project.media, (Lane(MIX, envelope=many),))
    assert set_gain_point(MIX, 0.5, -3.0).apply(full) == full


def test_a_drag_of_the_ducking_is_one_edit() -> None:
    document = Document(lambda: 0.0)
    document.open(placed((1, 5)))
    for duck_db in (3.0, 9.0, 99.0):
        document.do(duck_lane("placed 1", duck_db))
    assert document.project.lanes[1].duck_db == MAX_DUCK_DB
    assert document.undo_name == "Duck music 1"
    document.undo()
    assert document.project.lanes[1].duck_db == 0.0


def test_speech_that_was_looked_for_is_known() -> None:
    project = film_project()
    assert project.speech is None
    assert take_speech((Region(1.0, 2.0),)).apply(project).speech == (Region(1.0, 2.0),)
