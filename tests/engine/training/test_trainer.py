"""A training learns, stops in time, and goes on where it was."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.context import PlainContext
from engine.errors import CancelledError, CorpusError, DeviceError, TrainingError
from engine.models.loading import build
from engine.training.losses import LOSSES
from engine.training.mixes import Mixes
from engine.training.recipes import MUSIC, RECIPES, SPEECH, Recipe
from engine.training.trainer import (
    AveragedWeights,
    Trainer,
    TrainingPlan,
    learning_rate,
)
from tests.helpers.corpora import write_tones


class LowPass(nn.Module):
    """One learned filter: enough to tell low speech from high music; keeps what it is taught."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Conv1d(1, 1, 65, padding=32, bias=False)
        self.heard: list[Tensor] = []
        self.precisions: set[torch.dtype] = set()

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, samples) -> (batch, 1, channels, samples)."""
        stem: Tensor = self.filters(x.flatten(0, 1).unsqueeze(1))
        if self.training:
            self.heard.append(x)
            self.precisions.add(stem.dtype)
        return stem.view(x.shape).unsqueeze(1)


@pytest.fixture
def plan(tmp_path: Path) -> TrainingPlan:
    write_tones(tmp_path / "corpus")
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


def train_to(
    plan: TrainingPlan, step: int, recipe: Recipe = RECIPE, network: nn.Module | None = None
) -> Trainer:
    torch.manual_seed(0)
    trainer = Trainer(recipe, network or LowPass(), plan)
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


def test_a_run_that_goes_on_hears_other_mixes(plan: TrainingPlan) -> None:
    first, again, resumed = LowPass(), LowPass(), LowPass()
    train_to(plan, 2, network=first)
    train_to(replace(plan, run=plan.run / "again"), 2, network=again)
    train_to(plan, 4, network=resumed)
    torch.testing.assert_close(first.heard, again.heard, rtol=0, atol=0)
    assert len(resumed.heard) == 2
    assert not any(torch.equal(a, b) for a in first.heard for b in resumed.heard)


def test_lessons_begin_with_plain_music(plan: TrainingPlan) -> None:
    stream = iter(Mixes(MUSIC_OF_TONES, plan.corpus, seed=0, plain_mixes=8))
    left = [(mix - stems.sum(0)).abs().max() for mix, stems in islice(stream, 40)]
    assert max(left[:8]) < 1e-5
    assert max(left[8:]) > 0.1


def test_what_is_saved_is_the_average_in_half_precision(plan: TrainingPlan) -> None:
    trainer = train_to(plan, plan.validate_every_steps)
    saved = load_file(plan.run / "best.safetensors")["filters.weight"]
    assert saved.dtype == torch.float16
    assert torch.equal(saved, trainer._average.weights["filters.weight"].half())
    own = trainer.network.state_dict()["filters.weight"]
    assert not torch.allclose(saved.float(), own, atol=1e-2)


def test_the_best_is_kept_and_not_the_last(plan: TrainingPlan) -> None:
    train_to(plan, 10)
    best = (plan.run / "best.safetensors").read_bytes()
    spoilt = train_to(plan, 20, replace(RECIPE, peak_learning_rate=50.0))
    good, bad = (line["gain_db"] for line in log_lines(plan))
    assert bad < good - 3
    assert spoilt.best_gain_db == pytest.approx(good, abs=0.01)
    assert (plan.run / "best.safetensors").read_bytes() == best


def test_time_ends_it_and_the_last_state_is_saved(plan: TrainingPlan) -> None:
    trainer = Trainer(RECIPE, LowPass(), replace(plan, minutes=0))
    trainer.train(PlainContext())
    assert trainer.step == 1
    assert log_lines(plan)[-1]["step"] == 1
    assert Trainer(RECIPE, LowPass(), plan).step == 1


class Small(nn.Module):
    """Refuses more than so many examples at once, as a full memory does."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.low_pass, self.most = LowPass(), most
        self.seen: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        """As `LowPass`."""
        if len(x) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.seen.append(len(x))
        found: Tensor = self.low_pass(x)
        return found


def batch(examples: int) -> tuple[Tensor, Tensor]:
    mix = torch.randn(examples, 2, 2000, generator=torch.Generator().manual_seed(1))
    return mix, 0.5 * mix.unsqueeze(1)


