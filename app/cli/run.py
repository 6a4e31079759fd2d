"""Runs one command: finds it by name, and turns errors into one line and the right exit code."""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from app.cli.checks import refuse_senseless
from app.cli.output import printable
from app.cli.plain_help import speak_plainly
from engine.errors import CancelledError, EngineError, MemoryShortError, OutputError
from engine.translation import ENGLISH, VARIABLE, use_language

DONE, FAILED, USAGE, CANCELLED = 0, 1, 2, 3
_INTERRUPTED = 130  # what typer makes of Ctrl-C


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run the command `name`; the module `app.cli.NAME` holds it as `cli`.

    Scripts read what commands write, so the settings and the system have no say in the language;
    known errors are in that of the environment, if it names one.

    Returns:
        0 done, 1 an input or the machine is at fault, 2 usage, 3 cancelled.
    """
    use_language(os.environ.get(VARIABLE, ENGLISH))
    command = typer.main.get_command(importlib.import_module(f"app.cli.{name}").cli)
    refuse_senseless(command, arguments)
    speak_plainly(command)
    try:
        with memory_errors():
            code = command.main(list(arguments), prog_name=f"reprise {name}", standalone_mode=False)
    except typer.TyperException as error:
        say(error.format_message())
        return USAGE
    except (CancelledError, KeyboardInterrupt, typer.Abort):
        say("cancelled")
        return CANCELLED
    except EngineError as error:
        say(f"{error.message}{f': {error.hint}' if error.hint else ''}")
        return FAILED
    if code == _INTERRUPTED:
        say("cancelled")
        return CANCELLED
    return code if isinstance(code, int) else DONE


@contextmanager
def memory_errors() -> Iterator[None]:
    """Tell of what has no room inside the block as of any other known error.

    Raises:
        MemoryShortError: With what to do about it.
    """
    try:
        yield
    except MemoryError as error:
        # Numpy says how much it wanted, and then of which shape.
        wanted = str(error).partition(" for an array")[0].strip()
        raise MemoryShortError(
            f"there is not enough memory{f': {wanted}' if wanted else ''}",
            "close other programs, or take a smaller network or a shorter film",
        ) from error


@contextmanager
def cache_errors() -> Iterator[None]:
    """Say of what cannot be written inside the block that it belongs to the cache.

    Raises:
        OutputError: With what to do about it.
    """
    try:
        yield
    except OutputError as error:
        hint = "free some space, or set REPRISE_CACHE to another folder"
        raise type(error)(f"the cache is of no use: {error.message}", hint) from error


def say_error(path: Path, error: EngineError) -> None:
    """Say of one of several inputs what is wrong with it; its path is named once."""
    say(str(error) if path.name in error.message else f"{path}: {error}")


def say(line: str) -> None:
    """Write one line for a person, to standard error."""
    sys.stderr.write(f"reprise: {printable(line)}\n")
