"""The table of actions and the sheet made from it."""

from collections import Counter

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMenuBar, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click
from widgets.actions import ACTIONS, LANE_KEYS, Command, make_action, make_lane_action
from widgets.key_sheet import KeySheet, key_sections
from widgets.main_window import MainWindow


def test_every_command_stands_in_the_table_once() -> None:
    assert [spec.command for spec in ACTIONS] == list(
        dict.fromkeys(spec.command for spec in ACTIONS)
    )
    assert {spec.command for spec in ACTIONS} == set(Command)


def test_no_key_does_two_things(qapp: QApplication) -> None:
    actions = [make_action(spec, qapp) for spec in ACTIONS]
    actions += [make_lane_action(index, qapp) for index in range(LANE_KEYS)]
    keys = Counter(key.toString() for action in actions for key in action.shortcuts())
    assert [key for key, times in keys.items() if times > 1] == []
    assert "" not in keys


def test_every_command_has_a_key_that_qt_understands(qapp: QApplication) -> None:
    for spec in ACTIONS:
        assert spec.keys
        for keys in spec.keys:
            assert not QKeySequence(keys).isEmpty()


def test_the_sheet_reads_the_menus(qtbot: QtBot) -> None:
    bar = QMenuBar()
    qtbot.addWidget(bar)
    menu = bar.addMenu("&Play")
    menu.addAction("&Go…").setShortcuts([QKeySequence("Space"), QKeySequence("K")])
    menu.addSeparator()
    menu.addAction("No key")
    lanes = menu.addMenu("&Lanes")
    for index in range(3):
        lanes.addAction(make_lane_action(index, bar))
    bar.addMenu("Empty")
    (section,) = key_sections(bar)
    assert section.title == "Play"
    assert [(row.text, row.keys) for row in section.rows] == [
        ("Go", ("Space", "K")),
        ("Lanes", ("0 … 2",)),
    ]


def test_the_sheet_shows_every_action_of_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.show_keys()
    sheet = child(window, KeySheet)
    words = {label.text() for label in sheet.findChildren(QLabel)}
    for spec in ACTIONS:
        assert spec.text.replace("&", "").rstrip("…") in words or spec.command is Command.UNDO
    assert "0 … 9" in words
    click(child(sheet, QPushButton, "Close"))
    assert not sheet.isVisible()
