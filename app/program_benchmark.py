"""`python -m app.program_benchmark`: how fast and how big the program is, here and now.

A ratio of 0.5 x real time means that a minute of sound takes half a minute.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.evaluation.sample import BGM, MINUTE_S, make_minute, sample_folder
from engine.media.decode import AudioReader
from engine.media.peaks import build_peaks
from engine.session import Session
from engine.types import RestoreRequest, Samples

_RATE_HZ = 44_100
_TWO_MUSICS = "starter-music"

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    budget: str = ""


def main() -> None:
    """Measure and print a table in Markdown."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    _say(f"{os.cpu_count()} cores, {system}\n\n| what | measured | budget |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Path(folder)):
            _say(f"| {row.what} | {row.measured} | {row.budget} |")


def rows(folder: Path) -> Iterator[Row]:
    """Measure one thing after the other."""
    yield from _start_up(folder)
    film = make_minute(folder / "minute.mp4")
    sound, seconds = _timed(lambda: _read(film))
    yield Row("decode (AAC)", _speed(seconds))
    _, seconds = _timed(lambda: _peaks([sound], folder / "peaks"))
    yield Row("peaks", _speed(seconds), "200 x real time")
    _, seconds = _timed(lambda: _peaks(_blocks(film), folder / "more-peaks"))
    yield Row("a minute dropped: decode to peaks", f"{seconds:.2f} s", "0.3 s")
    yield from _restores(folder, film)
    yield Row("peak memory of a blind restore", _peak_memory(film))


def _restores(folder: Path, film: Path) -> Iterator[Row]:
    # A cache for each, or the second would find the sound decoded.
    session = Session(ArtifactStore(folder / "known"))
    known = RestoreRequest(film, bgm=(sample_folder() / BGM,))
    yield from _restore(session, known, "known track", "0.1 x real time")
    session = Session(ArtifactStore(folder / "blind"))
    _, seconds = _timed(lambda: list(session.warm_up()))
    yield Row("default networks loaded", f"{seconds:.1f} s", "5 s with the start of the engine")
    blind = RestoreRequest(film, models={"mixed_music": _TWO_MUSICS})
    yield from _restore(session, blind, "blind, all networks", "1.5 x real time")


def _restore(session: Session, request: RestoreRequest, way: str, budget: str) -> Iterator[Row]:
    result, seconds = _timed(lambda: session.restore(request, PlainContext()))
    for stage in result.stages:
        model = f" ({stage.model})" if stage.model else ""
        yield Row(f"{way}: {stage.name}{model}", _cost(stage.seconds))
    yield Row(f"**{way}: whole restore**", f"**{_cost(seconds)}**", budget)


def _start_up(folder: Path) -> Iterator[Row]:
    """Time from the start of the program to its first paint, and to an engine that is ready."""
    command = [sys.executable, "-m", "app.start_up_probe"]
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        **{f"REPRISE_{n}": str(folder / n.lower()) for n in ("CONFIG", "CACHE", "DATA")},
    }
    started = time.time()
    lines = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    painted, ready = (float(line) - started for line in lines.stdout.split())
    yield Row("start to first paint", f"{painted:.2f} s", "1.0 s")
    yield Row("start to engine ready", f"{ready:.1f} s", "5 s")


def _blocks(path: Path) -> Iterator[Samples]:
    with AudioReader(path) as reader:
        yield from reader.blocks()


def _read(path: Path) -> Samples:
    return np.concatenate(list(_blocks(path)), axis=1)


def _peaks(blocks: Iterator[Samples] | list[Samples], path: Path) -> None:
    build_peaks(blocks, 2, _RATE_HZ, path)


def _peak_memory(film: Path) -> str:
    """Largest resident size of the command line during a restore of the minute."""
    if sys.platform == "win32":
        return "not measured on Windows"
    with tempfile.TemporaryDirectory() as cache:
        wanted = [str(film), "--blind", "--model", f"mixed_music={_TWO_MUSICS}"]
        child = subprocess.Popen(
            [sys.executable, "-m", "app", "restore", *wanted, "-o", f"{cache}/o.mp4"],
            env={**os.environ, "REPRISE_CACHE": cache},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, child.args)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return f"{usage.ru_maxrss * unit / 1e9:.2f} GB"


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    started = time.monotonic()
    result = work()
    return result, time.monotonic() - started


def _speed(seconds: float) -> str:
    return f"{MINUTE_S / seconds:.0f} x real time"


def _cost(seconds: float) -> str:
    return f"{seconds / MINUTE_S:.3f} x real time"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
