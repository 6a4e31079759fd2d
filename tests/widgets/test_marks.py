"""Marks are drawn where they are, and taken hold of there."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import DURATION_S, LANES, color_at
from widgets.lane_canvas import LaneCanvas
from widgets.marks import GRIP_PX, MarkerSpec, Marks, SelectionEdge, grip_at
from widgets.ruler import HEIGHT_PX, Ruler
from widgets.theme import DARK
from widgets.time_axis import TimeAxis

WIDTH = 1200
PX_PER_S = WIDTH / DURATION_S
DOOR = MarkerSpec(7, 30.0, "door")
MARKS = Marks(Region(10.0, 20.0), (DOOR,))
AXIS = TimeAxis(width_px=WIDTH).with_duration(DURATION_S)
LEFT, FOOT = Qt.MouseButton.LeftButton, HEIGHT_PX - 3
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def ruler(themed: QApplication, qtbot: QtBot) -> Ruler:
    ruler = Ruler(DARK)
    qtbot.addWidget(ruler)
    ruler.resize(WIDTH, HEIGHT_PX)
    ruler.set_axis(AXIS)
    ruler.set_marks(MARKS)
    return ruler


def at(time_s: float, y: int = 10) -> QPoint:
    return QPoint(round(time_s * PX_PER_S), y)


def drag(ruler: Ruler, *times_s: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(ruler, LEFT, modifiers, at(times_s[0]))
    for time_s in times_s[1:]:
        QTest.mouseMove(ruler, at(time_s))
    QTest.mouseRelease(ruler, LEFT, modifiers, at(times_s[-1]))


@pytest.mark.parametrize(
    ("time_s", "grip"),
    [
        (10.0, SelectionEdge(20.0)),
        (20.0, SelectionEdge(10.0)),
        (30.0, DOOR),
        (15.0, None),
        (30.0 + GRIP_PX / PX_PER_S, DOOR),
        (30.0 + (GRIP_PX + 1) / PX_PER_S, None),
    ],
)
def test_what_is_near_is_taken_hold_of(time_s: float, grip: object) -> None:
    assert grip_at(AXIS.x_at(time_s), AXIS, MARKS) == grip


def test_where_nothing_is_marked_nothing_is_held() -> None:
    assert grip_at(100.0, AXIS, Marks()) is None


def test_the_nearest_of_two_is_taken() -> None:
    near = Marks(Region(10.0, 20.0), (MarkerSpec(1, 20.1, "near"),))
    assert grip_at(AXIS.x_at(20.02), AXIS, near) == SelectionEdge(10.0)
    assert grip_at(AXIS.x_at(20.09), AXIS, near) == near.markers[0]


def test_the_selection_is_a_band_and_a_marker_a_diamond(ruler: Ruler) -> None:
    assert color_at(ruler, 300, FOOT) == DARK.accent
    assert color_at(ruler, 450, FOOT) == DARK.panel
    assert color_at(ruler, 600, HEIGHT_PX - 6) == DARK.warn


def test_what_is_not_selected_is_shaded(themed: QApplication, qtbot: QtBot) -> None:
    canvas = LaneCanvas(DARK)
    qtbot.addWidget(canvas)
    canvas.resize(WIDTH, 200)
    canvas.set_lanes(LANES)
    canvas.set_axis(AXIS)
    canvas.set_regions("mix", (Region(0.0, DURATION_S),))
    lit = color_at(canvas, 300, 1)
    assert color_at(canvas, 100, 1) == lit
    canvas.set_marks(MARKS)
    assert color_at(canvas, 300, 1) == lit
    assert color_at(canvas, 100, 1) != lit
    assert color_at(canvas, 450, 1) != lit
    assert color_at(canvas, 600, 100) == DARK.warn


def test_an_edge_is_dragged_and_the_other_one_stays(ruler: Ruler) -> None:
    dragged: list[tuple[float, float]] = []
    sought: list[float] = []
    ruler.selection_dragged.connect(lambda *edge: dragged.append(edge))
    ruler.seek_requested.connect(sought.append)
    drag(ruler, 20.0, 24.0, 28.0)
    np.testing.assert_allclose(dragged, [(10.0, 24.0), (10.0, 28.0)])
    assert sought == []


def test_a_click_on_an_end_of_the_selection_goes_there(ruler: Ruler) -> None:
    sought: list[float] = []
    ruler.seek_requested.connect(sought.append)
    drag(ruler, 20.05)
    np.testing.assert_allclose(sought, [20.05])


def test_marks_far_outside_of_a_close_view_do_no_harm(ruler: Ruler) -> None:
    far = Marks(Region(1.0, 9e5), (MarkerSpec(1, 9e5, "far"),))
    ruler.set_axis(TimeAxis(width_px=WIDTH).with_duration(1e6).zoomed(1e12, 0.0))
    ruler.set_marks(far)
    ruler.set_playhead(9e5)
    assert color_at(ruler, 600, FOOT) == DARK.panel


def test_with_shift_a_new_selection_begins(ruler: Ruler) -> None:
    dragged: list[tuple[float, float]] = []
    ruler.selection_dragged.connect(lambda *edge: dragged.append(edge))
    drag(ruler, 40.0, 45.0, modifiers=SHIFT)
    np.testing.assert_allclose(dragged, [(40.0, 45.0)])


def test_a_click_on_a_marker_goes_there_and_does_not_move_it(ruler: Ruler) -> None:
    sought: list[float] = []
    moved: list[tuple[int, float]] = []
    ruler.seek_requested.connect(sought.append)
    ruler.marker_dragged.connect(lambda *marker: moved.append(marker))
    drag(ruler, 30.05, 30.1)
    assert (sought, moved) == ([30.0], [])
    drag(ruler, 30.0, 33.0)
    np.testing.assert_allclose(moved, [(7, 33.0)])


def test_a_double_click_opens_a_marker_and_nothing_else(ruler: Ruler) -> None:
    opened: list[int] = []
    ruler.marker_opened.connect(opened.append)
    QTest.mouseDClick(ruler, LEFT, NONE, at(30.0))
    QTest.mouseDClick(ruler, LEFT, NONE, at(35.0))
    assert opened == [7]


def test_the_pointer_shows_what_can_be_dragged(ruler: Ruler) -> None:
    QApplication.sendEvent(ruler, moved_to(ruler, 30.0))
    assert ruler.cursor().shape() is Qt.CursorShape.SizeHorCursor
    QApplication.sendEvent(ruler, moved_to(ruler, 35.0))
    assert ruler.cursor().shape() is Qt.CursorShape.ArrowCursor


def moved_to(ruler: Ruler, time_s: float) -> QMouseEvent:
    """The mouse moves without a button."""
    place, none = QPointF(at(time_s)), Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, place, ruler.mapToGlobal(place), none, none, NONE)
