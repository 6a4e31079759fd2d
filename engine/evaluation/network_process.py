"""A separating network in a process of its own, where it can be timed and its memory seen."""

import re
import sys
import time
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any, Literal, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.models.bs_roformer import BSRoFormer

Maker = Literal["ours", "published"]
Precision = Literal["float32", "bfloat16"]

_RATE_HZ = 44_100
_HOP_SAMPLES = 441
_HIGHEST = re.compile(r"VmHWM:\s+(\d+) kB")
_LOOK_S = 1.0
"""How often to see whether a process still lives."""


@dataclass(frozen=True, slots=True)
class Size:
    """A BS-RoFormer, and the sound that it gets.

    Attributes:
        dim: Width of the residual stream.
        depth: Layers.
        stems: Stems that come out.
        seconds: Length of the chunk.
    """

    dim: int
    depth: int
    stems: int
    seconds: float

    @property
    def words(self) -> str:
        """Name for people."""
        return f"{self.dim} x {self.depth}, {self.seconds:g} s"

    @property
    def config(self) -> dict[str, Any]:
        """Arguments of either network."""
        return {
            "dim": self.dim,
            "depth": self.depth,
            "stereo": True,
            "num_stems": self.stems,
            "time_transformer_depth": 1,
            "freq_transformer_depth": 1,
            "stft_hop_length": _HOP_SAMPLES,
        }

    def noise(self) -> Tensor:
        """(1, channels, samples): the same for every network; whole frames."""
        num_samples = round(self.seconds * _RATE_HZ) // _HOP_SAMPLES * _HOP_SAMPLES
        generator = torch.Generator().manual_seed(self.dim)
        return 0.1 * torch.randn(1, 2, num_samples, generator=generator)


@dataclass(frozen=True, slots=True)
class Job:
    """What a process runs.

    Attributes:
        maker: Whose network.
        size: Which one.
        weights: File with its weights, in the published layout.
        device: `"cpu"` or `"cuda"`.
        precision: Of the products.
    """

    maker: Maker
    size: Size
    weights: Path
    device: str = "cpu"
    precision: Precision = "float32"

    def build(self) -> nn.Module:
        """The network with its weights, ready to run."""
        state = torch.load(self.weights, mmap=True, weights_only=True)
        if self.maker == "published":
            network = published(self.size)
            network.load_state_dict(state)
        else:
            with torch.device("meta"):
                network = BSRoFormer(**self.size.config)
            network.load_state_dict(state, assign=True)
        return network.eval().to(self.device)

    def reduced(self) -> AbstractContextManager[object]:
        """Automatic mixed precision, if it is wanted."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, torch.bfloat16)


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run took, on the clock and in processor time of all cores together."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Duel:
    """Two sides that took turns, and how their outputs differ.

    Attributes:
        theirs: Rounds of the other side.
        ours: Rounds of ours, each right after one of theirs.
        difference: Largest difference of the outputs, as a part of the peak.
        memory: Most bytes of theirs and of ours; none if not measured.
    """

    theirs: tuple[Timing, ...]
    ours: tuple[Timing, ...]
    difference: float
    memory: tuple[int, ...] = ()

    @property
    def best_s(self) -> tuple[float, float]:
        """The quickest round of theirs and of ours, on the clock."""
        theirs, ours = (min(t.wall_s for t in side) for side in (self.theirs, self.ours))
        return theirs, ours

    @property
    def ratio(self) -> float:
        """How many times as fast ours is: the middle round, on the clock."""
        return median(a.wall_s / b.wall_s for a, b in zip(self.theirs, self.ours, strict=True))

    @property
    def cpu_ratio(self) -> float:
        """The same in processor time, which does not see what else the machine does."""
        return median(a.cpu_s / b.cpu_s for a, b in zip(self.theirs, self.ours, strict=True))

    @property
    def ratios(self) -> tuple[str, str]:
        """Both, for a table."""
        return f"{self.ratio:.2f}", f"{self.cpu_ratio:.2f}"

    @property
    def memory_words(self) -> str:
        """Ours of theirs, for a table."""
        megabytes = " of ".join(f"{most / 1e6:.0f}" for most in reversed(self.memory))
        return f"{megabytes} MB" if megabytes else ""


def published(size: Size) -> nn.Module:
    """The network of the package `BS-RoFormer`, with random weights."""
    from bs_roformer import BSRoformer

    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(0)
        warnings.simplefilter("ignore", UserWarning)  # It tries an STFT without a window.
        return BSRoformer(**size.config, flash_attn=True)


def write_weights(size: Size, path: Path) -> None:
    """Random weights for both networks."""
    torch.save(published(size).state_dict(), path)


def peak_bytes() -> int:
    """Most memory that this process ever had in use; 0 where that cannot be told."""
    # What getrusage tells on Linux includes the process that started this one.
    if Path("/proc/self/status").exists():
        return peak_bytes_of("self")
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_bytes_of(process: int | str) -> int:
    """The same of a process by its number; 0 where Linux does not tell, or it has ended."""
    try:
        found = _HIGHEST.search(Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


class NetworkProcess:
    """A network that lives in a process of its own until the end of a `with`."""

    def __init__(self, job: Job, output: Path) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, job, output))

    def __enter__(self) -> Self:
        """Start it; it runs once, writes what came out, and waits."""
        self._process.start()
        self.run()
        return self

    def run(self) -> Timing:
        """Let it run once."""
        return cast("Timing", self._ask("run"))

    def peak_bytes(self) -> int:
        """Most memory that it needed, on the device where it ran, with its weights."""
        return cast("int", self._ask("memory"))

    def _ask(self, question: str) -> object:
        self._connection.send(question)
        while not self._connection.poll(_LOOK_S):
            if not self._process.is_alive():
                raise RuntimeError(f"the network's process ended with {self._process.exitcode}")
        return self._connection.recv()

    def __exit__(self, *_: object) -> None:
        """End it."""
        if self._process.is_alive():
            self._connection.send("end")
        self._process.join()


def _serve(connection: Connection, job: Job, output: Path) -> None:
    # The published code uses what torch deprecates.
    warnings.simplefilter("ignore", FutureWarning)
    if job.maker == "published":
        import_module("bs_roformer")
    base = peak_bytes()
    network, mix = job.build(), job.size.noise().to(job.device)
    while (question := connection.recv()) != "end":
        if question == "memory":
            connection.send(_needed_bytes(job, base))
            continue
        stems, timing = _timed(network, mix, job)
        if not output.exists():
            np.save(output, stems.float().cpu().numpy())
        connection.send(timing)


def _needed_bytes(job: Job, base: int) -> int:
    return peak_bytes() - base if job.device == "cpu" else torch.cuda.max_memory_allocated()


def _timed(network: nn.Module, mix: Tensor, job: Job) -> tuple[Tensor, Timing]:
    started = _clocks(job)
    with torch.inference_mode(), job.reduced():
        stems: Tensor = network(mix)
    ended = _clocks(job)
    return stems, Timing(*(b - a for a, b in zip(started, ended, strict=True)))


def _clocks(job: Job) -> tuple[float, float]:
    """Both times, once the device has done its work."""
    if job.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter(), time.process_time()
