"""The starter networks give the same sound in any batch, in reduced precision, on any device."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.devices import Device, Runner, choose_device
from engine.dsp.resample import resample_blocks
from engine.evaluation.sample import FILM, sample_folder
from engine.media.decode import AudioReader
from engine.models.loading import load_separation_model
from engine.models.separation import SeparationModel
from engine.weights import choose

NAMES = "starter-speech", "starter-music"
CPU = Device("cpu", "processor")
ITEMS = 3

Stems = NDArray[np.float32]


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> SeparationModel:
    return load_separation_model(choose(str(request.param)))


@pytest.fixture(scope="module")
def batch(model: SeparationModel) -> Stems:
    """Chunks of the sample clip, (ITEMS, channels, samples)."""
    with AudioReader(sample_folder() / FILM) as reader:
        rates_hz = reader.sample_rate_hz, model.sample_rate_hz
        clip = np.concatenate(list(reader.blocks()), axis=1)
    length = clip.shape[1] * rates_hz[1] // rates_hz[0]
    sound = np.concatenate(list(resample_blocks([clip], *rates_hz, length)), axis=1)
    size = model.chunk_samples
    return np.stack([sound[:, i * size // 2 :][:, :size] for i in range(ITEMS)])


@pytest.fixture(scope="module")
def plain(model: SeparationModel, batch: Stems) -> Stems:
    """What comes out one by one, in float32, on the processor."""
    runner = Runner(model.network, CPU).begin()
    return np.concatenate([runner.infer(batch[i : i + 1]) for i in range(ITEMS)])


def worst(found: Stems, expected: Stems) -> float:
    """The greatest deviation as a part of the peak."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def snr_db(found: Stems, expected: Stems) -> float:
    noise = np.square(found.astype(np.float64) - expected).sum()
    return 10 * float(np.log10(np.square(expected.astype(np.float64)).sum() / noise))


def test_any_batch_gives_the_same(model: SeparationModel, batch: Stems, plain: Stems) -> None:
    assert worst(Runner(model.network, CPU).begin().infer(batch), plain) < 1e-5


@pytest.mark.slow
def test_reduced_precision_is_fine_enough(
    model: SeparationModel, batch: Stems, plain: Stems
) -> None:
    device = Device("cpu", "processor", torch.bfloat16)
    device = device.finer() if model.needs_digits else device
    found = Runner(model.network, device).begin().infer(batch[:1])
    assert 45 < snr_db(found, plain[:1]) < 80


@pytest.mark.skipif(choose_device("auto").kind == "cpu", reason="there is no GPU")
def test_any_device_gives_the_same(model: SeparationModel, batch: Stems, plain: Stems) -> None:
    gpu = choose_device("auto")
    exact = Runner(model.network, Device(gpu.kind, gpu.words)).begin()
    assert worst(exact.infer(batch), plain) < 1e-4
    assert exact.choose_batch_size(model.channels, model.chunk_samples) >= 1
    reduced = Runner(model.network, gpu.finer() if model.needs_digits else gpu).begin()
    assert snr_db(reduced.infer(batch), plain) > 45
    model.network.to("cpu")
