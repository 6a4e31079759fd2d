"""`reprise train`: trains the starter networks with the project's own recipes."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal
from engine.evaluation.separator import table
from engine.models.loading import build
from engine.training.publish import Run
from engine.training.publish import publish as publish_run
from engine.training.recipes import RECIPES, Recipe
from engine.training.trainer import Trainer, TrainingPlan

cli = typer.Typer(add_completion=False)


@cli.callback()
def train() -> None:
    """Train a starter network."""


@cli.command()
def separator(
    recipe: Annotated[str, typer.Argument(help=" or ".join(RECIPES))],
    corpus: Annotated[Path, typer.Option(help="Folder of `reprise dataset synthetic`.")],
    run: Annotated[Path, typer.Option(help="Folder of the run; one that is there goes on.")],
    minutes: Annotated[float, typer.Option(help="Stop after this long.")] = 60.0,
    batch_size: Annotated[int, typer.Option(help="Examples a step.")] = 4,
    threads: Annotated[int, typer.Option(help="Processor threads.")] = 2,
    decay_steps: Annotated[
        int, typer.Option(help="Steps until the learning rate has fallen to a tenth.")
    ] = 4_000,
) -> None:
    """Train a separating network; may be stopped and started again at any time."""
    chosen = _recipe(recipe)
    plan = TrainingPlan(
        corpus, run, minutes, batch_size=batch_size, threads=threads, decay_steps=decay_steps
    )
    with progress_on_terminal(recipe) as context:
        Trainer(chosen, build(chosen.builder, chosen.config), plan).train(context)


@cli.command()
def publish(
    recipe: Annotated[str, typer.Argument(help=" or ".join(RECIPES))],
    corpus: Annotated[Path, typer.Option(help="Folder of the corpus it was trained on.")],
    run: Annotated[Path, typer.Option(help="Folder of the run.")],
    mixes: Annotated[int, typer.Option(help="Unseen mixes for the figures of the card.")] = 200,
) -> None:
    """Put the best weights of a run into the program, with a card that says how good they are."""
    chosen = _recipe(recipe)
    with progress_on_terminal(recipe) as context:
        _, lines = publish_run(chosen, Run(run, corpus), mixes, context)
    sys.stdout.write(table(lines) + "\n")


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise typer.BadParameter(f"{name} is no recipe; there are {', '.join(RECIPES)}")
    return RECIPES[name]
