"""Chooses the device and the precision once, and runs networks on it.

`Runner` owns a network and the device that it is on, `Inference` takes one sound through it. Only
there does a network meet a device: it sets inference mode and autocast, and turns out-of-memory
into smaller batches, then a smaller chunk, then the processor.
"""

import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from engine import remarks
from engine.dsp.overlap_add import Chunking, overlap_add
from engine.errors import DeviceError
from engine.translation import tr

log = logging.getLogger(__name__)

Batch = NDArray[np.float32]
"""(batch, channels, samples)."""

Forward = Callable[[Tensor], Tensor]
"""(batch, channels, samples) -> (batch, stems, channels, samples)."""

_SMALLEST_CHUNK_SAMPLES = 2**16
_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
_MEMORY_SHARE = 0.7
"""Part of the free memory that a batch may take; what is free in one piece is less than all."""
_LARGEST_BATCH = 16
"""More would hardly be faster."""
_LONGEST_BATCH_S = 0.5
"""A cancel counts within a second."""
_COMPILE_FROM_CHUNKS = 500
"""From so many on, the minute or two that compiling takes is won back."""

_check_in: ContextVar[Callable[[], None] | None] = ContextVar("check_in", default=None)


@dataclass(frozen=True, slots=True)
class Device:
    """Where networks run.

    Attributes:
        kind: `"cpu"`, `"cuda"` or `"mps"`.
        words: Name for people.
        dtype: Precision of autocast; float32 means none.
    """

    kind: str
    words: str
    dtype: torch.dtype = torch.float32

    def finer(self) -> "Device":
        """The same with float16 in place of bfloat16: more digits, a smaller range."""
        return replace(self, dtype=torch.float16) if self.dtype == torch.bfloat16 else self


