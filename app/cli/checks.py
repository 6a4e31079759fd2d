"""What no option of any command may be: a number that is none, and a path without a name."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup


def refuse_senseless(command: Any, arguments: Sequence[str]) -> None:
    """Make a command refuse infinite numbers and empty paths as wrong usage.

    Args:
        command: What typer made of the declared options.
        arguments: What the user wrote.
    """
    # An empty path has become the current folder by the time that it is looked at.
    has_empty = any(
        word == "" or (word.startswith("--") and word.endswith("=")) for word in arguments
    )
    for parameter in _parameters(command):
        parameter.callback = partial(_checked, has_empty=has_empty)


def _parameters(command: Any) -> Iterator[Any]:
    yield from command.params
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            yield from _parameters(each)


def _checked(_context: object, _parameter: object, value: object, *, has_empty: bool) -> object:
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, float) and not isfinite(each):
            raise typer.BadParameter(f"{each} is no number that can be used")
        if has_empty and each == Path():
            raise typer.BadParameter("the path is empty; write . for the folder you are in")
    return value
