"""pyannote's network as a voice detector: small ones, with random weights."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import BadCheckpointError, HostileCheckpointError
from engine.models import pyannote
from engine.models.pyannote import PyannoteVad, load_pyannote
from engine.models.voice import MonoBlock

pytestmark = pytest.mark.slow  # importing pyannote alone takes 10 to 20 s


class Network:
    """Notes what goes towards the network while a test listens.

    An audit hook cannot be taken away again, so there is one for all tests.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.listens = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.listens and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            self.calls.append(f"{event} {arguments}")


@pytest.fixture(scope="module")
def network_calls() -> Iterator[list[str]]:
    """What went towards the network since before pyannote was imported."""
    network = Network()
    network.listens = True
    yield network.calls
    network.listens = False


@pytest.fixture(scope="module")
def parts(network_calls: list[str]) -> Any:
    """pyannote's own modules."""
    del network_calls

    class Parts:
        task: Any = pyannote.import_quietly("pyannote.audio.core.task")
        net: Any = pyannote.import_quietly("pyannote.audio.models.segmentation.PyanNet")

    return Parts


def save(parts: Any, path: Path, *, powerset: bool = True, **changes: object) -> Path:
    """A checkpoint as pyannote writes it."""
    task = parts.task
    kind = task.Problem.MONO_LABEL_CLASSIFICATION if powerset else None
    specifications = task.Specifications(
        problem=kind or task.Problem.MULTI_LABEL_CLASSIFICATION,
        resolution=task.Resolution.FRAME,
        duration=2.0,
        classes=["a", "b", "c"],
        powerset_max_classes=2 if powerset else None,
    )
    torch.manual_seed(0)
    small = {"hidden_size": 8, "num_layers": 1}
    network = parts.net.PyanNet(lstm=small, linear=small)
    network.specifications = specifications
    network.build()
    content = {
        "state_dict": network.state_dict(),
        "hyper_parameters": dict(network.hparams),
        "epoch": 3,
        "pytorch-lightning_version": torch.torch_version.TorchVersion("2.0.1"),
    }
    network.on_save_checkpoint(content)
    torch.save(content | changes, path)
    return path


@pytest.fixture(scope="module")
def model(parts: Any, tmp_path_factory: pytest.TempPathFactory) -> PyannoteVad:
    return load_pyannote(save(parts, tmp_path_factory.mktemp("vad") / "pytorch_model.bin"))


def noise(num_samples: int) -> MonoBlock:
    return np.random.default_rng(0).standard_normal(num_samples).astype(np.float32) * 0.1


def activity(model: PyannoteVad, *blocks: MonoBlock) -> MonoBlock:
    return np.concatenate([np.zeros(0, np.float32), *model.activity(blocks)])


def test_nothing_is_reported_to_anybody(model: PyannoteVad, network_calls: list[str]) -> None:
    from pyannote.audio.telemetry import metrics

    activity(model, noise(40_000))
    metrics.track_model_init(model.network)
    assert not metrics.is_metrics_enabled()
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "false"
    assert not [t for t in threading.enumerate() if "Otel" in t.name or "Span" in t.name]
    assert network_calls == []


def test_describes_itself(model: PyannoteVad) -> None:
    assert model.sample_rate_hz == 16_000
    assert model.window_samples == 32_000
    assert model.frame_samples == 270
    assert not model.training


@pytest.mark.parametrize(
    "num_samples", [0, 1, 269, 270, 271, 15_390, 31_999, 32_000, 32_001, 47_000, 100_000]
)
def test_frames_cover_all_the_sound(model: PyannoteVad, num_samples: int) -> None:
    samples = noise(num_samples)
    found = activity(model, samples)
    assert len(found) == -(-num_samples // 270)
    assert ((found >= 0) & (found <= 1)).all()
    in_pieces = activity(model, samples[: num_samples // 3], samples[num_samples // 3 :])
    np.testing.assert_array_equal(in_pieces, found)


def test_one_window_is_what_the_network_says(model: PyannoteVad) -> None:
    samples = noise(32_000)
    with torch.inference_mode():
        scores = model.network(torch.from_numpy(samples)[None, None])[0]
    expected = 1 - scores[:, 0].exp().numpy()
    found = activity(model, samples)
    # The first answer is held in front of the frames that it is about.
    np.testing.assert_allclose(found[0], expected[0], atol=1e-6)
    np.testing.assert_allclose(found[1 : len(expected) + 1], expected[: len(found) - 1], atol=1e-6)


def test_windows_meet_without_a_step(model: PyannoteVad) -> None:
    """Periodic sound gives about the same answers wherever the windows lie."""
    found = activity(model, np.tile(noise(270 * 10), 100))
    inner = found[200:-200]
    assert np.abs(np.diff(inner)).max() < 0.2
    assert inner.std() < 0.1


def test_without_a_powerset_the_loudest_speaker_counts(parts: Any, tmp_path: Path) -> None:
    model = load_pyannote(save(parts, tmp_path / "net.bin", powerset=False))
    samples = noise(32_000)
    with torch.inference_mode():
        expected = model.network(torch.from_numpy(samples)[None, None])[0].amax(-1).numpy()
    np.testing.assert_allclose(activity(model, samples)[1:100], expected[:99], atol=1e-6)


def drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(key)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop("state_dict"), "no pyannote checkpoint"),
        (drop("hyper_parameters"), "no pyannote checkpoint"),
        (drop("pyannote.audio"), "no pyannote checkpoint"),
        (lambda c: c["pyannote.audio"]["architecture"].update({"class": "X"}), "not a PyanNet"),
        (lambda c: c.update(hyper_parameters={"x": 1}), "build no network"),
        (lambda c: c["hyper_parameters"]["lstm"].update(hidden_size=16), "another network"),
        (lambda c: c["pyannote.audio"].update(specifications=3), "no pyannote checkpoint"),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_says_what_is_wrong(
    parts: Any, tmp_path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    path = save(parts, tmp_path / "net.bin")
    content = torch.load(path, weights_only=False)
    change(content)
    torch.save(content, path)
    with pytest.raises(BadCheckpointError, match=words):
        load_pyannote(path)


class Trap:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.system, (f"touch {self.marker}",)


def test_a_trap_is_not_sprung(parts: Any, tmp_path: Path) -> None:
    path = save(parts, tmp_path / "net.bin", callbacks=[Trap(tmp_path / "marker")])
    with pytest.raises(HostileCheckpointError, match="system"):
        load_pyannote(path)
    assert not (tmp_path / "marker").exists()
