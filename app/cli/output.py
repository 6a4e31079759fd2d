"""What commands write: JSON lines to standard output, progress and words to standard error."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich import progress as bars
from rich.console import Console

from engine.context import PlainContext, Progress, RunContext
from engine.errors import EngineError, OutputError
from engine.types import BgmMatch

_DECIMALS = 6
_UNHEARD_CHANGE = 5e-4
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves the cursor, changes colours, ends a line or turns the direction of writing."""


def write_json(value: object) -> None:
    r"""One JSON object on one line of standard output; \udcNN is a byte NN that is no UTF-8.

    Raises:
        OutputError: Standard output is closed or full.
    """
    plain = msgspec.to_builtins(value, enc_hook=os.fspath)
    _write(msgspec.json.encode(_readable(plain)).decode() + "\n")


def write_lines(lines: Iterable[str]) -> None:
    """Lines to standard output, each as soon as it is there, on one line whatever is in them.

    Raises:
        OutputError: It is closed or full.
    """
    for line in lines:
        body = line.strip("\n")
        before, after = line.split(body, 1) if body else (line, "")
        _write(before + printable(body) + after)


def printable(text: str) -> str:
    r"""The text as a terminal may get it: control characters, as in file names, become \x1b."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def speed_change(match: BgmMatch) -> str:
    """How much faster or slower a track plays, for the end of a list; nothing if it does not."""
    change = match.speed - 1
    return "" if abs(change) < _UNHEARD_CHANGE else f", {change:+.2%} in speed"


def write_json_error(path: Path, error: EngineError) -> None:
    """The object for an input that failed."""
    details = {"code": error.code, "message": error.message, "hint": error.hint}
    write_json({"input": str(path.absolute()), "error": details})


def _write(line: str) -> None:
    try:
        sys.stdout.write(_utf8(line))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough; typer ends the program without a word.
        raise
    except OSError as error:
        # Or Python would try once more at the end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(f"cannot write to standard output: {error.strerror}") from error


def _readable(value: object) -> object:
    """The same value with strings that are UTF-8 and numbers without a tail of rounding errors."""
    if isinstance(value, str):
        return _utf8(value)
    if isinstance(value, float):
        # Nobody expects a minus before 0.
        return round(value, _DECIMALS) + 0.0
    if isinstance(value, dict):
        return {name: _readable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(part) for part in value]
    return value


def _utf8(text: str) -> str:
    """A file name may hold bytes that are no UTF-8: those are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


@contextmanager
def progress_on_terminal(title: str) -> Iterator[RunContext]:
    """A context whose reports become a bar with the time left, if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainContext()
        return
    columns = (
        # A file may be called [red].
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True) as bar:
        words = printable(title)
        task = bar.add_task(words)

        def show(progress: Progress) -> None:
            description = f"{words}: {progress.stage.replace('_', ' ')}"
            bar.update(task, description=description, completed=progress.done, total=progress.total)

        yield PlainContext(on_progress=show)
