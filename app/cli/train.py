"""`reprise train`: trains the starter networks with the project's own recipes."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.output import progress_on_terminal, write_lines
from app.cli.recipes import RecipeName
from engine.media.atomic import atomic_output, check_writable

_MOST_WORKERS = min(8, os.cpu_count() or 1)  # a GPU is faster than what feeds it

# Help and wrong usage need none of what each command imports: it is slow.
cli = typer.Typer(add_completion=False)


@cli.callback()
def train() -> None:
    """Train a starter network."""


@cli.command()
def separator(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
    corpus: Annotated[
        Path, typer.Option(help="Folder of `reprise dataset synthetic` or `reprise dataset oasd`.")
    ],
    run: Annotated[Path, typer.Option(help="Folder of the run; one that is there goes on.")],
    minutes: Annotated[float, typer.Option(min=0, help="Stop after this long.")] = 60.0,
    begin_from: Annotated[
        str,
        typer.Option("--from", metavar="FILE|CARD", help="Weights to begin with: fine-tuning."),
    ] = "",
    loss: Annotated[
        Literal["si-sdr", "spectral"] | None,
        typer.Option(
            help="What is made small; `spectral` is time L1 and five complex spectra (L1)."
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-7, help="Peak; the recipe's own if not given.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Examples at once; the recipe's own if not given.")
    ] = None,
    accumulate: Annotated[
        int | None, typer.Option(min=1, help="Batches a step; 1 if not given.")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where to compute.")
    ] = "auto",
    precision: Annotated[
        Literal["auto", "bf16", "fp32"], typer.Option(help="`auto`: bf16 on a GPU that can.")
    ] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="Processor threads.")] = 2,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that make mixes; as many as fit a GPU.")
    ] = None,
    decay_steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="Steps until the learning rate has fallen to a tenth; 4000 if not given."
        ),
    ] = None,
    validate_every: Annotated[
        int, typer.Option(min=1, help="Steps between two validations.")
    ] = 250,
    seed: Annotated[int, typer.Option(min=0, help="Of the mixes.")] = 0,
) -> None:
    """Train a separating network; may be stopped and started again at any time.

    A run that goes on keeps to the loss, learning rate, decay and batches that it began with.
    """
    from engine.devices import choose_device
    from engine.training.lessons import Wishes
    from engine.training.mixes import require_material
    from engine.training.recipes import RECIPES
    from engine.training.start import open_network
    from engine.training.trainer import Trainer, TrainingPlan

    # Before the run is begun, or one that was refused would have begun.
    kind = choose_device(device).kind
    require_material(corpus, RECIPES[recipe])
    wishes = Wishes(loss, learning_rate, decay_steps, batch_size, accumulate)
    chosen, network, lessons = open_network(RECIPES[recipe], run, begin_from, str(corpus), wishes)
    plan = TrainingPlan(
        corpus,
        run,
        minutes,
        batch_size=lessons.batch_size,
        accumulate=lessons.accumulate,
        decay_steps=lessons.decay_steps,
        validate_every_steps=validate_every,
        threads=threads,
        workers=workers or (1 if kind == "cpu" else _MOST_WORKERS),
        device=device,
        precision=precision,
        seed=seed,
    )
    with progress_on_terminal(recipe) as context:
        Trainer(chosen, network, plan).train(context)


@cli.command()
def publish(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
    corpus: Annotated[Path, typer.Option(help="Folder of the corpus it was trained on.")],
    run: Annotated[Path, typer.Option(help="Folder of the run.")],
    mixes: Annotated[
        int, typer.Option(min=1, help="Unseen mixes for the figures of the card.")
    ] = 200,
    test: Annotated[
        Path | None,
        typer.Option(help="OASD set to measure soundtrack against song on; else the corpus."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where the model goes; else into the program.")
    ] = None,
) -> None:
    """Put the best weights of a run into the program, with a card that says how good they are."""
    from engine.evaluation import roles
    from engine.training.held_out import table
    from engine.training.publish import Run
    from engine.training.publish import publish as publish_run
    from engine.training.recipes import RECIPES

    with progress_on_terminal(recipe) as context:
        done = publish_run(RECIPES[recipe], Run(run, corpus, test), mixes, context, folder)
    write_lines(table(done.lines))
    if done.rows:
        write_lines(["\n", *roles.table(done.rows)])
    write_lines([f"\n{done.card.trained_on}\n"])


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
