"""Every choice is told at once, by keyboard alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.types import Quality
from tests.widgets.samples import child, click, press
from widgets.key_page import KeysView
from widgets.key_sets import KeySetName
from widgets.main_window import MainWindow
from widgets.path_field import PathField
from widgets.settings_dialog import SettingsDialog, SettingsView, StorageView
from widgets.sound_menu import DevicesView

Key = Qt.Key
FOLDERS = (("Cache", Path("/c")), ("Logs", Path("/l")))
VIEW = SettingsView(
    "light",
    Quality.BEST,
    DevicesView(("USB",), "TV", 120),
    KeysView(KeySetName.RESOLVE),
    StorageView(20_000_000_000, 3_400_000_000, 1_200_000_000, FOLDERS),
)
CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QListWidget, QTreeWidget)


@pytest.fixture
def dialog(window: MainWindow) -> Iterator[SettingsDialog]:
    dialog = SettingsDialog(VIEW, window)
    dialog.open()
    yield dialog
    dialog.close()


def turn_to(dialog: SettingsDialog, title: str) -> None:
    """Choose a page."""
    pages = child(dialog, QListWidget)
    (item,) = pages.findItems(title, Qt.MatchFlag.MatchExactly)
    pages.setCurrentItem(item)


def texts(dialog: SettingsDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def spoken_name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_what_is_set_is_shown(dialog: SettingsDialog) -> None:
    assert child(dialog, QComboBox, "Theme").currentText() == "Light"
    assert child(dialog, QComboBox, "Quality of a blind restore").currentText() == "Best"
    assert child(dialog, QComboBox, "Sound device").currentText() == "TV (not there)"
    assert child(dialog, QSpinBox, "Offset of the sound").value() == 120
    assert child(dialog, QSpinBox, "Size of the cache").value() == 20
    assert child(dialog, QComboBox, "Key set").currentText() == "DaVinci Resolve"
    turn_to(dialog, "Storage")
    assert "3.4 GB, 1.2 GB of it used by no open project." in texts(dialog)
    assert child(dialog, PathField, "Place of Cache").text() == "/c"


@pytest.mark.parametrize(
    ("page", "name", "key", "signal", "value"),
    [
        ("General", "Theme", Key.Key_Up, "theme_chosen", "dark"),
        ("General", "Quality of a blind restore", Key.Key_Up, "quality_chosen", "standard"),
        ("Sound", "Sound device", Key.Key_Home, "device_chosen", ""),
        ("Sound", "Offset of the sound", Key.Key_Up, "offset_chosen", 130),
        ("Storage", "Size of the cache", Key.Key_Down, "quota_chosen", 19),
    ],
)
def test_a_choice_is_told_at_once(
    dialog: SettingsDialog,
    qtbot: QtBot,
    page: str,
    name: str,
    key: Qt.Key,
    signal: str,
    value: object,
) -> None:
    turn_to(dialog, page)
    control = next(w for w in dialog.findChildren(QWidget) if w.accessibleName() == name)
    control.setFocus()
    with qtbot.waitSignal(getattr(dialog, signal)) as told:
        press(control, key)
    assert told.args == [value]


def test_a_number_counts_when_it_is_typed_to_its_end(dialog: SettingsDialog, qtbot: QtBot) -> None:
    turn_to(dialog, "Storage")
    quota = child(dialog, QSpinBox, "Size of the cache")
    quota.setFocus()
    quota.selectAll()
    with qtbot.assertNotEmitted(dialog.quota_chosen):
        press(quota, Key.Key_5)
    with qtbot.waitSignal(dialog.quota_chosen) as told:
        press(quota, Key.Key_0)
        press(quota, Key.Key_Return)
    assert told.args == [50]
    assert dialog.isVisible()


def test_showing_tells_nothing(dialog: SettingsDialog, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(dialog.theme_chosen),
        qtbot.assertNotEmitted(dialog.offset_chosen),
        qtbot.assertNotEmitted(dialog.quota_chosen),
        qtbot.assertNotEmitted(dialog.device_chosen),
    ):
        dialog.show_view(replace(SettingsView(), storage=StorageView(10_000_000_000)))
    assert child(dialog, QComboBox, "Sound device").currentText() == "System default"


def test_the_cache_is_counted_and_emptied(dialog: SettingsDialog, qtbot: QtBot) -> None:
    turn_to(dialog, "Storage")
    empty = child(dialog, QPushButton, "Empty the cache")
    with qtbot.waitSignal(dialog.empty_requested):
        click(empty)
    busy = replace(VIEW.storage, is_busy=True)
    counting, emptied = StorageView(1, None), StorageView(1, 5_000_000, 0)
    for storage, words in ((counting, "counted"), (emptied, "5 MB, 0 MB"), (busy, "worked on")):
        dialog.show_view(replace(VIEW, storage=storage))
        assert not empty.isEnabled()
        assert any(words in text for text in texts(dialog))


def test_long_places_are_read_and_copied_in_full(window: MainWindow, qtbot: QtBot) -> None:
    place = Path("/home/somebody", *["a folder with a long name"] * 6, "cache")
    storage = StorageView(folders=(("Cache", place),))
    dialog = SettingsDialog(SettingsView(storage=storage), window)
    qtbot.addWidget(dialog)
    dialog.open()
    turn_to(dialog, "Storage")
    field = child(dialog, PathField, "Place of Cache")
    assert field.text().startswith("/home/some")
    assert field.text().endswith("/cache")
    assert "…" in field.text()
    assert field.fontMetrics().horizontalAdvance(field.text()) <= field.width()
    assert (field.accessibleDescription(), field.toolTip()) == (str(place), str(place))
    assert child(dialog, QPushButton, "Open folder of Cache").isVisible()
    dialog.activateWindow()
    field.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(field.hasFocus)
    assert field.text() == str(place)
    press(field, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(field, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == str(place)
    child(dialog, QListWidget).setFocus()
    assert "…" in field.text()


def test_folders_are_shown(dialog: SettingsDialog, qtbot: QtBot) -> None:
    turn_to(dialog, "Storage")
    with qtbot.waitSignal(dialog.folder_requested) as told:
        click(child(dialog, QPushButton, "Open folder of Logs"))
    assert told.args == [Path("/l")]


@pytest.mark.parametrize("page", ["General", "Sound", "Keys", "Storage"])
def test_every_control_has_a_name_and_tab_reaches_it(dialog: SettingsDialog, page: str) -> None:
    turn_to(dialog, page)
    QApplication.processEvents()
    inner = (QComboBox, QAbstractSpinBox, QLineEdit)
    controls = [
        w
        for w in dialog.findChildren(QWidget)
        if isinstance(w, CONTROLS) and w.isVisible() and not isinstance(w.parent(), inner)
    ]
    names = [spoken_name(control) for control in controls]
    assert all(name.strip() for name in names)
    assert len(names) == len(set(names))
    child(dialog, QListWidget).setFocus()
    reached: set[QWidget | None] = set()
    for _ in range(3 * len(controls)):
        press(QApplication.focusWidget(), Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert [spoken_name(c) for c in controls if c.isEnabled() and c not in reached] == []


def test_escape_closes_it(dialog: SettingsDialog) -> None:
    press(child(dialog, QListWidget), Key.Key_Escape)
    assert not dialog.isVisible()


def test_language_and_motion_are_chosen_there(qtbot: QtBot, dialog: SettingsDialog) -> None:
    turn_to(dialog, "General")
    for name, choice, signal, value in (
        ("Language", "한국어", dialog.language_chosen, "ko"),
        ("Language", "Language of the system", dialog.language_chosen, ""),
        ("Motion", "Reduced", dialog.motion_chosen, "reduced"),
    ):
        (box,) = (b for b in dialog.findChildren(QComboBox) if b.accessibleName() == name)
        with qtbot.waitSignal(signal) as heard:
            box.activated.emit(box.findText(choice))
        assert heard.args == [value]


def test_the_language_says_when_it_takes_effect(dialog: SettingsDialog) -> None:
    said = {label.text() for label in dialog.findChildren(QLabel)}
    assert "It is spoken from the next start on." in said
