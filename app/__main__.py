"""Start: a known command goes to the command line, everything else is files for the editor."""

import faulthandler
import importlib
import sys
from pathlib import Path

COMMANDS = {
    "restore": "take added background music out of videos",
    "match": "say which of two sound files belongs to a picture",
    "models": "list, get, import and verify models",
    "evaluate": "measure results against the truth",
    "dataset": "make material to train and test on",
    "train": "train the starter networks",
    "doctor": "say what works on this machine and how to mend what does not",
}

_HELP = """Usage: reprise [FILES]              the editor
       reprise COMMAND [ARGUMENTS]  without a window

Commands (reprise COMMAND --help says more):
"""


def main() -> int:
    """Run what the first argument says.

    Returns:
        0 done, 1 an input or the machine is at fault, 2 usage, 3 cancelled.
    """
    faulthandler.enable()
    arguments = sys.argv[1:]
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        sys.stdout.write(_HELP + "".join(f"  {n:<10}{w}\n" for n, w in COMMANDS.items()))
        return 0
    # Loaded by name: the window must not reach the command line, nor the command line the window.
    if first in COMMANDS:
        code = int(importlib.import_module("app.cli.run").run_command(first, arguments[1:]))
    else:
        code = _edit(arguments)
    return code


def _edit(arguments: list[str]) -> int:
    """Open the editor; `--engine thread` keeps the engine in its process, for debugging."""
    in_thread = arguments[:2] == ["--engine", "thread"]
    files = arguments[2:] if in_thread else arguments
    unknown = [name for name in files if name.startswith("-")]
    if unknown:
        sys.stderr.write(f"reprise: there is no option {unknown[0]}; see reprise --help\n")
        return 2
    bootstrap = importlib.import_module("app.bootstrap")
    return int(bootstrap.run_editor([Path(f) for f in files], engine_in_thread=in_thread))


if __name__ == "__main__":
    sys.exit(main())
