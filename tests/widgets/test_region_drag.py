"""Edges of speech are dragged with the mouse, in their own lane, and hold on to what there is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import DURATION_S, LANES, color_at
from widgets.marks import GRIP_PX, MarkerSpec, Marks
from widgets.region_drag import EdgeHandle, RegionEdge, edge_at
from widgets.theme import DARK, LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX
from widgets.time_axis import TimeAxis
from widgets.timeline import Timeline

WIDTH = 1200
PX_PER_S = WIDTH / DURATION_S
AXIS = TimeAxis(width_px=WIDTH).with_duration(DURATION_S)
FIRST, SECOND = Region(10.0, 20.0), Region(40.0, 44.0)
ROW = LANE_HEIGHT_PX + LANE_HEIGHT_PX // 2
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


class Scene:
    """A timeline with speech in its second lane."""

    def __init__(self, qtbot: QtBot) -> None:
        self.timeline = Timeline(DARK)
        qtbot.addWidget(self.timeline)
        self.timeline.set_lanes(LANES)
        self.timeline.resize(LANE_HEADER_WIDTH_PX + WIDTH, self.timeline.sizeHint().height())
        self.timeline.show()
        self.timeline.set_duration(DURATION_S)
        self.timeline.set_regions("dialogue", (FIRST, SECOND))
        self.timeline.speech.is_allowed = True
        self.canvas = self.timeline.canvas
        self.wishes: list[tuple[RegionEdge, float]] = []
        self.sought: list[float] = []
        self.timeline.speech.edge_dragged.connect(lambda *wish: self.wishes.append(wish))
        self.timeline.seek_requested.connect(self.sought.append)

    def mouse(
        self, kind: QEvent.Type, x: float, y: int, button: Qt.MouseButton, keys: Qt.KeyboardModifier
    ) -> None:
        place = QPointF(x, y)
        where = self.canvas.mapToGlobal(place)
        pressed = NO_BUTTON if kind == QEvent.Type.MouseMove else button
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, place, where, pressed, button, keys))

    def press(self, x: float, y: int = ROW) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, x, y, LEFT, NONE)

    def move(self, x: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.mouse(QEvent.Type.MouseMove, x, ROW, LEFT, keys)

    def release(self, x: float) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, x, ROW, LEFT, NONE)

    def hover(self, x: float, y: int = ROW) -> Qt.CursorShape:
        self.mouse(QEvent.Type.MouseMove, x, y, NO_BUTTON, NONE)
        return self.canvas.cursor().shape()

    def drag(self, from_x: float, to_x: float, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(from_x)
        self.move(to_x, keys)
        self.release(to_x)

    @property
    def handle(self) -> EdgeHandle:
        return self.canvas.findChildren(EdgeHandle)[0]


@pytest.fixture
def scene(themed: QApplication, qtbot: QtBot) -> Scene:
    return Scene(qtbot)


times_s = st.floats(0, DURATION_S)


@given(st.lists(times_s, max_size=18, unique=True), st.floats(0, WIDTH))
def test_what_is_taken_hold_of_is_the_nearest_edge_in_reach(edges_s: list[float], x: float) -> None:
    edges_s.sort()
    regions = [Region(*pair) for pair in zip(edges_s[::2], edges_s[1::2], strict=False)]
    distances = [abs(AXIS.x_at(edge) - x) for r in regions for edge in (r.start_s, r.end_s)]
    edge = edge_at(x, AXIS, regions)
    if edge is None:
        assert min(distances, default=GRIP_PX + 1) > GRIP_PX
    else:
        assert abs(AXIS.x_at(edge.time_s) - x) == min(distances) <= GRIP_PX


def test_of_two_edges_at_one_place_the_side_decides() -> None:
    touching = [Region(10.0, 20.0), Region(20.0, 30.0)]
    assert edge_at(399, AXIS, touching) == RegionEdge(touching[1], is_start=True)
    assert edge_at(401, AXIS, touching) == RegionEdge(touching[0], is_start=False)


def test_an_edge_is_wished_where_it_is_let_go_and_shown_there_meanwhile(scene: Scene) -> None:
    scene.press(201)
    scene.move(260)
    assert scene.wishes == []
    top = LANE_HEIGHT_PX
    assert color_at(scene.canvas, 230, top) == DARK.window
    assert color_at(scene.canvas, 270, top) == DARK.dialogue
    scene.move(300)
    scene.release(300)
    ((edge, time_s),) = scene.wishes
    assert edge == RegionEdge(FIRST, is_start=True)
    assert time_s == pytest.approx(15.0)
    # Whoever hears the wish decides what is shown.
    assert color_at(scene.canvas, 230, top) == DARK.dialogue
    assert scene.sought == []


def test_an_edge_stays_on_its_side(scene: Scene) -> None:
    scene.drag(400, 100)
    assert scene.wishes == [(RegionEdge(FIRST, is_start=False), 10.0)]


def test_a_click_on_an_edge_goes_there(scene: Scene) -> None:
    scene.press(402)
    scene.move(403)
    scene.release(403)
    assert scene.wishes == []
    assert scene.sought == [20.0]


def test_escape_leaves_the_edge_where_it_was(scene: Scene) -> None:
    scene.press(400)
    scene.move(500)
    QTest.keyClick(QApplication.focusWidget() or scene.timeline, Qt.Key.Key_Escape)
    scene.move(600)
    scene.release(600)
    assert scene.wishes == []
    assert scene.sought == []
    assert color_at(scene.canvas, 450, LANE_HEIGHT_PX) == DARK.window
    assert not scene.handle.isVisible()
    assert scene.timeline.snapping.guide is None


def test_it_holds_on_to_marks_play_head_and_other_edges_but_not_to_itself(scene: Scene) -> None:
    scene.timeline.set_cuts((25.0,))
    scene.timeline.set_marks(Marks(Region(30.0, 50.0), (MarkerSpec(7, 35.0, "door"),)))
    scene.timeline.set_playhead(5.0)
    for to_s in (25.0, 30.0, 35.0, 40.0):
        scene.drag(400, to_s * PX_PER_S - 5)
    scene.drag(200, 5.0 * PX_PER_S + 5)
    scene.drag(400, 407)
    assert [time_s for _, time_s in scene.wishes] == [
        *(25.0, 30.0, 35.0, 40.0, 5.0),
        pytest.approx(20.35),
    ]
    scene.drag(400, 25.0 * PX_PER_S - 5, CTRL)
    assert scene.wishes[-1][1] == pytest.approx(24.75)
    # What was dragged can be held on to again.
    times: list[float] = []
    scene.timeline.seek_requested.connect(times.append)
    scene.press(700, 5)
    scene.move(403)
    assert times[-1] == 20.0


def test_the_guide_is_shown_while_it_holds_on(scene: Scene) -> None:
    scene.press(400)
    scene.move(802)
    guide = scene.timeline.snapping.guide
    assert guide is not None
    assert guide.name == "Edge in Dialogue"
    scene.release(802)
    assert scene.timeline.snapping.guide is None


def test_edges_are_only_in_their_own_lane_and_only_where_they_may_be_changed(scene: Scene) -> None:
    assert scene.hover(200) is Qt.CursorShape.SizeHorCursor
    assert scene.handle.isVisible()
    assert scene.handle.geometry().center().x() == 200
    assert scene.hover(200, 5) is Qt.CursorShape.ArrowCursor
    assert not scene.handle.isVisible()
    assert scene.hover(230) is Qt.CursorShape.ArrowCursor
    scene.timeline.speech.is_allowed = False
    assert scene.hover(200) is Qt.CursorShape.ArrowCursor
    scene.drag(200, 300)
    assert scene.wishes == []
    assert scene.sought[0] == pytest.approx(10.0)


def test_the_handle_is_seen(scene: Scene) -> None:
    scene.hover(200)
    assert color_at(scene.canvas, 200, ROW) == DARK.accent


def test_a_lane_that_goes_or_moves_takes_its_edges_along(scene: Scene) -> None:
    scene.timeline.set_lanes((LANES[1], LANES[0]))
    assert scene.hover(200, 5) is Qt.CursorShape.SizeHorCursor
    scene.timeline.set_lanes(LANES[:1])
    assert scene.hover(200, 5) is Qt.CursorShape.ArrowCursor


def test_a_region_that_goes_while_it_is_dragged_ends_the_drag(scene: Scene) -> None:
    scene.press(200)
    scene.move(300)
    scene.timeline.set_regions("dialogue", (SECOND,))
    scene.move(350)
    scene.release(350)
    assert scene.wishes == []
    assert scene.sought == []


def test_what_is_being_separated_is_hatched_and_said(scene: Scene) -> None:
    pending = (Region(10.0, 20.0),)
    scene.timeline.set_regions("dialogue", ())
    scene.timeline.set_lanes((LANES[0], replace(LANES[1], pending=pending), LANES[2]))
    row = range(LANE_HEIGHT_PX, 2 * LANE_HEIGHT_PX - 1)
    assert {color_at(scene.canvas, 230, y) for y in row} == {DARK.window, DARK.dialogue}
    assert {color_at(scene.canvas, 190, y) for y in row} == {DARK.window}
    scene.hover(230)
    assert scene.canvas.toolTip().startswith("This is being separated again")
    scene.hover(190)
    assert scene.canvas.toolTip() == ""
    header = scene.timeline.headers.controls()[5]
    assert "being separated again" in header.accessibleDescription()