def test_a_full_memory_makes_the_parts_smaller_and_not_the_step(plan: TrainingPlan) -> None:
    whole, parted = Small(most=8), Small(most=3)
    parted.load_state_dict(whole.state_dict())
    trainers = [Trainer(RECIPE, net, replace(plan, batch_size=8)) for net in (whole, parted)]
    losses = [trainer.train_step(*batch(8)) for trainer in trainers]
    assert parted.seen == [2, 2, 2, 2]
    assert trainers[1].batch_size == 2
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for a, b in zip(whole.parameters(), parted.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_a_memory_too_small_for_one_example_is_an_error(plan: TrainingPlan) -> None:
    trainer = Trainer(RECIPE, Small(most=0), plan)
    with pytest.raises(DeviceError, match="not enough memory for one example"):
        trainer.train_step(*batch(2))


def test_accumulated_batches_make_one_step(plan: TrainingPlan) -> None:
    network = Small(most=2)
    trainer = Trainer(RECIPE, network, replace(plan, accumulate=3))
    assert trainer.plan.examples_a_step == 6
    assert len(trainer.train_step(*batch(6))) == 1
    assert (network.seen, trainer.step) == ([2, 2, 2], 1)


def test_a_loss_that_is_no_number_is_left_out_and_counted(plan: TrainingPlan) -> None:
    trainer = Trainer(RECIPE, LowPass(), plan)
    before = trainer.network.state_dict()["filters.weight"].clone()
    mix, stems = batch(2)
    assert trainer.train_step(mix * torch.inf, stems) == []
    assert (trainer.step, trainer.skipped) == (0, 1)
    torch.testing.assert_close(trainer.network.state_dict()["filters.weight"], before)
    assert len(trainer.train_step(mix, stems)) == 1
    for _ in range(50):
        trainer.train_step(mix * torch.inf, stems)
    with pytest.raises(TrainingError, match="no finite loss"):
        trainer.train_step(mix * torch.inf, stems)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_falls_also_in_reduced_precision(plan: TrainingPlan, loss: str) -> None:
    recipe, network = replace(RECIPE, loss=LOSSES[loss]), LowPass()
    trainer = Trainer(recipe, network, replace(plan, precision="bf16", batch_size=4))
    losses = [trainer.train_step(*batch(4))[0] for _ in range(30)]
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:3])
    assert network.precisions == {torch.bfloat16}
    weights = trainer.network.state_dict()["filters.weight"]
    assert weights.dtype == torch.float32


def test_the_state_of_another_network_is_named(plan: TrainingPlan) -> None:
    train_to(plan, 1)
    with pytest.raises(TrainingError, match=r"last\.pt does not hold this network"):
        Trainer(RECIPE, nn.Linear(3, 3), plan)
    (plan.run / "last.pt").write_bytes(b"no state")
    with pytest.raises(TrainingError, match=r"last\.pt"):
        Trainer(RECIPE, LowPass(), plan)


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("average"),
        lambda state: state["average"].popitem(),
        lambda state: state["optimizer"].pop("param_groups"),
        lambda state: state["optimizer"]["param_groups"].clear(),
        lambda state: state.pop("best_gain_db"),
        lambda state: state.update(optimizer=None),
    ],
)
def test_a_state_that_lacks_something_is_told(
    plan: TrainingPlan, damage: Callable[[dict[str, Any]], object]
) -> None:
    train_to(plan, 1)
    state = torch.load(plan.run / "last.pt", weights_only=True)
    damage(state)
    torch.save(state, plan.run / "last.pt")
    with pytest.raises(TrainingError, match=r"last\.pt does not hold this network"):
        Trainer(RECIPE, LowPass(), plan)


def test_a_folder_at_fault_is_told_before_anything_is_loaded(plan: TrainingPlan) -> None:
    trainer = Trainer(RECIPE, LowPass(), replace(plan, corpus=plan.run))
    with pytest.raises(CorpusError, match="no corpus"):
        trainer.train(PlainContext())


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
def test_starter_networks_are_small_enough_to_ship(recipe: Recipe) -> None:
    network = build(recipe.builder, recipe.config)
    num_parameters = sum(p.numel() for p in network.parameters())
    # fp16 weights of all starter networks together stay below 36 MB.
    assert num_parameters * 2 < (12e6 if recipe.name.startswith("starter") else 80e6)


def test_the_two_music_recipe_is_free_of_order() -> None:
    assert not MUSIC.ordered
    assert SPEECH.ordered
