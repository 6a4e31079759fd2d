"""Over the lanes a press goes to a time, and a drag holds on to what the ruler does."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import DURATION_S, color_at
from tests.widgets.test_region_drag import CTRL, PX_PER_S, Scene
from widgets.marks import MarkerSpec, Marks
from widgets.theme import DARK


@pytest.fixture
def scene(themed: QApplication, qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def test_a_click_is_exact_and_a_drag_follows_within_the_sound(scene: Scene) -> None:
    QTest.mousePress(scene.canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 5))
    assert scene.sought == [pytest.approx(15.0)]
    scene.move(302)
    assert len(scene.sought) == 1
    scene.move(640, CTRL)
    scene.move(5000, CTRL)
    scene.release(600)
    assert scene.sought[1:] == [pytest.approx(32.0), DURATION_S]


def test_it_holds_on_to_marks_and_shows_that(scene: Scene) -> None:
    scene.timeline.set_marks(Marks(None, (MarkerSpec(7, 30.0, "door"),)))
    scene.press(100, 5)
    scene.move(30.0 * PX_PER_S + 6)
    assert scene.sought[-1] == 30.0
    assert color_at(scene.canvas, 600, 100) == DARK.accent
    scene.release(606)
    assert scene.timeline.snapping.guide is None


def test_escape_goes_back_to_where_the_play_head_was(scene: Scene) -> None:
    scene.timeline.set_playhead(7.0)
    scene.press(600, 5)
    scene.move(700)
    QTest.keyClick(QApplication.focusWidget() or scene.timeline, Qt.Key.Key_Escape)
    scene.move(800)
    assert scene.sought[-1] == 7.0
