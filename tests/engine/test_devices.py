"""Choosing a device, and what happens when it has no memory left."""

import time
from collections.abc import Callable
from typing import Self

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
    inference = Runner(network, CPU).begin()
    np.testing.assert_array_equal(inference.infer(mix), np.stack([mix, mix], axis=1))
    assert len(network.shapes) == 1
    assert inference.shortages == {}


def test_a_batch_too_big_is_halved_once_and_for_all_for_this_sound(
    caplog: pytest.LogCaptureFixture,
) -> None:
    network = Copies(lambda shape: shape[0] > 2)
    mix = sound(5, 100)
    runner = Runner(network, CPU)
    inference = runner.begin()
    np.testing.assert_array_equal(inference.infer(mix)[:, 0], mix)
    assert [shape[0] for shape in network.shapes] == [5, 2, 2, 1]
    inference.infer(mix)
    assert [shape[0] for shape in network.shapes[4:]] == [2, 2, 1]
    assert list(inference.shortages) == ["batch"]
    assert "out of memory" in caplog.text
    another = runner.begin()
    another.infer(mix)
    assert network.shapes[7][0] == 5
    assert list(inference.shortages) == list(another.shortages) == ["batch"]


def test_too_long_a_chunk_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    network = Copies(lambda shape: shape[-1] > 60_000)
    mix = sound(2, 200_000)
    inference = Runner(network, CPU).begin()
    out = inference.infer(mix)
    np.testing.assert_allclose(out[:, 1], mix, atol=1e-5)
    assert network.shapes[-1][-1] <= 60_000
    assert list(inference.shortages) == ["batch", "chunk"]
    # The next one is not tried at full length again.
    tried = len(network.shapes)
    inference.infer(mix)
    assert max(shape[-1] for shape in network.shapes[tried:]) <= 60_000


def test_a_memory_that_torch_itself_finds_full_is_heard() -> None:
    class Allocates(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            if len(x) > 1:
                torch.empty(2**60)  # more than any machine has
            return x.unsqueeze(1)

    mix = sound(3, 10)
    np.testing.assert_array_equal(Runner(Allocates(), CPU).begin().infer(mix)[:, 0], mix)


def test_a_full_device_hands_over_to_the_processor(caplog: pytest.LogCaptureFixture) -> None:
    fails = iter([True, True])
    runner = Runner(Copies(lambda _: next(fails, False)), FULL_GPU)
    inference, mix = runner.begin(), sound(2, 100)
    np.testing.assert_array_equal(inference.infer(mix)[:, 0], mix)
    assert runner.device.kind == "cpu"
    assert "a full GPU has no memory left" in inference.shortages["processor"]
    assert runner.begin().shortages == {}
    assert runner.device.kind == "meta"


class Stays(nn.Module):
    """Is called once in vain, and then must not be moved while it works."""

    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Identity()
        self.fails, self.working = iter([True]), 0

    def forward(self, x: Tensor) -> Tensor:
        if next(self.fails, False):
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.working += 1
        out: Tensor = self.part(x)
        self.working -= 1
        return out.unsqueeze(1)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        assert not self.working  # Whoever moves a network comes by here.
        return self


def test_nobody_takes_the_network_away_from_who_is_suspended_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runner = Runner(Stays(), FULL_GPU)
    mix, asked = sound(1, 100), list[str]()
    restore = runner.begin()

    def preview_at_the_second_question() -> None:
        asked.append(runner.device.kind)
        if len(asked) == 2:
            preview = runner.begin()
            np.testing.assert_array_equal(preview.infer(mix)[:, 0], mix)
            assert "a full GPU has no memory left" in preview.shortages["processor"]

    found = restore.infer(mix, preview_at_the_second_question)
    np.testing.assert_array_equal(found[:, 0], mix)
    assert set(asked) == {"cpu"}
    assert runner.begin().shortages == {}
    assert runner.device.kind == "meta"


def test_a_full_processor_is_said() -> None:
    with pytest.raises(DeviceError, match="not enough memory"):
        Runner(Copies(lambda _: True), CPU).begin().infer(sound(1, 100))


def test_a_network_that_overflows_in_reduced_precision_goes_on_in_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Overflows(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.stack([x, x], dim=1) / (0 if torch.is_autocast_enabled("cpu") else 1)

    device = Device("cpu", "processor", torch.bfloat16).finer()
    assert device.dtype == torch.float16
    runner = Runner(Overflows(), device)
    mix = sound(2, 10)
    for _ in range(2):
        inference = runner.begin()
        np.testing.assert_array_equal(inference.infer(mix)[:, 0], mix)
        np.testing.assert_array_equal(inference.infer(mix)[:, 0], mix)
    # Once for each sound, and no longer.
    assert caplog.text.count("too coarse") == 2
    assert runner.device == device


class Broken(nn.Module):
    """Adds what cannot be added."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(x.shape[-1] + 1)


def test_other_faults_of_a_network_are_not_taken_for_a_full_memory() -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        Runner(Broken(), CPU).begin().infer(sound(1, 100))


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
    inference = Runner(network, CPU).begin()
    with pytest.raises(CancelledError):
        inference.infer(sound(1, 10), cancelled_at_the_third_question)
    assert len(asked) == 3
    # Whoever asks for nothing is asked nothing.
    inference.infer(sound(1, 10))
    assert len(asked) == 3


@given(st.integers(0, 10**12), st.integers(0, 10**11))
def test_a_batch_fits_the_free_memory(free_bytes: int, bytes_an_item: int) -> None:
    batch = largest_batch(free_bytes, bytes_an_item)
    assert batch == 1 or batch * bytes_an_item <= 0.75 * free_bytes
    assert 1 <= batch <= largest_batch(free_bytes + 1, bytes_an_item)


def test_on_the_processor_chunks_go_one_by_one_and_nothing_is_compiled() -> None:
    assert Runner(Copies(lambda _: False), CPU).begin().choose_batch_size(2, 1000) == 1
    assert not compiling_pays(CPU, 10**6)
    assert not compiling_pays(Device("cuda", "GPU"), 10)


def test_a_compiled_network_is_used_for_its_shape_and_its_sound() -> None:
    compiled: list[int] = []

    def compiler(network: nn.Module) -> Forward:
        def forward(x: Tensor) -> Tensor:
            compiled.append(len(x))
            out: Tensor = network(x)
            return out

        return forward

    runner = Runner(Copies(lambda _: False), CPU, compiler)
    inference, mix = runner.begin(), sound(3, 50)
    inference.compile_for((2, 2, 50))
    for batch in (mix, mix[:2], mix[:1], mix[:2, :, :40]):
        np.testing.assert_array_equal(inference.infer(batch)[:, 0], batch)
    assert compiled == [2]
    runner.begin().infer(mix[:2])
    assert compiled == [2]
    inference.infer(mix[:2])
    assert compiled == [2, 2]


def test_auto_always_finds_one_and_a_missing_one_is_named() -> None:
    assert choose_device("auto").kind in ("cpu", "cuda", "mps")
    assert choose_device("cpu").dtype == torch.float32
    missing = "cuda" if not torch.cuda.is_available() else "mps"
    with pytest.raises(DeviceError, match=f"there is no {missing}"):
        choose_device(missing)
