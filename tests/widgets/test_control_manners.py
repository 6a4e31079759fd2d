"""Scrolling past a control changes nothing, and Undo in an applied field is the window's."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSlider,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, press, turn_wheel
from widgets.lane_header import GainField
from widgets.main_window import MainWindow
from widgets.number_field import NumberField
from widgets.review_view import Question, TrialView
from widgets.settings_dialog import SettingsDialog, SettingsView

CTRL = Qt.KeyboardModifier.ControlModifier
NOTCH = QPoint(0, 120)


def value(control: QWidget) -> float:
    if isinstance(control, QComboBox):
        return control.currentIndex()
    assert isinstance(control, QSlider | QSpinBox | QDoubleSpinBox)
    return control.value()


def controls(root: QWidget) -> list[QWidget]:
    """What a wheel could change, each with something to change to, on all pages, shown or not."""
    found = [
        *root.findChildren(QSlider),
        *root.findChildren(QComboBox),
        *root.findChildren(QAbstractSpinBox),
    ]
    for box in root.findChildren(QComboBox):
        box.addItems(["one", "two", "three"])
        box.setCurrentIndex(1)
    return found


def assert_calm(control: QWidget) -> None:
    name, before = control.accessibleName(), value(control)
    assert control.focusPolicy() != Qt.FocusPolicy.WheelFocus, f"the wheel focuses {name}"
    for delta in (NOTCH, -NOTCH):
        turn_wheel(control, 5, delta)
        assert value(control) == before, f"the wheel changes {name}"


def test_scrolling_past_changes_nothing_on_any_page(window: MainWindow) -> None:
    window.review_panel.show_trial(
        TrialView(Question.RATING, 1, 3, ("1", "2"), can_answer=True),
    )
    found = controls(window)
    assert len(found) > 12
    for control in found:
        assert_calm(control)


def test_scrolling_past_changes_no_setting(window: MainWindow, qtbot: QtBot) -> None:
    dialog = SettingsDialog(SettingsView(), window)
    found = controls(dialog)
    assert len(found) > 6
    for control in found:
        assert_calm(control)


@pytest.mark.parametrize("make", [GainField, lambda: NumberField(0, 9, 1, 2, "s")])
def test_in_focus_the_wheel_turns_it(make: Callable[[], NumberField], qtbot: QtBot) -> None:
    field = make()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    field.clearFocus()
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(field.hasFocus)
    field.setValue(1.0)
    turn_wheel(field, 5, NOTCH)
    assert field.value() > 1.0


def test_a_focus_that_the_program_gave_is_not_meant_for_the_wheel(qtbot: QtBot) -> None:
    field = NumberField(0, 9, 1, 2, "s")
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    field.clearFocus()
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(field.hasFocus)
    field.setValue(1.0)
    turn_wheel(field, 5, NOTCH)
    assert field.value() == 1.0


def test_undo_is_of_the_window_unless_a_number_is_being_typed(
    window: MainWindow, qtbot: QtBot
) -> None:
    field = child(window, GainField)
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    line = child(field, QLineEdit)
    with qtbot.waitSignal(window.undo_requested, timeout=500):
        press(field, Qt.Key.Key_Z, CTRL)
    line.selectAll()
    press(field, Qt.Key.Key_7)
    with qtbot.assertNotEmitted(window.undo_requested, wait=20):
        press(field, Qt.Key.Key_Z, CTRL)
    line.selectAll()
    press(field, Qt.Key.Key_7)
    field.interpretText()
    with qtbot.waitSignal(window.undo_requested, timeout=500):
        press(field, Qt.Key.Key_Z, CTRL)


def test_undo_where_a_field_shows_words_for_its_least_number(
    window: MainWindow, qtbot: QtBot
) -> None:
    field = child(window, GainField)
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    field.set_number(field.minimum())
    with qtbot.waitSignal(window.undo_requested, timeout=500):
        press(field, Qt.Key.Key_Z, CTRL)
