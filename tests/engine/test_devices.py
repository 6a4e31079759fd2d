"""Choosing a device, and what happens when it has no memory left."""

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.devices import (
    Device,
    Forward,
    Runner,
    choose_device,
    compiling_pays,
    largest_batch,
)
from engine.errors import CancelledError, DeviceError

CPU = Device("cpu", "processor")
# torch's device for tensors without content plays the part of the full GPU.
FULL_GPU = Device("meta", "a full GPU")


class Copies(nn.Module):
    """Two copies of the input, unless `too_big` says that memory is not enough."""

    def __init__(self, too_big: Callable[[torch.Size], bool]) -> None:
        super().__init__()
        self.too_big = too_big
        self.shapes: list[torch.Size] = []

    def forward(self, x: Tensor) -> Tensor:
        self.shapes.append(x.shape)
        if self.too_big(x.shape):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.stack([x, x], dim=1)


def sound(batch: int, num_samples: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    shape = batch, 2, num_samples
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_enough_memory_is_one_call() -> None:
    network = Copies(lambda _: False)
    mix = sound(4, 1000)
    runner = Runner(network, CPU)
    np.testing.assert_array_equal(runner.infer(mix), np.stack([mix, mix], axis=1))
    assert len(network.shapes) == 1
    assert runner.shortages == {}


def test_a_batch_too_big_is_halved_once_and_for_all_until_the_restart(
    caplog: pytest.LogCaptureFixture,
) -> None:
    network = Copies(lambda shape: shape[0] > 2)
    mix = sound(5, 100)
    runner = Runner(network, CPU)
    np.testing.assert_array_equal(runner.infer(mix)[:, 0], mix)
    assert [shape[0] for shape in network.shapes] == [5, 2, 2, 1]
    runner.infer(mix)
    assert [shape[0] for shape in network.shapes[4:]] == [2, 2, 1]
    assert list(runner.shortages) == ["batch"]
    assert "out of memory" in caplog.text
    runner.restart()
    assert runner.shortages == {}
    runner.infer(mix)
    assert network.shapes[7][0] == 5


def test_too_long_a_chunk_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    network = Copies(lambda shape: shape[-1] > 60_000)
    mix = sound(2, 200_000)
    runner = Runner(network, CPU)
    out = runner.infer(mix)
    np.testing.assert_allclose(out[:, 1], mix, atol=1e-5)
    assert network.shapes[-1][-1] <= 60_000
    assert list(runner.shortages) == ["batch", "chunk"]
    # The next one is not tried at full length again.
    tried = len(network.shapes)
    runner.infer(mix)
    assert max(shape[-1] for shape in network.shapes[tried:]) <= 60_000


def test_a_memory_that_torch_itself_finds_full_is_heard() -> None:
    class Allocates(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            if len(x) > 1:
                torch.empty(2**60)  # more than any machine has
            return x.unsqueeze(1)

    mix = sound(3, 10)
    np.testing.assert_array_equal(Runner(Allocates(), CPU).infer(mix)[:, 0], mix)


def test_a_full_device_hands_over_to_the_processor(caplog: pytest.LogCaptureFixture) -> None:
    fails = iter([True, True])
    runner = Runner(Copies(lambda _: next(fails, False)), FULL_GPU)
    mix = sound(2, 100)
    np.testing.assert_array_equal(runner.infer(mix)[:, 0], mix)
    assert runner.device.kind == "cpu"
    assert "a full GPU has no memory left" in runner.shortages["processor"]
    runner.restart()
    assert runner.device.kind == "meta"


def test_a_full_processor_is_said() -> None:
    with pytest.raises(DeviceError, match="not enough memory"):
        Runner(Copies(lambda _: True), CPU).infer(sound(1, 100))


def test_a_network_that_overflows_in_reduced_precision_goes_on_in_full() -> None:
    class Overflows(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([x, x], dim=1) / (0 if torch.is_autocast_enabled("cpu") else 1)

    device = Device("cpu", "processor", torch.bfloat16).finer()
    assert device.dtype == torch.float16
    runner = Runner(Overflows(), device)
    mix = sound(2, 10)
    np.testing.assert_array_equal(runner.infer(mix)[:, 0], mix)
    assert runner.device.dtype == torch.float32
    runner.restart()
    assert runner.device == device


class Broken(nn.Module):
    """Adds what cannot be added."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(x.shape[-1] + 1)


def test_other_faults_of_a_network_are_not_taken_for_a_full_memory() -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        Runner(Broken(), CPU).infer(sound(1, 100))


def test_a_cancel_is_heard_within_a_chunk() -> None:
    class Slow(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            time.sleep(0.01)
            return x

    asked: list[float] = []

    def cancelled_at_the_third_question() -> None:
        asked.append(time.monotonic())
        if len(asked) == 3:
            raise CancelledError

    network = nn.Sequential(*(Slow() for _ in range(100)))
    runner = Runner(network, CPU)
    with pytest.raises(CancelledError):
        runner.infer(sound(1, 10), cancelled_at_the_third_question)
    assert len(asked) == 3
    # Whoever asks for nothing is asked nothing.
    runner.infer(sound(1, 10))
    assert len(asked) == 3


@given(st.integers(0, 10**12), st.integers(0, 10**11))
def test_a_batch_fits_the_free_memory(free_bytes: int, bytes_an_item: int) -> None:
    batch = largest_batch(free_bytes, bytes_an_item)
    assert batch == 1 or batch * bytes_an_item <= 0.75 * free_bytes
    assert 1 <= batch <= largest_batch(free_bytes + 1, bytes_an_item)


def test_on_the_processor_chunks_go_one_by_one_and_nothing_is_compiled() -> None:
    assert Runner(Copies(lambda _: False), CPU).choose_batch_size(2, 1000) == 1
    assert not compiling_pays(CPU, 10**6)
    assert not compiling_pays(Device("cuda", "GPU"), 10)


def test_a_compiled_network_is_used_for_its_shape_until_the_restart() -> None:
    compiled: list[int] = []

    def compiler(network: nn.Module) -> Forward:
        def forward(x: Tensor) -> Tensor:
            compiled.append(len(x))
            out: Tensor = network(x)
            return out

        return forward

    runner = Runner(Copies(lambda _: False), CPU, compiler)
    mix = sound(3, 50)
    runner.compile_for((2, 2, 50))
    for batch in (mix, mix[:2], mix[:1], mix[:2, :, :40]):
        np.testing.assert_array_equal(runner.infer(batch)[:, 0], batch)
    assert compiled == [2]
    runner.restart()
    runner.infer(mix[:2])
    assert compiled == [2]


def test_auto_always_finds_one_and_a_missing_one_is_named() -> None:
    assert choose_device("auto").kind in ("cpu", "cuda", "mps")
    assert choose_device("cpu").dtype == torch.float32
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(DeviceError, match=f"there is no {missing}"):
        choose_device(missing)
