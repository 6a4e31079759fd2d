"""A training learns, stops in time, and goes on where it was."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.context import PlainContext
from engine.datasets.corpus import Corpus, CorpusItem, Kind, Split
from engine.errors import CancelledError
from engine.models.loading import build
from engine.training.recipes import MUSIC, RECIPES, SPEECH, Recipe
from engine.training.trainer import (
    AveragedWeights,
    Mixes,
    Trainer,
    TrainingPlan,
    learning_rate,
)


class LowPass(nn.Module):
    """One learned filter: enough to tell low speech from high music."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Conv1d(1, 1, 65, padding=32, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, 1, channels, samples)."""
        stem: Tensor = self.filters(x.flatten(0, 1).unsqueeze(1))
        return stem.view(x.shape).unsqueeze(1)


def write_corpus(root: Path) -> None:
    """Speech is low tones, everything else high tones."""
    items = []
    time_s = np.arange(44_100) / 44_100
    kinds: dict[Kind, int] = {"speech": 120, "music": 6000, "effects": 9000}
    splits: tuple[Split, ...] = ("train", "train", "train", "valid", "valid", "valid")
    for kind, base_hz in kinds.items():
        (root / kind).mkdir(parents=True)
        for i, split in enumerate(splits):
            tone = 8000 * np.sin(2 * np.pi * (base_hz + 10 * i) * time_s)
            path = f"{kind}/{i}.npy"
            np.save(root / path, np.stack([tone, tone], axis=1).astype(np.int16))
            items.append(
                CorpusItem(f"{kind}-{i}", kind, "tones", f"{kind}-{i}", split, path, None, 1.0)
            )
    manifest = {"version": 1, "seed": 0, "items": items}
    (root / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    assert len(Corpus.load(root).items) == 18


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    write_corpus(tmp_path / "corpus")
    return TrainingPlan(
        tmp_path / "corpus",
        tmp_path / "run",
        minutes=5,
        batch_size=2,
        warmup_steps=5,
        validate_every_steps=10,
        validation_mixes=4,
        threads=1,
    )


RECIPE: Recipe = replace(SPEECH, name="low-pass", clip_s=0.25, peak_learning_rate=0.02)


MUSIC_OF_TONES: Recipe = replace(MUSIC, clip_s=0.25)


def until_step(trainer: Trainer, step: int) -> PlainContext:
    return PlainContext(is_cancelled=lambda: trainer.step >= step)


def train_to(plan: TrainingPlan, step: int) -> Trainer:
    torch.manual_seed(0)
    trainer = Trainer(RECIPE, LowPass(), plan)
    with pytest.raises(CancelledError):
        trainer.train(until_step(trainer, step))
    return trainer


def log_lines(plan: TrainingPlan) -> list[dict[str, float]]:
    return [json.loads(line) for line in (plan.run / "log.jsonl").read_text().splitlines()]


def test_learns_and_goes_on_where_it_was(plan: TrainingPlan) -> None:
    first = train_to(plan, 31)
    lines = log_lines(plan)
    assert [line["step"] for line in lines] == [10, 20, 30]
    assert lines[-1]["loss"] < lines[0]["loss"] - 1
    # On tones it has not seen either.
    assert lines[-1]["gain_db"] > 3

    second = Trainer(RECIPE, LowPass(), plan)
    assert (second.step, second.best_gain_db) == (31, first.best_gain_db)
    train_to(plan, 41)
    assert log_lines(plan)[-1]["step"] == 40
    assert log_lines(plan)[-1]["hours"] >= lines[-1]["hours"]


def test_lessons_begin_with_plain_music(plan: TrainingPlan) -> None:
    stream = iter(Mixes(MUSIC_OF_TONES, plan.corpus, seed=0, plain_mixes=8))
    left = [(mix - stems.sum(0)).abs().max() for mix, stems in islice(stream, 40)]
    assert max(left[:8]) < 1e-5
    assert max(left[8:]) > 0.1


def test_what_is_saved_is_the_average_in_half_precision(plan: TrainingPlan) -> None:
    trainer = train_to(plan, 11)
    saved = load_file(plan.run / "best.safetensors")["filters.weight"]
    assert saved.dtype == torch.float16
    average = trainer._average.weights["filters.weight"]
    assert not torch.allclose(average, trainer.network.state_dict()["filters.weight"], atol=1e-5)


def test_time_ends_it_and_the_last_state_is_saved(plan: TrainingPlan) -> None:
    trainer = Trainer(RECIPE, LowPass(), replace(plan, minutes=0))
    trainer.train(PlainContext())
    assert trainer.step == 1
    assert log_lines(plan)[-1]["step"] == 1
    assert Trainer(RECIPE, LowPass(), plan).step == 1


def test_learning_rate_rises_then_falls_to_a_tenth(plan: TrainingPlan) -> None:
    rates = [learning_rate(step, replace(plan, decay_steps=100), 1.0) for step in range(200)]
    assert rates[4] == 1 == max(rates)
    assert rates[:5] == sorted(rates[:5])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)


def test_average_follows_slowly() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = AveragedWeights(network)
    nn.init.ones_(network.weight)
    average.update(network, 100_000)
    assert average.weights["weight"].item() == pytest.approx(0.001)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda r: r.name)
def test_recipes_build_what_they_say(recipe: Recipe) -> None:
    network = build(recipe.builder, recipe.config)
    mix = torch.zeros(1, 2, round(recipe.clip_s * recipe.sample_rate_hz))
    with torch.inference_mode():
        assert network.eval()(mix).shape == (1, len(recipe.stems), *mix.shape[1:])
    # fp16 weights of all starter networks together stay below 24 MB.
    assert sum(p.numel() for p in network.parameters()) * 2 < 12e6


def test_the_two_music_recipe_is_free_of_order() -> None:
    assert not MUSIC.ordered
    assert SPEECH.ordered
