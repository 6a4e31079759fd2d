"""`reprise train`: trains the starter networks with the project's own recipes."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal, write_lines
from app.cli.recipes import RecipeName
from engine.media.atomic import atomic_output, check_writable

# Help and wrong usage need none of what each command imports: it is slow.
cli = typer.Typer(add_completion=False)


@cli.callback()
def train() -> None:
    """Train a starter network."""


@cli.command()
def separator(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
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
    from engine.models.loading import build
    from engine.training.recipes import RECIPES
    from engine.training.trainer import Trainer, TrainingPlan

    chosen = RECIPES[recipe]
    plan = TrainingPlan(
        corpus, run, minutes, batch_size=batch_size, threads=threads, decay_steps=decay_steps
    )
    with progress_on_terminal(recipe) as context:
        Trainer(chosen, build(chosen.builder, chosen.config), plan).train(context)


@cli.command()
def publish(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
    corpus: Annotated[Path, typer.Option(help="Folder of the corpus it was trained on.")],
    run: Annotated[Path, typer.Option(help="Folder of the run.")],
    mixes: Annotated[int, typer.Option(help="Unseen mixes for the figures of the card.")] = 200,
) -> None:
    """Put the best weights of a run into the program, with a card that says how good they are."""
    from engine.evaluation.separator import table
    from engine.training.publish import Run
    from engine.training.publish import publish as publish_run
    from engine.training.recipes import RECIPES

    with progress_on_terminal(recipe) as context:
        _, lines = publish_run(RECIPES[recipe], Run(run, corpus), mixes, context)
    write_lines(table(lines))


@cli.command()
def matcher(
    card: Annotated[Path, typer.Argument(help="Where the card with the numbers goes.")],
    cases: Annotated[int, typer.Option(min=1, help="Cases to learn from.")] = 600,
    held_out: Annotated[int, typer.Option(min=1, help="Cases for the figures of the card.")] = 450,
    processes: Annotated[int, typer.Option(min=1, help="Processes that work at once.")] = 1,
) -> None:
    """Fit the numbers of the baseline matcher to generated pictures and sounds."""
    from engine.catalog import card_to_json
    from engine.training.matcher_baseline import fitted_card

    check_writable(card)
    text = card_to_json(fitted_card(cases, held_out, processes))
    with atomic_output(card) as part:
        part.write_bytes(text)
