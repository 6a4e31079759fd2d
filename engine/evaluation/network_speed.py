"""How fast our BS-RoFormer is beside the one of the package `BS-RoFormer`, on the same weights.

Run it as `python -m engine.evaluation.network_speed`. Each network lives in a process of its own;
they take turns, so that whatever else the machine does meets both. Where ours is not as much faster
as it should be, tables say what the operators of both reach of what the machine can do.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.evaluation.network_process import (
    Duel,
    Job,
    Maker,
    NetworkProcess,
    Precision,
    Size,
    write_weights,
)
from engine.evaluation.roofline import roofline
from engine.evaluation.tables import markdown

SIZES = (
    Size(dim=64, depth=2, stems=2, seconds=4),
    Size(dim=256, depth=2, stems=2, seconds=8),
    Size(dim=384, depth=2, stems=1, seconds=8),
    Size(dim=512, depth=2, stems=1, seconds=8),
)
"""Our test size and thin slices of the published ones: deeper ones only take longer."""

SHORT_SIZES = (Size(64, 2, 2, 4), Size(256, 1, 2, 4), Size(512, 1, 1, 4))
"""For `make bench`."""

WANTED = {"cpu": 1.5, "cuda": 2.0}
"""How many times as fast ours should be."""

HEAD = (
    "network",
    "device",
    "published",
    "ours",
    "times as fast",
    "processor time",
    "difference",
    "memory",
)
_MAKERS: tuple[Maker, Maker] = ("published", "ours")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both networks on one size.

    Attributes:
        size: The size.
        device: Where they ran.
        precision: Of their products.
        duel: The published one against ours.
    """

    size: Size
    device: str
    precision: Precision
    duel: Duel

    @property
    def is_fast_enough(self) -> bool:
        """Whether ours is as much faster as it should be."""
        return self.duel.ratio >= WANTED[self.device]

    def cells(self) -> tuple[str, ...]:
        """Under `HEAD`."""
        return (
            self.size.words,
            f"{self.device} {self.precision}",
            *(f"{best_s:.3f} s" for best_s in self.duel.best_s),
            *self.duel.ratios,
            f"{self.duel.difference:.1e}",
            self.duel.memory_words,
        )


def compare(
    size: Size, folder: Path, rounds: int, device: str = "cpu", precision: Precision = "float32"
) -> Comparison:
    """Run both in turns.

    Args:
        size: Of the networks.
        folder: For weights and outputs.
        rounds: Turns of each, after one that does not count.
        device: `"cpu"` or `"cuda"`.
        precision: Of the products.
    """
    weights = weights_of(size, folder)
    outputs = [folder / f"{size.words}-{device}-{precision}-{maker}.npy" for maker in _MAKERS]
    with ExitStack() as stack:
        theirs, own = (
            stack.enter_context(
                NetworkProcess(Job(maker, size, weights, device, precision), output)
            )
            for maker, output in zip(_MAKERS, outputs, strict=True)
        )
        turns = [(theirs.run(), own.run()) for _ in range(rounds)]
        memory = theirs.peak_bytes(), own.peak_bytes()
    a, b = (np.load(output) for output in outputs)
    difference = float(abs(a - b).max() / abs(a).max())
    published, ours = zip(*turns, strict=True)
    return Comparison(size, device, precision, Duel(published, ours, difference, memory))


def weights_of(size: Size, folder: Path) -> Path:
    """Random weights, the same each time."""
    path = folder / f"{size.words}.pt"
    if not path.exists():
        write_weights(size, path)
    return path


def comparisons(sizes: Iterable[Size], folder: Path, rounds: int) -> Iterator[Comparison]:
    """All sizes on the processor, and on the GPU if there is one."""
    for size in sizes:
        yield compare(size, folder, rounds)
        if torch.cuda.is_available():
            yield compare(size, folder, rounds, "cuda")
            yield compare(size, folder, rounds, "cuda", "bfloat16")


def explanation(comparison: Comparison, folder: Path) -> Iterator[str]:
    """Lines that show where the time of both goes, and how much of it could go away."""
    size, device = comparison.size, comparison.device
    for maker in _MAKERS:
        job = Job(maker, size, weights_of(size, folder), device, comparison.precision)
        yield f"\n{maker}, {size.words}, {device} {comparison.precision}:\n\n"
        yield from roofline(job)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print tables in Markdown."""
    parser = ArgumentParser(prog="python -m engine.evaluation.network_speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each network")
    parser.add_argument("--short", action="store_true", help="smaller networks, shorter sound")
    parser.add_argument("--roofline", action="store_true", help="tables by operator in any case")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = SHORT_SIZES if options.short else SIZES
        found: list[Comparison] = []

        def cells() -> Iterator[tuple[str, ...]]:
            for comparison in comparisons(sizes, folder, options.rounds):
                found.append(comparison)
                yield comparison.cells()

        _say(markdown(HEAD, cells()))
        for comparison in found:
            if options.roofline or not comparison.is_fast_enough:
                _say(explanation(comparison, folder))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
