"""The actions of the window: in the menus, on keys, allowed or not."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from engine.translation import tr
from widgets.actions import (
    ACTIONS,
    LANE_KEYS,
    Command,
    Menu,
    Needs,
    lane_command,
    make_action,
    make_lane_action,
)
from widgets.key_sets import KeyMap, Keys


@dataclass(frozen=True, slots=True)
class WindowState:
    """What the bar and the menus show and allow.

    Attributes:
        title: Name of what is open; empty when nothing is.
        edited: There are edits that no export or file holds yet.
        has_media: A video is open.
        can_export: There is something to export.
        has_clips: Music is placed.
        undo_name: Name of the edit that Undo takes back; empty when there is none.
        redo_name: Name of the edit that Redo brings back; empty when there is none.
        is_testing: A blind test goes on: nothing but playing is allowed.
    """

    title: str = ""
    edited: bool = False
    has_media: bool = False
    can_export: bool = False
    has_clips: bool = False
    undo_name: str = ""
    redo_name: str = ""
    is_testing: bool = False


class WindowActions(QObject):
    """One action for each command, and one for each number.

    Attributes:
        commands: By command.
        numbers: For the keys 0 to 9.

    Signals:
        triggered: Value of the command that the user gave; of a switch, too.
        number_pressed: From 0 to 9.
    """

    triggered = Signal(str)
    number_pressed = Signal(int)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.commands = {spec.command: make_action(spec, window) for spec in ACTIONS}
        self.numbers = [make_lane_action(index, window) for index in range(LANE_KEYS)]
        for command, action in self.commands.items():
            # Only what the user does triggers, not a switch that is shown.
            action.triggered.connect(partial(self._tell, command))
        for index, action in enumerate(self.numbers):
            action.triggered.connect(partial(self._tell_number, index))
        # A menu bar inside another widget does not hand its keys to the window by itself.
        window.addActions([*self.commands.values(), *self.numbers])

    @property
    def switches(self) -> list[QAction]:
        """What is on or off, for the timeline's corner."""
        return [self.commands[spec.command] for spec in ACTIONS if spec.short_text]

    def fill(self, menu_bar: QMenuBar) -> dict[Menu, QMenu]:
        """Make the menus.

        Returns:
            All of them, for what else belongs there.
        """
        menus = {menu: menu_bar.addMenu(menu.value) for menu in Menu}
        for spec in ACTIONS:
            if spec.starts_group:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.commands[spec.command])
        menus[Menu.EDIT].addMenu(tr("&Hear one lane alone")).addActions(self.numbers)
        return menus

    def set_keys(self, keys: KeyMap) -> None:
        """Have commands answer to these keys from now on."""
        for command, action in self.commands.items():
            action.setShortcuts(_sequences(keys[command]))
        for index, action in enumerate(self.numbers):
            action.setShortcuts(_sequences(keys[lane_command(index)]))

    def show_state(self, state: WindowState) -> None:
        """Allow what makes sense, and name what undo and redo would do."""
        met = {
            Needs.NOTHING: True,
            Needs.MEDIA: state.has_media,
            Needs.RESULT: state.can_export,
            Needs.CLIPS: state.has_clips,
            Needs.UNDO: bool(state.undo_name),
            Needs.REDO: bool(state.redo_name),
            Needs.TEST: state.is_testing,
        }
        for spec in ACTIONS:
            is_allowed = not state.is_testing or spec.menu is Menu.PLAYBACK
            self.commands[spec.command].setEnabled(met[spec.needs] and is_allowed)
        self.commands[Command.UNDO].setText(_named(tr("&Undo"), state.undo_name))
        self.commands[Command.REDO].setText(_named(tr("&Redo"), state.redo_name))
        for action in self.numbers:
            action.setEnabled(state.has_media)

    def _tell(self, command: Command) -> None:
        self.triggered.emit(command.value)

    def _tell_number(self, number: int) -> None:
        self.number_pressed.emit(number)


def _sequences(keys: Keys) -> list[QKeySequence]:
    return [QKeySequence(key) for key in keys]


def _named(verb: str, name: str) -> str:
    return f"{verb}: {name}" if name else verb
