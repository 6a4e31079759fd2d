"""`reprise train`: trains the starter networks with the project's own recipes."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal
from engine.models.loading import build
from engine.training.recipes import RECIPES
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
) -> None:
    """Train a separating network; may be stopped and started again at any time."""
    if recipe not in RECIPES:
        raise typer.BadParameter(f"{recipe} is no recipe; there are {', '.join(RECIPES)}")
    chosen = RECIPES[recipe]
    plan = TrainingPlan(corpus, run, minutes, batch_size=batch_size, threads=threads)
    with progress_on_terminal(recipe) as context:
        Trainer(chosen, build(chosen.builder, chosen.config), plan).train(context)
