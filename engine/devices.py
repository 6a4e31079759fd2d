"""Chooses the device and the precision once, and runs networks on it.

`Runner.infer` is the one place where a network meets a device: it moves, sets inference mode and
autocast, and turns out-of-memory into smaller batches, then a smaller chunk, then the processor.
"""

import logging
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.dsp.overlap_add import Chunking, overlap_add
from engine.errors import DeviceError

log = logging.getLogger(__name__)

_SMALLEST_CHUNK_SAMPLES = 2**16
_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")


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


def choose_device(wanted: str) -> Device:
    """The wanted device, or for `"auto"` the fastest there is."""
    if wanted in ("auto", "cuda") and torch.cuda.is_available():
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return Device("cuda", torch.cuda.get_device_name(), dtype)
    if wanted in ("auto", "mps") and torch.backends.mps.is_available():
        return Device("mps", "Apple GPU")
    if wanted in ("auto", "cpu"):
        return Device("cpu", f"processor, {torch.get_num_threads()} threads")
    raise DeviceError(f"there is no {wanted} device here", "use --device auto")


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch had no memory; only CUDA says so by the type of its error."""
    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(w in words for w in _NO_MEMORY)


class Runner:
    """A network on a device.

    Attributes:
        network: Maps (batch, channels, samples) to (batch, stems, channels, samples).
        device: Where it runs now; becomes the processor when the device has no memory left.
    """

    def __init__(self, network: nn.Module, device: Device) -> None:
        self.network = network.eval().to(device.kind)
        self.device = self._wanted = device

    def restart(self) -> None:
        """Go back to the wanted device if its memory was full: it may be free again."""
        if self.device == self._wanted:
            return
        try:
            self.network.to(self._wanted.kind)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            self.network.to(self.device.kind)
        else:
            self.device = self._wanted

    def infer(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(batch, channels, samples) -> (batch, stems, channels, samples)."""
        try:
            return self._forward(batch)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            log.warning("out of memory on %s with batch %s", self.device.words, batch.shape)
        if len(batch) > 1:
            half = len(batch) // 2
            return np.concatenate([self.infer(batch[:half]), self.infer(batch[half:])])
        if batch.shape[-1] > _SMALLEST_CHUNK_SAMPLES:
            return self._infer_shorter(batch[0])[np.newaxis]
        return self._infer_on_processor(batch)

    def _forward(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        kind, dtype = self.device.kind, self.device.dtype
        reduced = nullcontext() if dtype == torch.float32 else torch.autocast(kind, dtype)
        with torch.inference_mode(), reduced:
            out: Tensor = self.network(torch.from_numpy(batch).to(kind))
        return out.float().cpu().numpy()

    def _infer_shorter(self, chunk: NDArray[np.float32]) -> NDArray[np.float32]:
        shorter = chunk.shape[-1] // 2
        pieces = overlap_add(chunk, self.infer, Chunking(shorter, shorter * 3 // 4))
        return np.concatenate(list(pieces), axis=-1)

    def _infer_on_processor(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.device.kind == "cpu":
            raise DeviceError("there is not enough memory to go on", "close other programs")
        log.warning("%s has no memory left, going on with the processor", self.device.words)
        self.device = choose_device("cpu")
        self.network.to("cpu")
        return self._forward(batch)
