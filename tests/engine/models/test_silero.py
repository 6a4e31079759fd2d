"""Silero's detector against the program in its wheel."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import HostileCheckpointError
from engine.models.silero import WINDOWS_AT_ONCE, SileroVad, load_silero
from engine.models.voice import MonoBlock
from engine.weights import choose

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def path() -> Path:
    return choose("silero-vad").paths[0]


@pytest.fixture(scope="module")
def model(path: Path) -> SileroVad:
    return load_silero(path)


def buzz(seconds: float) -> MonoBlock:
    """A voice-like buzz that comes and goes."""
    t = np.arange(round(seconds * 16_000)) / 16_000
    pitch = 120 + 20 * np.sin(2 * np.pi * 3 * t)
    saw = np.cumsum(pitch / 16_000) % 1 - 0.5
    loud = np.clip(np.sin(2 * np.pi * 0.4 * t), 0, 1) * (1 + 0.5 * np.sin(2 * np.pi * 5 * t))
    noise = 0.003 * np.random.default_rng(0).standard_normal(len(t))
    return (0.3 * saw * loud + noise).astype(np.float32)


def activity(model: SileroVad, *blocks: MonoBlock) -> MonoBlock:
    return np.concatenate([np.zeros(0, np.float32), *model.activity(blocks)])


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_equals_the_program_of_the_wheel(model: SileroVad, path: Path) -> None:
    load: Callable[[Path], torch.jit.ScriptModule] = torch.jit.load
    program = load(path)
    samples = buzz(5)
    windows = torch.from_numpy(samples[: len(samples) // 512 * 512]).view(-1, 1, 512)
    with torch.inference_mode():
        expected = np.array([program(window, 16_000).item() for window in windows])
    found = activity(model, samples)
    assert expected.max() - expected.min() > 0.1
    np.testing.assert_allclose(found[: len(expected)], expected, atol=5e-5)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8))
def test_blocks_of_any_length_give_the_same(model: SileroVad, lengths: list[int]) -> None:
    samples = buzz(2)[: sum(lengths)]
    blocks = np.split(samples, np.cumsum(lengths)[:-1])
    np.testing.assert_allclose(activity(model, *blocks), activity(model, samples), atol=1e-5)


@pytest.mark.parametrize("num_samples", [0, 1, 511, 512, 513, WINDOWS_AT_ONCE * 512 + 1])
def test_frames_cover_all_the_sound(model: SileroVad, num_samples: int) -> None:
    found = activity(model, np.zeros(num_samples, np.float32))
    assert len(found) == -(-num_samples // 512)
    assert np.isfinite(found).all()


def test_long_sound_is_taken_in_pieces(model: SileroVad) -> None:
    yielded = list(model.activity([np.zeros(WINDOWS_AT_ONCE * 512 * 3, np.float32)]))
    assert [len(part) for part in yielded] == [WINDOWS_AT_ONCE] * 3


def test_a_program_from_elsewhere_is_not_opened(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "silero_vad.jit")
    with pytest.raises(HostileCheckpointError, match="TorchScript"):
        load_silero(tmp_path / "silero_vad.jit")


def test_the_number_of_threads_is_left_alone(path: Path) -> None:
    before = torch.get_num_threads()
    load_silero(path)
    assert torch.get_num_threads() == before
