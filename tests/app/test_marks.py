"""What is marked stays within the sound and in order, whatever is done to it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.document import Edit
from app.marks import (
    add_marker,
    clear_selection,
    marker_before,
    marker_behind,
    move_marker,
    nearest_marker,
    remove_marker,
    rename_marker,
    select,
    set_in,
    set_out,
)
from app.project import Media, Project, opened
from engine.types import AudioRef, Region

DURATION_S = 10.0
PROJECT = opened(Media(Path("/clip.mp4"), AudioRef("mix", 80_000, 2, 8000)))


def after(*edits: Edit) -> Project:
    project = PROJECT
    for edit in edits:
        project = edit.apply(project)
    return project


def marks() -> st.SearchStrategy[Edit]:
    times_s, numbers = st.floats(-5, 15), st.integers(0, 4)
    return st.one_of(
        st.builds(set_in, times_s),
        st.builds(set_out, times_s),
        st.builds(select, times_s, times_s),
        st.just(clear_selection()),
        st.builds(add_marker, times_s),
        st.builds(remove_marker, numbers),
        st.builds(move_marker, numbers, times_s),
        st.builds(rename_marker, numbers, st.text(max_size=5)),
    )


@given(st.lists(marks(), max_size=30))
def test_marks_stay_within_the_sound_and_in_order(edits: list[Edit]) -> None:
    project = after(*edits)
    if project.selection is not None:
        assert 0 <= project.selection.start_s < project.selection.end_s <= DURATION_S
    times_s = [marker.time_s for marker in project.markers]
    assert times_s == sorted(times_s)
    assert all(0 <= time_s <= DURATION_S for time_s in times_s)
    assert len({marker.marker_id for marker in project.markers}) == len(project.markers)


def test_in_and_out_make_a_selection() -> None:
    assert after(set_in(2.0)).selection == Region(2.0, DURATION_S)
    assert after(set_out(4.0)).selection == Region(0.0, 4.0)
    assert after(set_in(2.0), set_out(4.0)).selection == Region(2.0, 4.0)
    assert after(set_in(2.0), set_out(4.0), set_in(3.0)).selection == Region(3.0, 4.0)


def test_an_end_on_the_other_side_gives_way() -> None:
    both = set_in(4.0), set_out(6.0)
    assert after(*both, set_in(7.0)).selection == Region(7.0, DURATION_S)
    assert after(*both, set_out(3.0)).selection == Region(0.0, 3.0)


def test_a_selection_of_nothing_is_none() -> None:
    assert after(set_in(DURATION_S)).selection is None
    assert after(set_out(0.0)).selection is None
    assert after(select(3.0, 3.001)).selection is None


def test_a_drag_may_go_either_way_and_is_undone_as_one() -> None:
    assert after(select(6.0, 2.0)).selection == Region(2.0, 6.0)
    assert select(1.0, 2.0).merge_key == select(1.0, 3.0).merge_key != ""


def test_markers_are_named_moved_and_removed() -> None:
    project = after(add_marker(5.0), add_marker(2.0), rename_marker(2, "door"))
    assert [(m.time_s, m.text) for m in project.markers] == [(2.0, "door"), (5.0, "Marker 1")]
    moved = move_marker(2, 8.0).apply(project)
    assert [m.text for m in moved.markers] == ["Marker 1", "door"]
    assert [m.text for m in remove_marker(1).apply(moved).markers] == ["door"]


def test_two_markers_never_stand_at_one_place() -> None:
    assert after(add_marker(2.0), add_marker(2.0001)) == after(add_marker(2.0))


def test_markers_are_found_from_any_place() -> None:
    project = after(add_marker(2.0), add_marker(5.0))
    first, second = project.markers
    assert marker_before(project, 5.0) == first
    assert marker_behind(project, 2.0) == second
    assert marker_before(project, 2.0) is None
    assert marker_behind(project, 5.0) is None
    assert nearest_marker(project, 3.6) == second
    assert nearest_marker(PROJECT, 3.6) is None
