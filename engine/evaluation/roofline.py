"""What a network's operators reach of what the machine can do (Williams et al., CACM 2009).

No operator is faster than a plain matrix product allows its arithmetic, nor than a plain copy
allows its reads and writes. What a network needs at least is the sum of those floors.
"""

import math
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import torch
from torch.profiler import profile

from engine.evaluation.network_process import Job
from engine.evaluation.tables import markdown
from engine.models.tile_threads import undivided

HEAD = ("operators", "share of time", "GFLOP/s", "GB/s", "least share")

_PROBE = 2048
_PROBE_BYTES = 2**28
_ROUNDS = 5
_PRODUCTS = "matrix products"
_ATTENTION = "attention"
_REST = "calls and the rest"
_KINDS: Mapping[str, tuple[str, ...]] = {
    _PRODUCTS: ("mm", "addmm", "bmm", "baddbmm"),
    _ATTENTION: ("_scaled_dot_product", "_flash_attention", "_efficient_attention", "_softmax"),
    "copies": ("copy_", "cat", "stack", "index_select"),
    "element by element": (
        *("add", "sub", "mul", "div", "neg", "sum", "pow", "mean", "rsqrt", "clamp", "linalg"),
        *("gelu", "tanh", "sigmoid", "glu", "cos", "sin", "fill_", "zero_", "_fused_rms_norm"),
    ),
    "Fourier transforms": ("_fft",),
}
"""Kinds by the beginnings of names; the first that fits counts."""

Shapes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Machine:
    """What plain work reaches here.

    Attributes:
        flop_per_s: Of a matrix product.
        bytes_per_s: Read and written by a copy.
    """

    flop_per_s: float
    bytes_per_s: float

    def floor_s(self, flop: float, num_bytes: float) -> float:
        """Least time for that much work."""
        return max(flop / self.flop_per_s, num_bytes / self.bytes_per_s)


@dataclass(slots=True)
class Operators:
    """What operators of one kind did together.

    Attributes:
        seconds: Time they took.
        flop: Their arithmetic, where it is counted.
        num_bytes: What they read and wrote.
        floor_s: Least time the machine would need for it, but no more than they took: what stays
            in the cache is faster than a copy.
    """

    seconds: float = 0.0
    flop: float = 0.0
    num_bytes: float = 0.0
    floor_s: float = 0.0

    def add(self, seconds: float, flop: float, num_bytes: float, machine: Machine) -> None:
        """Book the calls of one operator."""
        self.seconds += seconds
        self.flop += flop
        self.num_bytes += num_bytes
        self.floor_s += min(seconds, machine.floor_s(flop, num_bytes))

    def cells(self, kind: str, total_s: float) -> tuple[str, ...]:
        """Under `HEAD`."""
        return (
            kind,
            f"{self.seconds / total_s:.1%}",
            f"{self.flop / self.seconds / 1e9:.0f}" if self.flop else "",
            f"{self.num_bytes / self.seconds / 1e9:.1f}" if self.num_bytes else "",
            f"{self.floor_s / total_s:.1%}",
        )


def kind_of(operator: str) -> str:
    """What kind of work an operator of torch does."""
    for kind, beginnings in _KINDS.items():
        if operator.removeprefix("aten::").startswith(beginnings):
            return kind
    return _REST


def flop_of(operator: str, shapes: Shapes) -> float:
    """Additions and multiplications of products and fused attention; 0 for all else."""
    kind = kind_of(operator)
    if kind == _PRODUCTS:
        a, b = _factors(shapes)
        return 2.0 * math.prod(a) * b[-1]
    if kind == _ATTENTION and "softmax" not in operator:
        return 4.0 * math.prod(shapes[0]) * shapes[1][-2]
    return 0.0


def numbers_of(operator: str, shapes: Shapes) -> float:
    """Numbers that are read and written: all that goes in, and what comes out; 0 for the rest."""
    if kind_of(operator) == _REST:
        return 0.0
    sizes = [math.prod(shape) for shape in shapes if shape]
    if operator == "aten::copy_":
        return sum(sizes)  # The target is among them.
    if kind_of(operator) == _PRODUCTS:
        a, b = _factors(shapes)
        return sum(sizes) + math.prod(a[:-1]) * b[-1]
    return sum(sizes) + max(sizes, default=0)


def _factors(shapes: Shapes) -> tuple[Sequence[int], Sequence[int]]:
    """The two matrices of a product; what is added to it comes before them."""
    a, b = [shape for shape in shapes if len(shape) > 1][-2:]
    return a, b


def probe(device: str, dtype: torch.dtype) -> Machine:
    """Measure a plain product and a plain copy; the best of some."""
    a = torch.ones(_PROBE, _PROBE, device=device, dtype=dtype)
    block = torch.ones(_PROBE_BYTES, device=device, dtype=torch.uint8)
    product, target = torch.empty_like(a), torch.empty_like(block)
    return Machine(
        flop_per_s=2 * _PROBE**3 / _best_s(lambda: torch.mm(a, a, out=product), device),
        bytes_per_s=2 * _PROBE_BYTES / _best_s(lambda: target.copy_(block), device),
    )


def _best_s(work: Callable[[], object], device: str) -> float:
    times_s = []
    for _ in range(_ROUNDS):
        started_s = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times_s.append(time.perf_counter() - started_s)
    return min(times_s)


def watch(job: Job) -> tuple[Machine, dict[str, Operators]]:
    """Run a network once to warm up and once watched, in this process and on one core of it."""
    warnings.simplefilter("ignore")
    os.environ["KINETO_LOG_LEVEL"] = "5"  # The profiler complains of a GPU that is not there.
    torch.set_num_threads(1)
    dtype = getattr(torch, job.precision)
    machine = probe(job.device, dtype)
    network, mix = job.build(), job.size.noise().to(job.device)
    with torch.inference_mode(), undivided(), job.reduced():
        network(mix)
        with profile(record_shapes=True) as profiler:
            network(mix)
    kinds: dict[str, Operators] = defaultdict(Operators)
    for event in profiler.key_averages(group_by_input_shape=True):
        on_cpu = job.device == "cpu"
        time_us = event.self_cpu_time_total if on_cpu else event.self_device_time_total
        if event.key.startswith("aten::") and time_us > 0:
            flop = event.count * flop_of(event.key, event.input_shapes)
            numbers = event.count * numbers_of(event.key, event.input_shapes)
            seen = kinds[kind_of(event.key)]
            seen.add(time_us / 1e6, flop, numbers * dtype.itemsize, machine)
    return machine, dict(kinds)


def roofline(job: Job) -> Iterator[str]:
    """Lines that say what the operators of a network reach; on a processor, on one core of it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        machine, kinds = pool.submit(watch, job).result()
    total_s = sum(seen.seconds for seen in kinds.values())
    floor_s = sum(seen.floor_s for seen in kinds.values())
    by_time = sorted(kinds.items(), key=lambda item: -item[1].seconds)
    yield from markdown(HEAD, (seen.cells(kind, total_s) for kind, seen in by_time))
    yield (
        f"\nA plain product reaches {machine.flop_per_s / 1e9:.0f} GFLOP/s here, a plain copy "
        f"{machine.bytes_per_s / 1e9:.1f} GB/s: of {total_s:.2f} s, {floor_s:.2f} s "
        f"({floor_s / total_s:.0%}) are the least that this work can take.\n"
    )
