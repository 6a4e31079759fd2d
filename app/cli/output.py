"""What commands write: JSON lines to standard output, progress and words to standard error."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich import progress as bars
from rich.console import Console

from engine.context import PlainContext, Progress, RunContext
from engine.errors import EngineError


def write_json(value: object) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def write_lines(lines: Iterable[str]) -> None:
    """Lines to standard output, each as soon as it is there."""
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()


def write_json_error(path: Path, error: EngineError) -> None:
    """The object for an input that failed."""
    details = {"code": error.code, "message": error.message, "hint": error.hint}
    write_json({"input": str(path.absolute()), "error": details})


@contextmanager
def progress_on_terminal(title: str) -> Iterator[RunContext]:
    """A context whose reports become a bar with the time left, if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainContext()
        return
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title)

        def show(progress: Progress) -> None:
            words = f"{title}: {progress.stage.replace('_', ' ')}"
            bar.update(task, description=words, completed=progress.done, total=progress.total)

        yield PlainContext(on_progress=show)
