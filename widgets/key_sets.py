"""Which keys do what: ready-made sets, and the user's own changes to one of them.

Keys are written as Qt writes them everywhere: "Ctrl+Shift+M". A key map gives the keys of every
command by its name; no two commands share a key in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QKeySequence

from widgets.actions import ACTIONS, LANE_KEYS, Command, Menu, lane_command, lane_text, plain

Keys = tuple[str, ...]
KeyMap = Mapping[str, Keys]


class KeySetName(StrEnum):
    """The sets that come with the program."""

    REPRISE = "reprise"
    PREMIERE = "premiere"
    RESOLVE = "resolve"


KEY_SET_TITLES = {
    KeySetName.REPRISE: "Reprise",
    KeySetName.PREMIERE: "Premiere Pro",
    KeySetName.RESOLVE: "DaVinci Resolve",
}

# What a set has in another way than the table of actions; where that takes a key away from another
# command, the set names one for that as well.
_OTHERWISE: dict[KeySetName, dict[str, Keys]] = {
    KeySetName.REPRISE: {},
    KeySetName.PREMIERE: {
        Command.EXPORT_VIDEO: ("Ctrl+M",),
        Command.CLEAR_SELECTION: ("Ctrl+Shift+X",),
        Command.MARKER_BEFORE: ("Ctrl+Shift+M",),
        Command.MARKER_BEHIND: ("Shift+M",),
        Command.REMOVE_MARKER: ("Ctrl+Alt+M",),
        Command.SPLIT_CLIP: ("Ctrl+K",),
        Command.NUDGE_BACK: ("Alt+Left",),
        Command.NUDGE_ON: ("Alt+Right",),
        Command.MUTE: ("Shift+U",),
        Command.FIT: ("\\",),
        Command.ZOOM_IN: ("=", "+"),
        Command.KEYS: ("?", "F1", "Ctrl+Alt+K"),
    },
    KeySetName.RESOLVE: {
        Command.LOOP: ("Ctrl+/",),
        Command.SPLIT_CLIP: ("Ctrl+B",),
        Command.MARKER_BEFORE: ("Shift+Up",),
        Command.MARKER_BEHIND: ("Shift+Down",),
        Command.RENAME_MARKER: ("Shift+M", "F2"),
        Command.MUTE: ("Shift+U",),
        Command.FIT: ("Shift+Z",),
        Command.ZOOM_IN: ("Ctrl+=", "Ctrl++"),
        Command.ZOOM_OUT: ("Ctrl+-",),
        Command.KEYS: ("?", "F1", "Ctrl+Alt+K"),
    },
}


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command that may have keys.

    Attributes:
        name: In key maps.
        text: What the user reads.
        menu: Where it stands.
    """

    name: str
    text: str
    menu: str


def key_commands() -> tuple[KeyCommand, ...]:
    """All commands, in the order of the menus."""
    rows = [KeyCommand(spec.command, plain(spec.text), plain(spec.menu)) for spec in ACTIONS]
    edit = plain(Menu.EDIT)
    rows += [
        KeyCommand(lane_command(index), f"Hear {plain(lane_text(index)).lower()} alone", edit)
        for index in range(LANE_KEYS)
    ]
    order = [plain(menu) for menu in Menu]
    return tuple(sorted(rows, key=lambda row: order.index(row.menu)))


def key_map(name: KeySetName, own: KeyMap | None = None) -> dict[str, Keys]:
    """The keys of every command.

    Args:
        name: The set.
        own: What the user has instead. Commands and keys that are not known count for nothing; a
            key of one's own is taken from whatever has it in the set, and of two such commands
            the first one of the menus has it.
    """
    usual = {spec.command.value: spec.keys for spec in ACTIONS}
    usual |= {lane_command(index): (str(index),) for index in range(LANE_KEYS)}
    usual |= _OTHERWISE[name]
    taken = set(menu_keys())
    result: dict[str, Keys] = {}
    for command in sorted(usual, key=lambda command: command not in (own or {})):
        wanted = (own or {}).get(command, usual[command])
        keys = dict.fromkeys(normal for key in wanted if (normal := normal_key(key)) is not None)
        result[command] = tuple(key for key in keys if key not in taken)
        taken.update(keys)
    return {command: result[command] for command in usual}


def owner(keys: KeyMap, key: str) -> str | None:
    """The command that has a key; None if none has."""
    return next((command for command, its in keys.items() if key in its), None)


def assigned(own: KeyMap, command: str, key: str) -> dict[str, Keys]:
    """One's own keys when a command gets a key instead of what it had.

    Where the set gives that key to another command, that one has it back once this one is reset.
    """
    others = {name: tuple(each for each in keys if each != key) for name, keys in own.items()}
    return others | {command: (key,)}


def menu_keys() -> dict[str, str]:
    """Keys that open menus, which no command can have, and the menus."""
    return {f"Alt+{menu[menu.index('&') + 1].upper()}": plain(menu) for menu in Menu}


def normal_key(text: str) -> str | None:
    """A single key as it is written everywhere; None if it is none."""
    sequence = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return None
    return sequence.toString(QKeySequence.SequenceFormat.PortableText) or None


def with_key(words: str, keys: Keys) -> str:
    """What a control does, and the first key that does the same."""
    return f"{words} ({native(keys[0])})" if keys else words


def native(key: str) -> str:
    """A key as this machine's keyboard names it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
