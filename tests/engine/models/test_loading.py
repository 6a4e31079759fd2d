"""Networks come out of their files ready to run."""

from pathlib import Path

import pytest
import torch

from engine.catalog import ModelCard, WeightFile
from engine.content import content_hash
from engine.models.loading import ROFORMERS, load_separation_model
from engine.training.trainer import save_half
from engine.weights import Weights
from tests.helpers.roformers import TINY


@pytest.mark.parametrize("builder", ROFORMERS)
def test_a_network_with_dropout_gives_the_same_each_time(tmp_path: Path, builder: str) -> None:
    config = {**TINY[builder], "attn_dropout": 0.5, "ff_dropout": 0.5}
    path = tmp_path / "weights.safetensors"
    save_half(ROFORMERS[builder](**config).state_dict(), path)
    file = WeightFile(path.name, "", content_hash(path), path.stat().st_size)
    card = ModelCard(
        name="drops",
        title="Drops",
        stage="mixed_music",
        builder=builder,
        licence="MIT",
        files=(file,),
        config=config,
        stems=("a", "b"),
        chunk_samples=4_000,
    )
    network = load_separation_model(Weights(card, (path,), "user")).network
    mix = torch.randn(1, 2, 4_000)
    with torch.inference_mode():
        assert torch.equal(network(mix), network(mix))
