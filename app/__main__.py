"""Start: a known command goes to the command line, everything else is files for the editor."""

import faulthandler
import importlib
import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from app.screen import has_screen

COMMANDS = {
    "restore": "take added background music out of videos",
    "library": "take in folders of music, in which added tracks are recognised",
    "identify": "say which tracks of the library sound in videos",
    "match": "say which of two sound files belongs to a picture",
    "models": "list, get, import and verify models",
    "evaluate": "measure results against the truth",
    "dataset": "make material to train and test on",
    "train": "train the starter networks",
    "doctor": "say what works on this machine and how to mend what does not",
}

_CANCELLED = 3

_HELP = """Usage: reprise [FILES]              the editor
       reprise COMMAND [ARGUMENTS]  without a window

Commands (reprise COMMAND --help says more):
"""


def main() -> int:
    """Run what the first argument says.

    Returns:
        0 done, 1 an input or the machine is at fault, 2 usage, 3 cancelled.
    """
    _open_outputs()
    faulthandler.enable()
    arguments = sys.argv[1:]
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        sys.stdout.write(_HELP + "".join(f"  {n:<10}{w}\n" for n, w in COMMANDS.items()))
        return 0
    if first in COMMANDS:
        return _run_command(first, arguments[1:])
    return _edit(arguments)


def _open_outputs() -> None:
    """Give Python the outputs that the shell has closed, or that a desktop never opened."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _run_command(name: str, arguments: list[str]) -> int:
    """Run a command; being stopped is one line, even while everything is still being loaded."""
    for wish in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, wish, None)
        # Ignored under nohup, and so it shall stay.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        # Loaded by name: the window must not reach the command line, nor it the window.
        code = int(importlib.import_module("app.cli.run").run_command(name, arguments))
    except KeyboardInterrupt:
        sys.stderr.write("reprise: cancelled\n")
        code = _CANCELLED
    finally:
        # Whoever presses Ctrl-C again while the program ends is only impatient.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == _CANCELLED:
        _leave_at_once()
    return code


def _leave_at_once() -> NoReturn:
    """End without the half second that Python takes to tidy up after torch."""
    for output in (sys.stdout, sys.stderr):
        with suppress(OSError):
            output.flush()
    os._exit(_CANCELLED)


def _edit(arguments: list[str]) -> int:
    """Open the editor; `--engine thread` keeps the engine in its process, for debugging."""
    in_thread = arguments[:2] == ["--engine", "thread"]
    files = arguments[2:] if in_thread else arguments
    if files == ["--version"]:
        sys.stdout.write(f"reprise {version('reprise')}\n")
        return 0
    if files and files[0].isalpha() and not Path(files[0]).exists():
        sys.stderr.write(f"reprise: there is no file or command {files[0]}; see reprise --help\n")
        return 2
    unknown = [name for name in files if name.startswith("-")]
    if unknown:
        sys.stderr.write(f"reprise: there is no option {unknown[0]}; see reprise --help\n")
        return 2
    if not has_screen():
        sys.stderr.write(
            "reprise: there is no screen; use reprise restore, which needs none, or set DISPLAY\n"
        )
        return 1
    # First: most modules of the window read their words once.
    importlib.import_module("app.language").settle_language()
    bootstrap = importlib.import_module("app.bootstrap")
    return int(bootstrap.run_editor([Path(f) for f in files], engine_in_thread=in_thread))


if __name__ == "__main__":
    sys.exit(main())
