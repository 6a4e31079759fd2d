"""A press belongs to the first that takes it, and until it is let go the mouse, too."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.widgets.samples import DURATION_S, LANES
from widgets.lane_canvas import LaneCanvas
from widgets.theme import DARK
from widgets.time_axis import TimeAxis

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.MouseButton.NoButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


@dataclass
class Handle:
    """Can be dragged between two pixels; remembers what became of it."""

    first_px: int
    last_px: int
    heard: list[str] = field(default_factory=list)
    pointed_at: QPointF | None = None

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        self.pointed_at = place
        is_here = place is not None and self.first_px <= place.x() <= self.last_px
        return Qt.CursorShape.SplitHCursor if is_here else None

    def press(self, event: QMouseEvent) -> bool:
        is_here = self.first_px <= event.position().x() <= self.last_px
        self.heard += ["press"] if is_here else []
        return is_here

    def move(self, event: QMouseEvent) -> None:
        self.heard.append(f"move {event.position().x():.0f}")

    def release(self, event: QMouseEvent) -> None:
        self.heard.append("release")

    def cancel(self) -> None:
        self.heard.append("cancel")


class Scene:
    """A canvas with two handles that overlap, and what the canvas itself was asked for."""

    def __init__(self, qtbot: QtBot) -> None:
        self.canvas = LaneCanvas(DARK)
        qtbot.addWidget(self.canvas)
        self.canvas.resize(1200, 200)
        self.canvas.set_lanes(LANES)
        self.canvas.set_axis(TimeAxis(width_px=1200).with_duration(DURATION_S))
        self.first, self.second = Handle(100, 200), Handle(150, 250)
        self.rest = Handle(300, 1200)
        self.canvas.drags.add_last(self.rest)
        self.canvas.drags.add(self.first, self.second)

    def mouse(self, kind: QEvent.Type, x: int, button: Qt.MouseButton = LEFT) -> None:
        place = QPointF(x, 50)
        where = self.canvas.mapToGlobal(place)
        is_move = kind == QEvent.Type.MouseMove
        event = QMouseEvent(kind, place, where, NONE if is_move else button, button, NO_KEYS)
        QApplication.sendEvent(self.canvas, event)

    def press(self, x: int, button: Qt.MouseButton = LEFT) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, x, button)

    def move(self, x: int, button: Qt.MouseButton = LEFT) -> None:
        self.mouse(QEvent.Type.MouseMove, x, button)

    def release(self, x: int) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, x)


@pytest.fixture
def scene(themed: QApplication, qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def test_the_first_that_takes_a_press_has_the_mouse_to_the_end(scene: Scene) -> None:
    scene.press(170)
    scene.move(400)
    scene.release(400)
    assert scene.first.heard == ["press", "move 400", "release"]
    assert scene.second.heard == scene.rest.heard == []


def test_what_nobody_takes_is_left_to_the_last(scene: Scene) -> None:
    scene.press(600)
    scene.move(150)
    scene.release(150)
    assert scene.rest.heard == ["press", "move 150", "release"]
    assert scene.first.heard == scene.second.heard == []
    scene.press(150, RIGHT)
    assert scene.first.heard == []


def test_a_second_button_does_not_disturb_a_drag(scene: Scene) -> None:
    scene.press(240)
    scene.press(240, RIGHT)
    scene.mouse(QEvent.Type.MouseButtonRelease, 240, RIGHT)
    scene.move(300)
    scene.release(300)
    assert scene.second.heard == ["press", "move 300", "release"]


def test_the_cursor_tells_what_can_be_dragged_and_one_thing_at_a_time(scene: Scene) -> None:
    scene.move(170, NONE)
    assert scene.canvas.cursor().shape() is Qt.CursorShape.SplitHCursor
    assert scene.first.pointed_at is not None
    assert scene.second.pointed_at is None
    scene.move(220, NONE)
    assert scene.second.pointed_at is not None
    scene.move(280, NONE)
    assert scene.canvas.cursor().shape() is Qt.CursorShape.ArrowCursor
    scene.move(220, NONE)
    QApplication.sendEvent(scene.canvas, QEvent(QEvent.Type.Leave))
    assert scene.second.pointed_at is None


@pytest.mark.parametrize(
    ("key", "held"),
    [(Qt.Key.Key_Escape, NO_KEYS), (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)],
    ids=["Escape", "Undo"],
)
def test_a_key_cancels_wherever_the_focus_is_and_the_rest_of_the_drag_is_nobody_s(
    scene: Scene, qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    scene.press(120)
    QTest.keyClick(field, Qt.Key.Key_A)
    QTest.keyClick(field, key, held)
    scene.move(500)
    scene.release(500)
    assert scene.first.heard == ["press", "cancel"]
    assert scene.rest.heard == []
    assert field.text() == "a"
    scene.press(120)
    scene.release(120)
    assert scene.first.heard[2:] == ["press", "release"]


def test_a_canvas_that_is_hidden_gives_its_drag_up(scene: Scene, qtbot: QtBot) -> None:
    scene.canvas.show()
    scene.press(120)
    scene.canvas.hide()
    assert scene.first.heard == ["press", "cancel"]


def test_the_second_press_of_a_double_click_is_a_press(scene: Scene) -> None:
    scene.mouse(QEvent.Type.MouseButtonDblClick, 120)
    scene.move(130)
    scene.release(130)
    assert scene.first.heard == ["press", "move 130", "release"]
    assert scene.rest.heard == []
