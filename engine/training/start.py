"""The network that a run trains: a fresh one, or one that begins from weights there are already.

A run remembers in `network.json` what it trains and how, so that it goes on with the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from torch import Tensor, nn

from engine.catalog import ModelCard
from engine.checkpoints import load_into, load_state_dict
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.errors import TrainingError
from engine.media.atomic import atomic_output, make_folder
from engine.models.loading import ROFORMERS, build
from engine.training.lessons import Lessons, Wishes, lessons
from engine.training.losses import LOSSES
from engine.training.recipes import Recipe
from engine.weights import choose

RECORD, STATE = "network.json", "last.pt"
_MASKS = "mask_estimators."


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run trains.

    Attributes:
        recipe: Name of the recipe.
        builder: Entry of the table of builders.
        config: Arguments of the builder.
        sample_rate_hz: Rate of the network.
        begun_from: Card or file of the first weights; empty for fresh ones.
        trained_on: Folder of the material.
        lessons: How it is trained; None for runs from before that was kept.
    """

    recipe: str
    builder: str
    config: dict[str, Any]
    sample_rate_hz: int
    begun_from: str = ""
    trained_on: str = ""
    lessons: Lessons | None = None


def recipe_of(recipe: Recipe, run: Path) -> Recipe:
    """The recipe with the network that the run really trains.

    Raises:
        TrainingError: The run trains something else, or its record is damaged.
    """
    record = read_record(run)
    if record is None:
        return recipe
    if record.recipe != recipe.name:
        raise TrainingError(f"{run} is a run of {record.recipe}, not of {recipe.name}")
    return replace(
        recipe,
        builder=record.builder,
        config=record.config,
        sample_rate_hz=record.sample_rate_hz,
    )


def read_record(run: Path) -> Trained | None:
    """What a run trains; None for one that has not begun.

    Raises:
        TrainingError: The record is damaged.
    """
    path = run / RECORD
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=Trained)
    except msgspec.DecodeError as error:
        raise TrainingError(f"{path} is damaged: {error}", "choose another --run") from error


def open_network(
    recipe: Recipe,
    run: Path,
    begin_from: str = "",
    material: str = "",
    wishes: Wishes | None = None,
) -> tuple[Recipe, nn.Module, Lessons]:
    """The network to train, the recipe that fits it, and how to train it.

    Args:
        recipe: What to train.
        run: Folder of the run; one that has begun goes on with its own network.
        begin_from: Card, or file of weights for the recipe's own network; empty for fresh weights.
        material: Folder of the data, for the record.
        wishes: What the user says of how to train.

    Raises:
        TrainingError: The run trains something else, or otherwise, its record is damaged, or the
            card is of another kind of network.
        ModelError: The weights are not there, or do not fit.
    """
    record, wishes = read_record(run), wishes or Wishes()
    if record is not None and (run / STATE).is_file():
        recipe = recipe_of(recipe, run)
        if begin_from not in ("", record.begun_from):
            raise TrainingError(
                f"{run} has begun from {record.begun_from or 'fresh weights'} already",
                "choose another --run",
            )
        agreed = lessons(recipe, wishes, record.lessons)
        return _taught(recipe, agreed), build(recipe.builder, recipe.config), agreed
    network, recipe = _begun(recipe, begin_from)
    agreed = lessons(recipe, wishes)
    _write_record(
        Trained(
            recipe.name,
            recipe.builder,
            dict(recipe.config),
            recipe.sample_rate_hz,
            begin_from,
            material,
            agreed,
        ),
        run,
    )
    return _taught(recipe, agreed), network, agreed


def _write_record(record: Trained, run: Path) -> None:
    make_folder(run)
    with atomic_output(run / RECORD) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1))


def _taught(recipe: Recipe, agreed: Lessons) -> Recipe:
    return replace(recipe, loss=LOSSES[agreed.loss], peak_learning_rate=agreed.learning_rate)


def _begun(recipe: Recipe, begin_from: str) -> tuple[nn.Module, Recipe]:
    path = Path(begin_from)
    if begin_from and not path.is_file():
        weights = choose(begin_from)
        recipe, path = _like(recipe, weights.card), weights.paths[0]
    network = build(recipe.builder, recipe.config)
    if begin_from:
        state = with_masks_for(len(recipe.stems), load_state_dict(path))
        load_into(network, state, path.name)
    return network, recipe


def _like(recipe: Recipe, card: ModelCard) -> Recipe:
    """The recipe with the network of a card, but for the number of its stems."""
    if card.builder == recipe.builder and card.builder not in ROFORMERS:
        return replace(recipe, config=card.config, sample_rate_hz=card.sample_rate_hz)
    if card.builder not in ROFORMERS or recipe.builder not in ROFORMERS:
        raise TrainingError(
            f"{card.name} is a {card.builder}, {recipe.name} trains a {recipe.builder}",
            "begin from another card",
        )
    return replace(
        recipe,
        builder=card.builder,
        config={**card.config, "num_stems": len(recipe.stems)},
        sample_rate_hz=card.sample_rate_hz or SAMPLE_RATE_HZ,
    )


def with_masks_for(stems: int, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a BS-RoFormer for so many stems: those that it lacks begin like its last one."""
    masks = {key: key.removeprefix(_MASKS).split(".", 1) for key in state if key.startswith(_MASKS)}
    there = 1 + max((int(number) for number, _ in masks.values()), default=-1)
    kept = {k: v for k, v in state.items() if k not in masks or int(masks[k][0]) < stems}
    for key, (number, rest) in masks.items():
        if int(number) == there - 1:
            kept |= {f"{_MASKS}{new}.{rest}": state[key].clone() for new in range(there, stems)}
    return kept
