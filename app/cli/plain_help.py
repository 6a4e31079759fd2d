"""The help of commands in the words of those who read it: no types of Python."""

from collections.abc import Callable
from functools import partial
from typing import Any

import typer
from typer.core import TyperGroup

_TYPES = {
    "<bool>": "",
    "<str>": "<text>",
    "<int>": "<number>",
    "<int range>": "<number>",
    "<float>": "<number>",
    "<float range>": "<number>",
    "<Path>": "<path>",
    "<list[str]>": "<text>",
    "<list[Path]>": "<path>",
}


def speak_plainly(command: Any) -> None:
    """Have the help of a command say what is to be written: `<path>`, and nothing for a switch."""
    for parameter in command.get_params(typer.Context(command)):
        vars(parameter)["display_type"] = partial(_plain, parameter.display_type)
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            speak_plainly(each)


def _plain(told: Callable[[Any], str], context: Any) -> str:
    words = told(context)
    return _TYPES.get(words, words)
