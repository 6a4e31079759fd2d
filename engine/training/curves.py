"""The log of a run, and its curves as a picture and for TensorBoard."""

import importlib.util
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.media.atomic import atomic_output

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
        si_sdr_db: Of the stems of unseen mixes, best order, silent stems left out.
        gain_db: The same above the mix.
        learning_rate: At this step.
        skipped: Steps left out since the line before, because their loss was not finite.
    """

    step: int
    hours: float
    loss: float | None
    si_sdr_db: float
    gain_db: float
    learning_rate: float = 0.0
    skipped: int = 0


class RunLog:
    """Where a run writes its lines: the log, and events where TensorBoard is installed."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._events: SummaryWriter | None = None

    def write(self, line: LogLine) -> None:
        """Append a line; it can be read at once."""
        with (self._run / LOG).open("ab") as log:
            log.write(msgspec.json.encode(asdict(line)) + b"\n")
        if importlib.util.find_spec("tensorboard") is None:
            return
        if self._events is None:
            from torch.utils.tensorboard import SummaryWriter  # slow, only for those who train

            self._events = SummaryWriter(str(self._run / EVENTS))
        for name, value in asdict(line).items():
            if name != "step" and value is not None:
                self._events.add_scalar(name, value, line.step)
        self._events.flush()


def read_log(run: Path) -> list[LogLine]:
    """All lines of a run's log."""
    lines = (run / LOG).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=LogLine) for line in lines]


def draw_curves(lines: Sequence[LogLine], run: Path) -> None:
    """Draw loss and gain over the steps, if matplotlib is installed."""
    if importlib.util.find_spec("matplotlib") is None:
        return
    from matplotlib.figure import Figure  # slow, and only for those who train

    figure = Figure(figsize=(8, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    steps = [line.step for line in lines]
    # A line without a loss leaves a gap.
    losses = [float("nan") if line.loss is None else line.loss for line in lines]
    above.plot(steps, losses, marker=".")
    above.set_ylabel("training loss")
    below.plot(steps, [line.gain_db for line in lines], marker=".", label="gain over the mix")
    below.plot(steps, [line.si_sdr_db for line in lines], marker=".", label="SI-SDR")
    below.set_ylabel("unseen mixes, dB")
    below.set_xlabel(f"steps ({lines[-1].hours:.1f} hours)")
    below.legend()
    for axes in (above, below):
        axes.grid(alpha=0.3)
    with atomic_output(run / PICTURE) as part:
        figure.savefig(part, dpi=100)
