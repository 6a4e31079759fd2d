"""A drag holds on to the nearest time in reach, and to nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import DURATION_S, LANES, color_at
from widgets.marks import MarkerSpec, Marks, SelectionEdge, snap_points
from widgets.ruler import HEIGHT_PX, Ruler
from widgets.snapping import REACH_PX, Snapping, SnapPoint, nearest_point, snap
from widgets.theme import DARK, LANE_HEADER_WIDTH_PX
from widgets.time_axis import TimeAxis
from widgets.timeline import Timeline

WIDTH = 1200
PX_PER_S = WIDTH / DURATION_S
AXIS = TimeAxis(width_px=WIDTH).with_duration(DURATION_S)
DOOR, WINDOW = MarkerSpec(7, 30.0, "door"), MarkerSpec(8, 40.0, "window")
MARKS = Marks(Region(10.0, 20.0), (DOOR, WINDOW))
LEFT = Qt.MouseButton.LeftButton
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier

times_s = st.lists(st.floats(0, DURATION_S), max_size=20)
axes = st.builds(lambda factor, x: AXIS.zoomed(factor, x), st.floats(1, 1e5), st.floats(0, WIDTH))


def points(values_s: list[float]) -> list[SnapPoint]:
    return [SnapPoint(time_s, str(time_s)) for time_s in values_s]


@given(times_s, st.floats(-1, DURATION_S + 1))
def test_the_nearest_is_found_by_halving(values_s: list[float], time_s: float) -> None:
    found = nearest_point(points(sorted(values_s)), time_s)
    if not values_s:
        assert found is None
    else:
        assert found is not None
        assert abs(found.time_s - time_s) == min(abs(value - time_s) for value in values_s)


@given(times_s, times_s, axes, st.floats(0, WIDTH))
def test_what_is_held_is_the_nearest_in_reach(
    fixed_s: list[float], others_s: list[float], axis: TimeAxis, x: float
) -> None:
    held = snap(x, axis, points(sorted(fixed_s)), points(others_s))
    distances_px = [abs(axis.x_at(time_s) - x) for time_s in fixed_s + others_s]
    nearest_px = min(distances_px, default=float("inf"))
    if held is None:
        assert nearest_px > REACH_PX - 1e-6
    else:
        assert abs(axis.x_at(held.time_s) - x) <= min(REACH_PX, nearest_px + 1e-6)


@given(times_s, axes, st.floats(0, WIDTH))
def test_snapping_again_changes_nothing(values_s: list[float], axis: TimeAxis, x: float) -> None:
    held = snap(x, axis, points(sorted(values_s)))
    if held is not None:
        again = snap(axis.x_at(held.time_s), axis, points(sorted(values_s)))
        assert again is not None
        assert axis.x_at(again.time_s) == pytest.approx(axis.x_at(held.time_s), abs=1e-6)


@given(times_s, axes, st.tuples(st.floats(0, WIDTH), st.floats(0, WIDTH)))
def test_dragging_on_never_leads_back(
    values_s: list[float], axis: TimeAxis, places: tuple[float, float]
) -> None:
    snapping = Snapping()
    snapping.set_points("any", points(values_s))
    first, second = (snapping.snapped(x, axis, (), is_turned=False) for x in sorted(places))
    assert first <= second + 1e-9


@given(times_s, st.floats(0, WIDTH), st.booleans(), st.booleans())
def test_switched_off_or_turned_around_a_drag_is_free(
    values_s: list[float], x: float, is_on: bool, is_turned: bool
) -> None:
    snapping = Snapping()
    snapping.is_on = is_on
    snapping.set_points("any", points(values_s))
    held = snap(x, AXIS, points(sorted(values_s))) if is_on != is_turned else None
    time_s = snapping.snapped(x, AXIS, (), is_turned=is_turned)
    assert snapping.guide == held
    assert time_s == (held.time_s if held is not None else AXIS.time_at(x))


def test_points_of_one_kind_take_the_place_of_the_old_ones() -> None:
    snapping = Snapping()
    snapping.set_points("cuts", points([10.0]))
    snapping.set_points("ends", points([0.0]))
    snapping.set_points("cuts", points([20.0]))
    held = [snapping.snapped(t * PX_PER_S + 1, AXIS, (), is_turned=False) for t in (0, 10, 20)]
    assert held == [0.0, pytest.approx(10.05), 20.0]


@pytest.mark.parametrize(
    ("dragged", "names"),
    [
        (None, ["door", "window", "In point", "Out point"]),
        (DOOR, ["window", "In point", "Out point", "Play head"]),
        (SelectionEdge(20.0), ["door", "window", "Play head"]),
    ],
)
def test_nothing_holds_on_to_itself(
    dragged: MarkerSpec | SelectionEdge | None, names: list[str]
) -> None:
    assert [point.name for point in snap_points(MARKS, 5.0, dragged)] == names


@pytest.fixture
def timeline(themed: QApplication, qtbot: QtBot) -> Timeline:
    timeline = Timeline(DARK)
    qtbot.addWidget(timeline)
    timeline.set_lanes(LANES)
    timeline.resize(LANE_HEADER_WIDTH_PX + WIDTH, timeline.sizeHint().height())
    timeline.show()
    timeline.set_duration(DURATION_S)
    timeline.set_marks(MARKS)
    timeline.set_playhead(5.0)
    return timeline


def send(ruler: Ruler, kind: QEvent.Type, x: float, modifiers: Qt.KeyboardModifier) -> None:
    place = QPointF(x, 10)
    where = ruler.mapToGlobal(place)
    QApplication.sendEvent(ruler, QMouseEvent(kind, place, where, LEFT, LEFT, modifiers))


def hold(
    timeline: Timeline, from_s: float, to_x: float, modifiers: Qt.KeyboardModifier = NONE
) -> None:
    """Let go of what was held on the ruler, then drag something and keep it."""
    ruler = timeline.findChildren(Ruler)[0]
    send(ruler, QEvent.Type.MouseButtonRelease, from_s * PX_PER_S, NONE)
    send(ruler, QEvent.Type.MouseButtonPress, from_s * PX_PER_S, NONE)
    send(ruler, QEvent.Type.MouseMove, to_x, modifiers)


def test_the_play_head_snaps_to_what_is_marked_and_shows_it(timeline: Timeline) -> None:
    sought: list[float] = []
    timeline.seek_requested.connect(sought.append)
    hold(timeline, 5.0, 30.0 * PX_PER_S + 7)
    assert sought[-1] == 30.0
    assert color_at(timeline.canvas, 600, 100) == DARK.accent
    ruler = timeline.findChildren(Ruler)[0]
    assert color_at(ruler, 600, HEIGHT_PX - 4) == DARK.accent
    send(ruler, QEvent.Type.MouseButtonRelease, 607, NONE)
    assert color_at(timeline.canvas, 600, 100) == DARK.warn
    hold(timeline, 5.0, 30.0 * PX_PER_S + 9)
    assert sought[-1] == pytest.approx(30.45)


def test_each_drag_has_a_number_of_its_own(timeline: Timeline) -> None:
    ruler, drags = timeline.findChildren(Ruler)[0], []
    timeline.marker_dragged.connect(lambda *_: drags.append(timeline.drag_id))
    hold(timeline, 30.0, 650)
    send(ruler, QEvent.Type.MouseMove, 660, NONE)
    send(ruler, QEvent.Type.MouseButtonRelease, 660, NONE)
    hold(timeline, 30.0, 650)
    first, again, second = drags
    assert 0 < first == again != second


def test_ctrl_lets_go_for_the_moment(timeline: Timeline) -> None:
    sought: list[float] = []
    timeline.seek_requested.connect(sought.append)
    hold(timeline, 5.0, 603, CTRL)
    assert sought[-1] == pytest.approx(30.15)
    timeline.snapping.is_on = False
    hold(timeline, 5.0, 603)
    assert sought[-1] == pytest.approx(30.15)
    hold(timeline, 5.0, 603, CTRL)
    assert sought[-1] == 30.0


def test_marks_snap_to_the_play_head_to_regions_and_to_the_ends(timeline: Timeline) -> None:
    timeline.set_regions("dialogue", (Region(44.0, 48.0),))
    moved: list[float] = []
    timeline.marker_dragged.connect(lambda _, time_s: moved.append(time_s))
    for to_s in (5.0, 44.0, 48.0, 60.0, 0.0, 40.0):
        hold(timeline, 30.0, to_s * PX_PER_S - 4)
    assert moved == [5.0, 44.0, 48.0, 60.0, 0.0, 40.0]
    edges: list[tuple[float, float]] = []
    timeline.selection_dragged.connect(lambda *edge: edges.append(edge))
    hold(timeline, 20.0, 44.0 * PX_PER_S + 3)
    hold(timeline, 20.0, 20.0 * PX_PER_S + 5)
    assert edges == [(10.0, 44.0), (10.0, pytest.approx(20.25))]


def test_a_click_is_exact(timeline: Timeline) -> None:
    sought: list[float] = []
    timeline.seek_requested.connect(sought.append)
    hold(timeline, 44.0, 44.0 * PX_PER_S + 1)
    assert sought == [44.0]
