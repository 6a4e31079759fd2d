"""What networks cost: counted work, and a speed that is measured once."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.catalog import find_card
from engine.devices import choose_device
from engine.errors import BadCheckpointError
from engine.models.cost import speed_gflop_per_s, work_gflop_per_s
from engine.models.loading import load_separation_model
from engine.models.separation import SeparationModel
from engine.weights import choose


class OneProduct(nn.Module):
    """A matrix product for every sample and nothing else."""

    def __init__(self, size: int, stems: int = 2, scale: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((1, size), scale))
        self.stems = stems

    def forward(self, mix: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, stems, channels, samples)."""
        wide = mix.unsqueeze(-1) @ self.weight
        return wide[..., 0].unsqueeze(1).repeat(1, self.stems, 1, 1)


def model(network: nn.Module, chunk_samples: int = 8000) -> SeparationModel:
    return SeparationModel(network, "one product", "0", 8000, 2, ("a", "b"), chunk_samples)


@pytest.mark.parametrize("chunk_samples", [2000, 8000, 80_000])
def test_counts_the_work_for_a_second(chunk_samples: int) -> None:
    expected = 2 * 2 * 8000 * 50 / 1e9
    found = work_gflop_per_s(model(OneProduct(50), chunk_samples))
    assert found == pytest.approx(expected)


def test_what_gives_no_sound_is_refused() -> None:
    with pytest.raises(BadCheckpointError, match="not finite"):
        work_gflop_per_s(model(OneProduct(5, scale=float("inf"))))
    with pytest.raises(BadCheckpointError, match="shape"):
        work_gflop_per_s(model(OneProduct(5, stems=3)))


@pytest.mark.parametrize("name", ["starter-speech", "starter-music", "starter-ost-bgm"])
def test_the_cards_of_the_starter_networks_are_right(name: str) -> None:
    counted = work_gflop_per_s(load_separation_model(choose(name)))
    assert find_card(name).gflop_per_s == pytest.approx(counted, rel=0.01)


def test_the_speed_is_measured_once(tmp_path: Path) -> None:
    memory = tmp_path / "data" / "speed.json"
    device = choose_device("cpu")
    speed = speed_gflop_per_s(device, memory)
    assert 0.1 < speed < 1e6
    assert speed_gflop_per_s(device, memory) == speed
    memory.write_text("no JSON")
    assert speed_gflop_per_s(device, memory) > 0


def test_a_speed_that_cannot_be_kept_is_measured_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file")
    assert speed_gflop_per_s(choose_device("cpu"), tmp_path / "data" / "speed.json") > 0
    assert "not kept" in caplog.text
