"""`make bench`: all tables, one section after the other, measured here and now on this machine.

A section is some of the project's own commands, each a fresh process: its lines come as they are
printed, and no section sees the memory of another.
"""

import argparse
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

_CORPUS, _FILMS = "data/bench", "data/bench-films"
_NETWORK = "starter-ost-bgm"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the benchmark.

    Attributes:
        name: What it is called on the command line.
        words: What it shows.
        minutes: About how long it takes on two free cores.
        commands: What is run, one after the other: a module of Python and its arguments.
        whole: The same with nothing left out to save time; empty if nothing is.
    """

    name: str
    words: str
    minutes: float
    commands: tuple[str, ...]
    whole: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "program",
        "start, decoding, known and blind restore of a minute, beside their budgets",
        1,
        ("app.program_benchmark",),
    ),
    Section(
        "frames",
        "zooming and panning a film of two hours: how long a frame takes",
        3,
        (
            "app.frame_benchmark",
            "app.frame_benchmark --scale 2",
            "app.frame_benchmark --xvfb",
            "app.frame_benchmark --xvfb --scale 2",
        ),
    ),
    Section(
        "switch",
        "a key that switches versions: how soon and how cleanly it is heard, recorded",
        2,
        ("app.switch_benchmark",),
    ),
    Section(
        "known-bgm",
        "removal of a known track beside the codec's bound: codecs, levels, treatments",
        13,
        (
            f"app dataset synthetic {_CORPUS} --hours 1.0",
            f"app evaluate known-bgm --corpus {_CORPUS}",
        ),
    ),
    Section(
        "identification",
        "which tracks are recognised in a library of 10,000, by level and treatment",
        12,
        ("app evaluate identification",),
    ),
    Section(
        "lookalikes",
        "whether a track is named that only shares drums and samples with a film's own music",
        5,
        ("app evaluate lookalikes",),
    ),
    Section(
        "stems",
        "blind: in which stem everything ends, by the matcher's choice and an oracle's",
        4,
        (
            f"app dataset synthetic {_CORPUS} --hours 1.0",
            f"app evaluate stems --corpus {_CORPUS} --films 12",
        ),
        (
            "app dataset synthetic data/corpus",
            "app evaluate stems --corpus data/corpus",
        ),
    ),
    Section(
        "paper",
        "the paper's tables 1, 2 and 4 for our data, its own rows beside them",
        4,
        (
            f"app dataset synthetic {_CORPUS} --hours 1.0",
            f"app evaluate separator {_NETWORK} --corpus {_CORPUS} --mixes 60",
            f"app dataset osvar {_FILMS} --count 8",
            f"app evaluate pipeline {_FILMS} --model mixed_music={_NETWORK}",
        ),
        (
            "app dataset oasd data/oasd",
            f"app evaluate separator {_NETWORK} --corpus data/oasd",
            "app dataset osvar data/osvar",
            f"app evaluate pipeline data/osvar --model mixed_music={_NETWORK}",
        ),
    ),
    Section(
        "roformer",
        "our BS-RoFormer beside the package BS-RoFormer: speed, memory, difference",
        2,
        ("engine.evaluation.network_speed --short --rounds 3",),
        ("engine.evaluation.network_speed",),
    ),
    Section(
        "demucs",
        "our Demucs beside the command demucs: speed, memory, difference",
        5,
        ("engine.evaluation.demucs_speed",),
        ("engine.evaluation.demucs_speed --seconds 120 --rounds 5",),
    ),
    Section(
        "long",
        "memory and disk of long restores, of a known track and blind",
        4,
        (
            "engine.evaluation.long_restore --hours 0.25 --way known",
            "engine.evaluation.long_restore --hours 0.25 --way two-musics",
        ),
        (
            "engine.evaluation.long_restore --way known",
            "engine.evaluation.long_restore --way two-musics",
        ),
    ),
)


def main(arguments: Sequence[str] | None = None, sections: Sequence[Section] = SECTIONS) -> int:
    """Run the sections that are wanted.

    Returns:
        0 if all went well, 1 if a command of a section failed.
    """
    parser = argparse.ArgumentParser(prog="python -m app.benchmarks", description="Measure.")
    names = [section.name for section in sections]
    parser.add_argument(
        "--only", choices=names, action="append", help="one section; may be repeated"
    )
    parser.add_argument("--full", action="store_true", help="leave nothing out; takes hours")
    parser.add_argument("--list", action="store_true", help="say which sections there are")
    options = parser.parse_args(arguments)
    chosen = [section for section in sections if section.name in (options.only or names)]
    if options.list:
        for section in chosen:
            _say(f"{section.name:<16}{section.minutes:>3g} min  {section.words}")
        return 0
    _say(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")
    failed = [section.name for section in chosen if not _is_run(section, full=options.full)]
    if failed:
        _say(f"\nnot measured: {', '.join(failed)}")
    return 1 if failed else 0


def _is_run(section: Section, *, full: bool) -> bool:
    """Run a section to its end or to its first error; says whether it came to the end."""
    started_s = time.monotonic()
    _say(f"\n## {section.name}: {section.words}")
    for command in (full and section.whole) or section.commands:
        _say(f"\n`python -m {command}`\n")
        status = subprocess.run([sys.executable, "-m", *shlex.split(command)]).returncode
        if status:
            _say(f"\nERROR: the command ended with {status}")
            return False
    _say(f"\n{section.name} took {(time.monotonic() - started_s) / 60:.1f} min")
    return True


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
