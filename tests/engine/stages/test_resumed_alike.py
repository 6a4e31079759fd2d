"""Who goes on with a separation runs it as it was run, whatever the machine has room for by now."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress
from engine.devices import Device, Limits, Runner
from engine.errors import CancelledError
from engine.models.separation import SeparationModel
from engine.stages.separation import NetworkSeparation, SeparationRequest
from engine.types import Quality
from tests.helpers.separations import BOTH, CPU, RATE_HZ, LowAndHigh, low_and_high, put

COARSE = Device("cpu", "processor", torch.bfloat16)
ROOM_SAMPLES = 2**16


class Picky(LowAndHigh):
    """Notes how it is run.

    Attributes:
        has_room: Whole chunks fit.
        is_coarse: Overflows in reduced precision.
        runs: Samples of each call that went well, and whether it was in reduced precision.
    """

    def __init__(self, *, has_room: bool = True, is_coarse: bool = False) -> None:
        super().__init__()
        self.has_room, self.is_coarse = has_room, is_coarse
        self.runs: list[tuple[int, bool]] = []

    def forward(self, x: Tensor) -> Tensor:
        if not self.has_room and x.shape[-1] > ROOM_SAMPLES:
            raise torch.OutOfMemoryError("CUDA out of memory")
        is_reduced = torch.is_autocast_enabled("cpu")
        stems = super().forward(x)
        if is_reduced and self.is_coarse:
            return stems * torch.inf
        self.runs.append((x.shape[-1], is_reduced))
        return stems


def separate(store: ArtifactStore, network: Picky, device: Device, context: PlainContext) -> None:
    mix = put(store, low_and_high(500_000, RATE_HZ), RATE_HZ)
    model = SeparationModel(network, "picky", "0", RATE_HZ, 2, BOTH, 160_000)
    request = SeparationRequest(mix, Quality.STANDARD, BOTH, "test")
    NetworkSeparation(model, Runner(network, device), store)(request, context)


def stopped_after_a_chunk(store: ArtifactStore, network: Picky, device: Device) -> None:
    seen: list[Progress] = []
    with pytest.raises(CancelledError):
        separate(store, network, device, PlainContext(seen.append, lambda: bool(seen)))


def test_chunks_stay_as_short_as_they_were(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    stopped_after_a_chunk(store, Picky(has_room=False), CPU)
    later = Picky()
    separate(store, later, CPU, PlainContext())
    assert 0 < max(num_samples for num_samples, _ in later.runs) <= ROOM_SAMPLES


def test_precision_stays_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = ArtifactStore(tmp_path)
    stopped_after_a_chunk(store, Picky(is_coarse=True), COARSE)
    assert "too coarse" in caplog.text
    later = Picky()
    separate(store, later, COARSE, PlainContext())
    assert later.runs
    assert not any(is_reduced for _, is_reduced in later.runs)
    fresh = Picky()
    separate(ArtifactStore(tmp_path / "fresh"), fresh, COARSE, PlainContext())
    assert all(is_reduced for _, is_reduced in fresh.runs)


def test_the_processor_goes_on_with_what_it_began(tmp_path: Path) -> None:
    """On `meta`, a device that keeps no numbers, nothing would come out."""
    runner = Runner(Picky(), Device("meta", "a GPU"))
    inference = runner.begin()
    inference.use(Limits(1, on_processor=True))
    assert runner.device.kind == "cpu"
