"""No set has two commands on one key, and none loses a command that another has."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.actions import ACTIONS, LANE_KEYS, Command
from widgets.key_sets import (
    KeySetName,
    assigned,
    key_commands,
    key_map,
    menu_keys,
    native,
    normal_key,
    owner,
    with_key,
)

COMMANDS = [command.name for command in key_commands()]
KEYS = ["M", "Shift+M", "Ctrl+K", "F5", "Alt+F", "nonsense", "", "Ctrl+K, Ctrl+B", "?", "I", "0"]
OWN = st.dictionaries(
    st.sampled_from([*COMMANDS, "unknown", ""]),
    st.lists(st.sampled_from(KEYS), max_size=3).map(tuple),
    max_size=6,
)


def doubled(keys: dict[str, tuple[str, ...]]) -> list[str]:
    """Keys that do more than one thing."""
    times = Counter(key for its in keys.values() for key in its)
    return [key for key, count in times.items() if count > 1]


@pytest.mark.parametrize("name", KeySetName)
def test_no_set_has_two_commands_on_one_key_or_loses_one(name: KeySetName) -> None:
    keys = key_map(name)
    assert doubled(keys) == []
    assert set(keys) == set(COMMANDS)
    assert [command for command, its in keys.items() if not its] == []
    assert not {key for its in keys.values() for key in its} & set(menu_keys())


def test_every_command_of_the_menus_can_be_given_a_key() -> None:
    assert len(COMMANDS) == len(set(COMMANDS)) == len(ACTIONS) + LANE_KEYS
    assert next(command.menu for command in key_commands()) == "File"


@pytest.mark.parametrize(
    ("name", "command", "keys"),
    [
        (KeySetName.REPRISE, Command.LOOP, ("Ctrl+L",)),
        (KeySetName.PREMIERE, Command.LOOP, ("Ctrl+L",)),
        (KeySetName.RESOLVE, Command.LOOP, ("Ctrl+/",)),
        (KeySetName.PREMIERE, Command.EXPORT_VIDEO, ("Ctrl+M",)),
        *((name, Command.ADD_MARKER, ("M",)) for name in KeySetName),
        *((name, Command.SHUTTLE_BACK, ("J",)) for name in KeySetName),
    ],
)
def test_the_sets_are_like_the_programs(
    name: KeySetName, command: Command, keys: tuple[str, ...]
) -> None:
    assert key_map(name)[command] == keys


@given(st.sampled_from(KeySetName), OWN)
def test_whatever_is_kept_no_key_does_two_things(
    name: KeySetName, own: dict[str, tuple[str, ...]]
) -> None:
    keys = key_map(name, own)
    assert doubled(keys) == []
    assert list(keys) == list(key_map(name))
    allowed = {key for key in KEYS if normal_key(key) == key} - set(menu_keys())
    assert all(set(keys[command]) <= allowed for command in own if command in keys)


@given(
    st.sampled_from(KeySetName),
    OWN,
    st.sampled_from(COMMANDS),
    st.sampled_from([key for key in KEYS if normal_key(key) == key and key not in menu_keys()]),
)
def test_a_key_that_is_given_is_had_and_by_nobody_else(
    name: KeySetName, own: dict[str, tuple[str, ...]], command: str, key: str
) -> None:
    keys = key_map(name, assigned(own, command, key))
    assert keys[command] == (key,)
    assert owner(keys, key) == command


def test_a_key_goes_back_when_the_one_that_took_it_is_reset() -> None:
    own = assigned({}, Command.PLAY, "M")
    assert key_map(KeySetName.REPRISE, own)[Command.ADD_MARKER] == ()
    del own[Command.PLAY]
    assert key_map(KeySetName.REPRISE, own)[Command.ADD_MARKER] == ("M",)


@pytest.mark.parametrize(
    ("text", "normal"),
    [("ctrl+shift+m", "Ctrl+Shift+M"), ("a", "A"), ("nonsense", None), ("", None), ("A, B", None)],
)
def test_keys_are_written_in_one_way(text: str, normal: str | None) -> None:
    assert normal_key(text) == normal


def test_controls_say_their_key_if_they_have_one() -> None:
    assert with_key("Play", ("Space", "P")) == "Play (Space)"
    assert with_key("Play", ()) == "Play"
    assert native("Ctrl+,") == "Ctrl+,"
    assert owner({"play": ("Space",)}, "M") is None
