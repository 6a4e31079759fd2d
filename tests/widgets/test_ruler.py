"""The ruler is a slider that shows time."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import DURATION_S, click, color_at, press
from widgets.ruler import HEIGHT_PX, Ruler
from widgets.theme import DARK, LIGHT
from widgets.time_axis import TimeAxis


@pytest.fixture
def ruler(themed: QApplication, qtbot: QtBot) -> Ruler:
    ruler = Ruler(DARK)
    qtbot.addWidget(ruler)
    ruler.resize(1200, HEIGHT_PX)
    ruler.set_axis(TimeAxis(width_px=1200).with_duration(DURATION_S))
    return ruler


def test_the_play_head_stands_at_its_time(ruler: Ruler) -> None:
    ruler.set_playhead(33.3)
    assert ruler.value() == 33_300
    assert color_at(ruler, 666, HEIGHT_PX - 3) == DARK.text
    assert color_at(ruler, 640, HEIGHT_PX - 3) == DARK.panel


def test_ticks_stand_at_round_times(ruler: Ruler) -> None:
    assert color_at(ruler, 200, HEIGHT_PX - 4) == DARK.line
    assert color_at(ruler, 205, HEIGHT_PX - 4) == DARK.panel


def test_clicks_seek_and_a_moved_play_head_does_not(ruler: Ruler, qtbot: QtBot) -> None:
    times: list[float] = []
    ruler.seek_requested.connect(times.append)
    ruler.set_playhead(10.0)
    click(ruler, QPoint(600, 10))
    assert times == [pytest.approx(30.0)]


@pytest.mark.parametrize(
    ("key", "time_s"),
    [
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, DURATION_S),
        (Qt.Key.Key_PageUp, 15.0),
        (Qt.Key.Key_PageDown, 5.0),
    ],
)
def test_it_can_be_moved_with_keys(ruler: Ruler, qtbot: QtBot, key: Qt.Key, time_s: float) -> None:
    ruler.set_playhead(10.0)
    with qtbot.waitSignal(ruler.seek_requested) as seek:
        press(ruler, key)
    assert seek.args == [pytest.approx(time_s)]


def test_a_screen_reader_meets_a_slider_with_a_name_and_a_value(ruler: Ruler) -> None:
    ruler.set_playhead(21.84)
    interface = QAccessible.queryAccessibleInterface(ruler)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Play head"
    values = interface.valueInterface()
    assert values.currentValue() == 21_840
    assert values.maximumValue() == 60_000


def test_the_focus_shows_in_accent(ruler: Ruler, qtbot: QtBot) -> None:
    ruler.show()
    qtbot.waitExposed(ruler).__enter__()
    ruler.activateWindow()
    ruler.setFocus()
    qtbot.waitUntil(ruler.hasFocus)
    assert color_at(ruler, 300, 1) == DARK.accent


def test_another_theme_shows_other_colours(ruler: Ruler) -> None:
    ruler.set_theme(LIGHT)
    assert color_at(ruler, 640, HEIGHT_PX - 3) == LIGHT.panel
