"""Runs one command: finds it by name, and turns errors into one line and the right exit code."""

import importlib
import sys
from collections.abc import Sequence

import typer

from engine.errors import CancelledError, EngineError

DONE, FAILED, USAGE, CANCELLED = 0, 1, 2, 3
_INTERRUPTED = 130  # what typer makes of Ctrl-C


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run the command `name`; the module `app.cli.NAME` holds it as `cli`.

    Returns:
        0 done, 1 an input or the machine is at fault, 2 usage, 3 cancelled.
    """
    command = typer.main.get_command(importlib.import_module(f"app.cli.{name}").cli)
    try:
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


def say(line: str) -> None:
    """Write one line for a person, to standard error."""
    sys.stderr.write(f"reprise: {line}\n")
