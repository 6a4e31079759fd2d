"""The log of a run, and its curves as a picture and for TensorBoard."""

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from engine.media.atomic import atomic_output, disk_errors

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

LOG, PICTURE, EVENTS = "log.jsonl", "curves.png", "events"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of `log.jsonl`.

    Attributes:
        step: Optimiser steps so far.
        hours: Training time so far, over all calls.
        loss: Mean training loss since the line before.
        si_sdr_db: Mean over the stems of unseen mixes, silent ones left out; where the stems of the
            recipe have no order, that of the best one. None if it was not a number.
        gain_db: The same above the mix.
        learning_rate: At this step.
        skipped: Steps left out since the line before, because their loss was not finite.
    """

    step: int
    hours: float
    loss: float | None
    si_sdr_db: float | None
    gain_db: float | None
    learning_rate: float = 0.0
    skipped: int = 0


class RunLog:
    """Where a run writes its lines: the log, and events where TensorBoard is installed."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._events: SummaryWriter | None = None

    def write(self, line: LogLine) -> None:
        """Append a line; it can be read at once.

        Raises:
            OutputError: It cannot be written.
        """
        path = self._run / LOG
        with disk_errors(path), path.open("ab+") as file:
            file.write(_end_of_cut_off_line(file) + msgspec.json.encode(asdict(line)) + b"\n")
        if importlib.util.find_spec("tensorboard") is None:
            return
        if self._events is None:
            from torch.utils.tensorboard import SummaryWriter  # slow, only for those who train

            self._events = SummaryWriter(str(self._run / EVENTS))
        for name, value in asdict(line).items():
            if name != "step" and value is not None:
                self._events.add_scalar(name, value, line.step)
        self._events.flush()


def _end_of_cut_off_line(file: BinaryIO) -> bytes:
    """What the last line lacks if its writer was killed, or the disk was full."""
    if not file.seek(0, SEEK_END):
        return b""
    file.seek(-1, SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def read_log(run: Path) -> list[LogLine]:
    """The lines of a run's log, but for those that were cut off."""
    lines = map(_line, (run / LOG).read_bytes().splitlines())
    return [line for line in lines if line is not None]


def _line(text: bytes) -> LogLine | None:
    try:
        return msgspec.json.decode(text, type=LogLine)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def draw_curves(lines: Sequence[LogLine], run: Path) -> None:
    """Draw loss and gain over the steps, if matplotlib is installed."""
    if importlib.util.find_spec("matplotlib") is None:
        return
    from matplotlib.figure import Figure  # slow, and only for those who train

    figure = Figure(figsize=(8, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    steps = [line.step for line in lines]
    above.plot(steps, [_or_gap(line.loss) for line in lines], marker=".")
    above.set_ylabel("training loss")
    gains_db = [_or_gap(line.gain_db) for line in lines]
    below.plot(steps, gains_db, marker=".", label="gain over the mix")
    below.plot(steps, [_or_gap(line.si_sdr_db) for line in lines], marker=".", label="SI-SDR")
    below.set_ylabel("unseen mixes, dB")
    below.set_xlabel(f"steps ({lines[-1].hours:.1f} hours)")
    below.legend()
    for axes in (above, below):
        axes.grid(alpha=0.3)
    with atomic_output(run / PICTURE) as part:
        figure.savefig(part, dpi=100)


def _or_gap(value: float | None) -> float:
    """What is drawn; no number leaves a gap."""
    return math.nan if value is None else value
