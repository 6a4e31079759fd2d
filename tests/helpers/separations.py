"""A small network in the place of a large one, and sounds for it."""

import numpy as np
import torch
from torch import Tensor, nn

from engine.artifacts import ArtifactStore
from engine.devices import Device, Inference, Runner
from engine.models.separation import SeparationModel
from engine.stages.separation import NetworkSeparation
from engine.types import Audio, AudioRef, Samples

RATE_HZ = 8_000
BOTH = ("a", "b")
CPU = Device("cpu", "processor")


class LowAndHigh(nn.Module):
    """Splits by a moving mean; swaps its stems at every second call if told to."""

    def __init__(self, *, swaps: bool = False) -> None:
        super().__init__()
        self.swaps = swaps
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, 2, channels, samples)."""
        low = nn.functional.avg_pool1d(x, 33, 1, 16)
        stems = torch.stack([low, x - low], dim=1)
        self.calls += 1
        return stems.flip(1) if self.swaps and self.calls % 2 == 0 else stems


def separation(
    store: ArtifactStore,
    network: nn.Module | None = None,
    names: tuple[str, ...] = BOTH,
    chunk_samples: int = 4_000,
) -> NetworkSeparation:
    """The stage on the processor."""
    network = network or LowAndHigh()
    model = SeparationModel(network, "low-high", "0", RATE_HZ, 2, names, chunk_samples)
    return NetworkSeparation(model, Runner(network, CPU), store)


class Batches(Runner):
    """A runner whose device has memory for so many items."""

    def __init__(self, network: nn.Module, batch_size: int) -> None:
        super().__init__(network, CPU)
        self.batch_size = batch_size

    def begin(self) -> Inference:
        """See `Runner`."""
        return _InBatches(self, self.batch_size)


class _InBatches(Inference):
    def __init__(self, runner: Runner, batch_size: int) -> None:
        super().__init__(runner)
        self._batch_size = batch_size

    def choose_batch_size(self, channels: int, chunk_samples: int) -> int:
        """See `Inference`."""
        return self._batch_size


def low_and_high(num_samples: int, rate_hz: int, channels: int = 2) -> Samples:
    time_s = np.arange(num_samples) / rate_hz
    low = np.sin(2 * np.pi * 40 * time_s) * (1 + np.sin(2 * np.pi * 0.7 * time_s))
    high = np.sin(2 * np.pi * 1500 * time_s) * (1 + np.cos(2 * np.pi * 0.4 * time_s))
    gains = 0.1 + 0.05 * np.arange(channels)[:, None]
    return np.asarray(gains * (low + high), np.float32)


def put(store: ArtifactStore, samples: Samples, rate_hz: int) -> AudioRef:
    return store.put(f"mix-{samples.shape}-{rate_hz}", Audio(samples, rate_hz))
