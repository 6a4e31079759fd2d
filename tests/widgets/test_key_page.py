"""A command is chosen and a key pressed; a key that is taken is asked about."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
)
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.actions import Command
from widgets.key_field import KeyField
from widgets.key_page import KeyPage, KeysView
from widgets.key_sets import KeySetName, assigned

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier


@pytest.fixture
def page(themed: QApplication, qtbot: QtBot) -> Iterator[KeyPage]:
    """The page in a dialog, as it is used, with somebody who does what it asks for."""
    host = QDialog()
    qtbot.addWidget(host)
    page = KeyPage()
    QVBoxLayout(host).addWidget(page)

    def give(command: str, key: str) -> None:
        page.show_view(KeysView(page.view.set_name, assigned(page.view.own, command, key)))

    page.key_chosen.connect(give)
    host.show()
    yield page
    host.close()


def choose(page: KeyPage, text: str) -> None:
    """Make a command the current one."""
    commands = child(page, QTreeWidget)
    (item,) = commands.findItems(text, Qt.MatchFlag.MatchExactly)
    commands.setCurrentItem(item)


def row(page: KeyPage, text: str) -> list[str]:
    """What is said of a command."""
    (item,) = child(page, QTreeWidget).findItems(text, Qt.MatchFlag.MatchExactly)
    return [item.text(column) for column in range(1, 4)]


def said(page: KeyPage) -> str:
    """The words under the list."""
    return next(t for w in page.findChildren(QLabel) if (t := w.text()) and t != "Keys as in")


def give(page: KeyPage, text: str, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
    """Press a new key for a command, by keyboard alone."""
    choose(page, text)
    commands = child(page, QTreeWidget)
    commands.setFocus()
    press(commands, Key.Key_Return)
    press(child(page, KeyField), key, modifiers)


def test_every_key_is_listed(page: KeyPage) -> None:
    assert row(page, "Redo") == ["Edit", "Ctrl+Shift+Z, Ctrl+Y", ""]
    assert row(page, "Hear lane 3 alone") == ["Edit", "3", ""]


def test_a_free_key_is_taken_at_once(page: KeyPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.key_chosen) as given:
        give(page, "Play or pause", Key.Key_P)
    assert given.args == [Command.PLAY, "Ctrl+P"]
    assert row(page, "Play or pause") == ["Playback", "Ctrl+P", "changed"]
    assert said(page) == "Ctrl+P: Play or pause."


def test_a_key_that_is_taken_is_asked_about(page: KeyPage, qtbot: QtBot) -> None:
    take, leave = child(page, QPushButton, "Take it"), child(page, QPushButton, "Leave it")
    with qtbot.assertNotEmitted(page.key_chosen):
        give(page, "Play or pause", Key.Key_O)
        assert said(page) == "Ctrl+O is the key of “Open a video or project”."
        press(take, Key.Key_Tab)
        press(leave, Key.Key_Space)
    assert not take.isVisible()
    give(page, "Play or pause", Key.Key_O)
    press(take, Key.Key_Space)
    assert row(page, "Play or pause")[1] == "Ctrl+O"
    assert row(page, "Open a video or project")[1] == "none"
    assert said(page) == "“Open a video or project” has no key now."


def test_another_command_asks_no_more(page: KeyPage) -> None:
    give(page, "Play or pause", Key.Key_O)
    choose(page, "Pause")
    assert not child(page, QPushButton, "Take it").isVisible()


@pytest.mark.parametrize("key", [Key.Key_Escape, Key.Key_Tab])
def test_escape_and_tab_leave_it(page: KeyPage, qtbot: QtBot, key: Qt.Key) -> None:
    waiting = child(page, KeyField)
    with qtbot.assertNotEmitted(page.key_chosen):
        give(page, "Pause", key, Qt.KeyboardModifier.NoModifier)
    assert page.window().isVisible()
    assert waiting.text() == "Change the key…"


def test_a_menu_s_own_key_is_refused(page: KeyPage, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(page.key_chosen):
        give(page, "Pause", Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert said(page) == "Alt+F opens the menu File; choose another key."


def test_waiting_ends_with_the_focus(page: KeyPage, qtbot: QtBot) -> None:
    waiting = child(page, KeyField)
    click(waiting)
    assert waiting.text() == "Press the new key, or Esc"
    press(waiting, Key.Key_Shift)
    assert waiting.text() == "Press the new key, or Esc"
    child(page, QLineEdit).setFocus()
    assert waiting.text() == "Change the key…"


@pytest.mark.parametrize(
    ("key", "modifiers", "written"),
    [
        (Key.Key_Question, SHIFT, "?"),
        (Key.Key_K, SHIFT, "Shift+K"),
        (Key.Key_Space, SHIFT, "Shift+Space"),
        (Key.Key_F5, CTRL | SHIFT, "Ctrl+Shift+F5"),
        (Key.Key_Plus, KEYPAD, "+"),
        (Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "Del"),
    ],
)
def test_keys_are_taken_as_they_are_written(
    page: KeyPage, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier, written: str
) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    field.show()
    field.wait()
    with qtbot.waitSignal(field.key_pressed) as pressed:
        press(field, key, modifiers)
    assert pressed.args == [written]


@pytest.mark.parametrize(
    ("name", "signal", "arguments"),
    [
        ("No key", lambda p: p.keys_removed, [Command.PLAY]),
        ("Reset the key", lambda p: p.reset_requested, [Command.PLAY]),
        ("Reset all keys", lambda p: p.reset_all_requested, []),
    ],
)
def test_keys_are_taken_away_and_given_back(
    page: KeyPage,
    qtbot: QtBot,
    name: str,
    signal: Callable[[KeyPage], object],
    arguments: list[object],
) -> None:
    page.show_view(KeysView(KeySetName.RESOLVE, {Command.PLAY: ("P",)}))
    choose(page, "Play or pause")
    with qtbot.waitSignal(signal(page)) as wish:
        click(child(page, QPushButton, name))
    assert wish.args == arguments


def test_a_reset_tells_when_the_key_of_the_set_is_taken(page: KeyPage) -> None:
    page.show_view(KeysView(own={Command.PLAY: ("K",), Command.PAUSE: ("P",)}))
    page.reset_requested.connect(lambda _: page.show_view(KeysView(own={Command.PLAY: ("K",)})))
    choose(page, "Pause")
    click(child(page, QPushButton, "Reset the key"))
    assert said(page) == "“Pause” has no key: other commands have those of the set."


def test_there_is_nothing_to_reset_in_a_set_as_it_is(page: KeyPage) -> None:
    assert not child(page, QPushButton, "Reset the key").isEnabled()
    assert not child(page, QPushButton, "Reset all keys").isEnabled()


def test_a_set_is_chosen_by_keys(page: KeyPage, qtbot: QtBot) -> None:
    sets = child(page, QComboBox)
    sets.setFocus()
    with qtbot.waitSignal(page.set_chosen) as chosen:
        press(sets, Key.Key_Down)
    assert chosen.args == ["premiere"]


def test_commands_are_found_by_name_and_by_key(page: KeyPage) -> None:
    commands = child(page, QTreeWidget)
    for text, found in (("ctrl+y", ["Redo"]), ("LOOP", ["Loop"]), ("no such thing", [])):
        child(page, QLineEdit).setText(text)
        items = [commands.topLevelItem(n) for n in range(commands.topLevelItemCount())]
        assert [i.text(0) for i in items if i is not None and not i.isHidden()] == found


def test_enter_in_the_search_goes_to_what_was_found_and_changes_nothing(
    page: KeyPage, qtbot: QtBot
) -> None:
    find, before = child(page, QLineEdit), page.view
    find.setFocus()
    find.setText("Split")
    with qtbot.assertNotEmitted(page.keys_removed):
        press(find, Key.Key_Return)
    commands = child(page, QTreeWidget)
    assert QApplication.focusWidget() is commands
    item = commands.currentItem()
    assert item is not None
    assert "Split" in item.text(0)
    assert page.view == before
    find.setFocus()
    find.setText("nothing is called so")
    press(find, Key.Key_Return)
    assert QApplication.focusWidget() is find
    assert not child(page, QPushButton, "No key").isEnabled()
