"""Choosing a device, and what happens when it has no memory left."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.devices import Device, Runner, choose_device
from engine.errors import DeviceError

CPU = Device("cpu", "processor")


class Copies(nn.Module):
    """Two copies of the input, unless `too_big` says that memory is not enough."""

    def __init__(self, too_big: Callable[[torch.Size], bool]) -> None:
        super().__init__()
        self.too_big = too_big
        self.shapes: list[torch.Size] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shapes.append(x.shape)
        if self.too_big(x.shape):
            torch.empty(2**60)  # more than any machine has: fails as a full one does
        return torch.stack([x, x], dim=1)


def sound(batch: int, num_samples: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    shape = batch, 2, num_samples
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_enough_memory_is_one_call() -> None:
    network = Copies(lambda _: False)
    mix = sound(4, 1000)
    out = Runner(network, CPU).infer(mix)
    np.testing.assert_array_equal(out, np.stack([mix, mix], axis=1))
    assert len(network.shapes) == 1


def test_too_big_a_batch_is_halved(caplog: pytest.LogCaptureFixture) -> None:
    network = Copies(lambda shape: shape[0] > 2)
    mix = sound(5, 100)
    np.testing.assert_array_equal(Runner(network, CPU).infer(mix)[:, 0], mix)
    assert max(len(s) for s in network.shapes) == 3
    assert "out of memory" in caplog.text


def test_too_long_a_chunk_is_cut() -> None:
    network = Copies(lambda shape: shape[-1] > 60_000)
    mix = sound(1, 200_000)
    out = Runner(network, CPU).infer(mix)
    np.testing.assert_allclose(out[:, 1], mix, atol=1e-5)
    assert network.shapes[-1][-1] <= 60_000


def test_a_full_device_hands_over_to_the_processor(caplog: pytest.LogCaptureFixture) -> None:
    fails = iter([True])
    # torch's device for tensors without content plays the part of the full GPU.
    runner = Runner(Copies(lambda _: next(fails, False)), Device("meta", "a full GPU"))
    mix = sound(1, 100)
    np.testing.assert_array_equal(runner.infer(mix)[:, 0], mix)
    assert runner.device.kind == "cpu"
    assert "a full GPU has no memory left" in caplog.text
    runner.restart()
    assert runner.device.kind == "meta"


def test_a_full_processor_is_said() -> None:
    with pytest.raises(DeviceError, match="not enough memory"):
        Runner(Copies(lambda _: True), CPU).infer(sound(1, 100))


class Broken(nn.Module):
    """Adds what cannot be added."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(x.shape[-1] + 1)


def test_other_faults_of_a_network_are_not_taken_for_a_full_memory() -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        Runner(Broken(), CPU).infer(sound(1, 100))


def test_auto_always_finds_one_and_a_missing_one_is_named() -> None:
    assert choose_device("auto").kind in ("cpu", "cuda", "mps")
    assert choose_device("cpu").dtype == torch.float32
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(DeviceError, match=f"there is no {missing}"):
        choose_device(missing)