def choose_device(wanted: str) -> Device:
    """The wanted device, or for `"auto"` the fastest there is."""
    if wanted in ("auto", "cuda") and torch.cuda.is_available():
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return Device("cuda", torch.cuda.get_device_name(), dtype)
    if wanted in ("auto", "mps") and torch.backends.mps.is_available():
        return Device("mps", "Apple GPU")
    if wanted in ("auto", "cpu"):
        return Device("cpu", remarks.PROCESSOR(threads=torch.get_num_threads()))
    raise DeviceError(
        tr("there is no {device} device here", device=wanted), tr("use --device auto")
    )


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch had no memory; only CUDA says so by the type of its error."""
    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(w in words for w in _NO_MEMORY)


def largest_batch(free_bytes: int, bytes_an_item: int, item_s: float = 0.0) -> int:
    """How many items go through a network at once.

    Args:
        free_bytes: Memory, which is not to be filled.
        bytes_an_item: What one of them needs.
        item_s: How long one takes: on a GPU nobody hears a cancel before all are done.
    """
    fit = int(_MEMORY_SHARE * free_bytes) // max(1, bytes_an_item)
    in_time = int(_LONGEST_BATCH_S / item_s) if item_s > 0 else _LARGEST_BATCH
    return max(1, min(_LARGEST_BATCH, fit, in_time))


def compiling_pays(device: Device, num_chunks: int) -> bool:
    """Whether a network should be compiled before so much work.

    Only on a GPU with Triton. On the processor it would make the starter BS-RoFormer 1.5 times as
    fast after minutes of compiling, with a C++ compiler that users do not have.
    """
    has_triton = importlib.util.find_spec("triton") is not None
    return device.kind == "cuda" and has_triton and num_chunks >= _COMPILE_FROM_CHUNKS


def compile_network(network: nn.Module) -> Forward:
    """The same network, compiled when it is called first; if that fails it runs as it is."""
    chosen: list[Forward] = [torch.compile(network, dynamic=False)]

    def forward(x: Tensor) -> Tensor:
        try:
            return chosen[0](x)
        except RuntimeError as error:
            if is_out_of_memory(error) or chosen[0] is network:
                raise
            log.warning("the network is not compiled: %s", error)
        chosen[0] = network
        return chosen[0](x)

    return forward


@dataclass(frozen=True, slots=True)
class Limits:
    """How a sound is run where not all that is wanted can be had; the samples depend on it.

    Attributes:
        batch_size: So many items at once at most.
        chunk_samples: So much of a chunk at once; 0 is all of it.
        is_exact: With float32, because the device's precision is too coarse for the network.
        on_processor: The device has no memory left.
    """

    batch_size: int
    chunk_samples: int = 0
    is_exact: bool = False
    on_processor: bool = False


class Runner:
    """A network on a device, lent to several sounds: one that is suspended inside keeps it there.

    Attributes:
        network: Maps (batch, channels, samples) to (batch, stems, channels, samples).
        device: Where it is now; becomes the processor when the device has no memory left.
    """

    def __init__(
        self,
        network: nn.Module,
        device: Device,
        compiler: Callable[[nn.Module], Forward] = compile_network,
    ) -> None:
        self.network = network.eval().to(device.kind)
        self.device = self._wanted = device
        self.compiler = compiler
        self._inside = 0
        self._changing = threading.Lock()

    def begin(self) -> "Inference":
        """What takes one sound through the network; on the wanted device, if it is free again."""
        inference = Inference(self)
        if not self.move_to(self._wanted):
            inference.note_processor(self._wanted)
        return inference

    def move_to(self, device: Device) -> bool:
        """Take the network to a device, unless a sound is inside it on another one.

        Returns:
            Whether it is there; if not, a sound is inside it or the device has no memory.
        """
        with self._changing:
            if device.kind != self.device.kind and not (self._inside == 0 and self._fits(device)):
                return False
            self.device = device
            return True

    @contextmanager
    def inside(self) -> Iterator[Device]:
        """Hold the network where it is, for one forward pass; yields the device."""
        with self._changing:
            self._inside += 1
            device = self.device
        try:
            yield device
        finally:
            with self._changing:
                self._inside -= 1

    def _fits(self, device: Device) -> bool:
        try:
            self.network.to(device.kind)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            self.network.to(self.device.kind)
            return False
        return True


class Inference:
    """One sound's way through the network of a runner, batch by batch.

    Attributes:
        shortages: What the user should know of memory that was short, by kind.
        limits: How the sound is run from now on.
    """

    def __init__(self, runner: Runner) -> None:
        self.shortages: dict[str, str] = {}
        self.limits = Limits(_LARGEST_BATCH)
        self._runner = runner
        self._compiled: tuple[torch.Size, Forward] | None = None

    @property
    def losses(self) -> dict[str, str]:
        """Those of the shortages that can be heard: they belong to the sound for good."""
        return {kind: words for kind, words in self.shortages.items() if kind == "chunk"}

    def choose_batch_size(self, channels: int, chunk_samples: int) -> int:
        """How many items to give to `infer` at once, by the memory and time that one of them needs.

        One on the processor: two gain 0 to 15 % with the starter networks, and need twice as much.
        """
        if self._runner.device.kind != "cuda":
            return 1
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        probe = np.zeros((1, channels, chunk_samples), np.float32)
        self.infer(probe)
        needed = torch.cuda.max_memory_allocated() - before
        # The first one has also made ready what all others find; what comes back is done.
        started_s = time.perf_counter()
        self.infer(probe)
        item_s = time.perf_counter() - started_s
        torch.cuda.empty_cache()
        return largest_batch(torch.cuda.mem_get_info()[0], needed, item_s)

    def use(self, limits: Limits) -> None:
        """Run the sound like that from now on, as far as the device is free for it."""
        self.limits = limits
        if limits.on_processor:
            self._runner.move_to(choose_device("cpu"))

    def compile_for(self, shape: tuple[int, ...]) -> None:
        """Compile the network for batches of one shape; others go through it as it is."""
        self._compiled = torch.Size(shape), self._runner.compiler(self._runner.network)

    def note_processor(self, full: Device) -> None:
        """Remember that the processor works in the place of a device that is full."""
        self.shortages["processor"] = remarks.ON_PROCESSOR(device=full.words)

    def infer(self, batch: Batch, check_in: Callable[[], None] | None = None) -> Batch:
        """Run the network.

        Args:
            batch: (batch, channels, samples).
            check_in: Called on the processor on the way through the network, where one chunk may
                take many seconds; what it raises comes out of here.

        Returns:
            (batch, stems, channels, samples).

        Raises:
            DeviceError: The memory is not enough for the smallest work.
        """
        token = _check_in.set(check_in)
        try:
            return self._in_pieces(batch)
        finally:
            _check_in.reset(token)

    def _in_pieces(self, batch: Batch) -> Batch:
        done: list[Batch] = []
        position = 0
        while position < len(batch):
            piece = batch[position : position + self.limits.batch_size]
            device = self._runner.device
            try:
                done.append(self._in_chunks(piece))
                position += len(piece)
                continue
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out of memory on %s with batch %s", device.words, piece.shape)
            # Here, where the error no longer holds what filled the memory.
            self._shrink(piece, device)
        return done[0] if len(done) == 1 else np.concatenate(done)

    def _in_chunks(self, batch: Batch) -> Batch:
        shorter = self.limits.chunk_samples
        if not 0 < shorter < batch.shape[-1]:
            return self._forward(batch)
        chunking = Chunking(shorter, shorter * 3 // 4)
        sounds = [overlap_add(sound, self._forward, chunking) for sound in batch]
        joined = [np.concatenate([step.stems for step in steps], axis=-1) for steps in sounds]
        return np.stack(joined)

    def _forward(self, batch: Batch) -> Batch:
        network: Forward = self._runner.network
        if self._compiled is not None and self._compiled[0] == batch.shape:
            network = self._compiled[1]
        with self._runner.inside() as device:
            dtype = torch.float32 if self.limits.is_exact else device.dtype
            is_plain, on_processor = dtype == torch.float32, device.kind == "cpu"
            reduced = nullcontext() if is_plain else torch.autocast(device.kind, dtype)
            asking = _asking() if on_processor else nullcontext()
            with torch.inference_mode(), reduced, asking:
                out = network(torch.from_numpy(batch).to(device.kind)).float()
        if not is_plain and not bool(out.isfinite().all()):
            log.warning("%s is too coarse for the network, going on with float32", dtype)
            self.limits = replace(self.limits, is_exact=True)
            return self._forward(batch)
        return out.cpu().numpy()

    def _shrink(self, batch: Batch, device: Device) -> None:
        """Ask less of the device from now on than this batch, which did not fit."""
        limits, words = self.limits, device.words
        chunk_samples = limits.chunk_samples or batch.shape[-1]
        if device.kind == "cuda":
            torch.cuda.empty_cache()
        if len(batch) > 1:
            self.limits = replace(limits, batch_size=len(batch) // 2)
            self.shortages["batch"] = remarks.LESS_AT_ONCE(device=words)
        elif chunk_samples > _SMALLEST_CHUNK_SAMPLES:
            self.limits = replace(limits, batch_size=1, chunk_samples=chunk_samples // 2)
            self.shortages["chunk"] = remarks.SHORTER_CHUNKS(device=words)
        elif device.kind == "cpu" or not self._runner.move_to(choose_device("cpu")):
            raise DeviceError(tr("there is not enough memory to go on"), tr("close other programs"))
        else:
            self.limits = Limits(1, is_exact=limits.is_exact, on_processor=True)
            self._compiled = None
            self.note_processor(device)


@contextmanager
def _asking() -> Iterator[None]:
    """Ask at each part of a network; the hook is heard by all threads, their questions differ."""
    if _check_in.get() is None:
        yield
        return
    hook = register_module_forward_pre_hook(_ask)
    try:
        yield
    finally:
        hook.remove()


def _ask(*_: object) -> None:
    """Before each part of a network."""
    check_in = _check_in.get()
    if check_in is not None:
        check_in()
