"""Lines of gain are changed where they are drawn, and only while they are switched on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import LANES
from widgets.envelope_layer import LEAST_DB, gain_at, gain_between, gain_y
from widgets.lanes import GainAt, LaneSpec
from widgets.theme import DARK
from widgets.timeline import Timeline

ROW = QRect(0, 40, 600, 45)
LEFT = Qt.MouseButton.LeftButton


@given(st.floats(-35.9, 12))
def test_heights_and_gains_are_the_same_thing(gain_db: float) -> None:
    assert gain_at(gain_y(gain_db, ROW), ROW) == pytest.approx(gain_db)


def test_the_foot_of_a_lane_is_the_least_gain() -> None:
    assert gain_at(ROW.bottom(), ROW) == LEAST_DB
    assert gain_at(ROW.top() - 50, ROW) == 12.0
    assert gain_y(LEAST_DB, ROW) == ROW.bottom()


def test_between_points_it_is_straight_and_beyond_them_level() -> None:
    points: tuple[GainAt, ...] = ((10.0, 0.0), (20.0, -10.0))
    found = [gain_between(points, at_s) for at_s in (0.0, 10.0, 15.0, 20.0, 99.0)]
    assert found == [0.0, 0.0, -5.0, -10.0, -10.0]
    assert gain_between((), 5.0) == 0.0


class Scene:
    """A timeline whose first lane has two points, and all that its lines were told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.timeline = Timeline(DARK)
        qtbot.addWidget(self.timeline)
        self.canvas, self.layer = self.timeline.canvas, self.timeline.canvas.envelopes
        self.heard: list[tuple[object, ...]] = []
        self.seeks: list[float] = []
        drag = self.timeline.envelope_drag
        for name in ("point_set", "point_moved", "point_removed", "given_up"):
            getattr(drag, name).connect(
                lambda *values, name=name: self.heard.append((name, *values))
            )
        drag.point_set.connect(self._take)
        self.is_full = False
        self.timeline.seek_requested.connect(self.seeks.append)
        self.show((20.0, 0.0), (40.0, -12.0))
        self.timeline.set_duration(60.0)
        self.timeline.resize(700, 400)
        self.timeline.show()
        qtbot.waitExposed(self.timeline).__enter__()
        self.layer.switch(on=True)
        self.canvas.grab()

    def show(self, *points: GainAt) -> None:
        self.points = points
        first = LaneSpec("mix", "0", "Original mix", "mix", envelope=points)
        self.timeline.set_lanes((first, *LANES[1:]))

    def _hear(self, name: str, *values: object) -> None:
        self.heard.append((name, *values))

    def _take(self, _lane_id: str, time_s: float, gain_db: float) -> None:
        if not self.is_full:
            self.show(*sorted(((20.0, 0.0), (40.0, -12.0), (time_s, gain_db))))

    def place(self, time_s: float, gain_db: float) -> QPoint:
        row = self.canvas.rows.row(0, self.canvas.width())
        x = self.timeline.view.axis.x_at(time_s)
        return QPoint(round(x), round(gain_y(gain_db, row)))

    def drag(self, start: QPoint, end: QPoint) -> None:
        QTest.mousePress(self.canvas, LEFT, pos=start)
        QTest.mouseMove(self.canvas, end)
        QTest.mouseRelease(self.canvas, LEFT, pos=end)


@pytest.fixture
def scene(themed: QApplication, qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def test_a_point_is_dragged(scene: Scene) -> None:
    scene.drag(scene.place(20.0, 0.0), scene.place(25.0, -6.0))
    name, lane_id, index, time_s, gain_db = scene.heard[0]
    assert (name, lane_id, index) == ("point_moved", "mix", 0)
    assert time_s == pytest.approx(25.0, abs=0.2)
    assert gain_db == pytest.approx(-6.0, abs=1.5)


def test_a_press_on_the_line_sets_a_point_and_drags_it(scene: Scene) -> None:
    scene.drag(scene.place(30.0, -6.0), scene.place(30.0, -20.0))
    assert {wish[:2] for wish in scene.heard} == {("point_set", "mix")}
    assert scene.heard[0][2:] == (pytest.approx(30.0, abs=0.2), pytest.approx(-6.0, abs=1.5))
    assert scene.heard[-1][2:] == (pytest.approx(30.0, abs=0.2), pytest.approx(-20.0, abs=1.5))


def test_where_no_point_can_be_set_none_is_dragged_in_its_place(scene: Scene) -> None:
    scene.is_full = True
    scene.drag(scene.place(30.0, -6.0), scene.place(30.0, -20.0))
    assert {wish[0] for wish in scene.heard} == {"point_set"}


def test_a_drag_lets_go_of_a_lane_that_is_gone(scene: Scene) -> None:
    QTest.mousePress(scene.canvas, LEFT, pos=scene.place(20.0, 0.0))
    scene.timeline.set_lanes(LANES[1:])
    QTest.mouseMove(scene.canvas, scene.place(25.0, -6.0))
    QTest.mouseRelease(scene.canvas, LEFT, pos=scene.place(25.0, -6.0))
    assert scene.heard == []


def test_a_double_click_removes_a_point(scene: Scene) -> None:
    QTest.mouseDClick(scene.canvas, LEFT, pos=scene.place(40.0, -12.0))
    assert ("point_removed", "mix", 1) in scene.heard


def test_a_click_on_a_point_moves_nothing(scene: Scene) -> None:
    QTest.mouseClick(scene.canvas, LEFT, pos=scene.place(20.0, 0.0))
    assert scene.heard == []
    assert not scene.seeks


def test_beside_the_line_a_press_seeks(scene: Scene) -> None:
    QTest.mouseClick(scene.canvas, LEFT, pos=scene.place(30.0, -30.0))
    assert not scene.heard
    assert scene.seeks


def test_switched_off_nothing_is_taken_hold_of(scene: Scene) -> None:
    scene.layer.switch(on=False)
    QTest.mouseClick(scene.canvas, LEFT, pos=scene.place(20.0, 0.0))
    assert not scene.heard
    assert scene.seeks


def test_a_line_that_there_is_stays_in_sight(scene: Scene) -> None:
    on = scene.canvas.grab().toImage()
    scene.layer.switch(on=False)
    off = scene.canvas.grab().toImage()
    place = scene.place(10.0, 0.0)
    assert off.pixelColor(place) == on.pixelColor(place)
    scene.show()
    assert scene.canvas.grab().toImage().pixelColor(place) != off.pixelColor(place)
