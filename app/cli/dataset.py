"""`reprise dataset`: makes what the networks are trained and tested on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as ProgressBar
from rich.progress import TimeRemainingColumn

from engine.context import PlainContext, Progress

# Help and wrong usage need none of what the commands import themselves: it is slow.
cli = typer.Typer(add_completion=False, no_args_is_help=True)


@cli.callback()
def dataset() -> None:
    """Make the material that the networks are trained and tested on."""


@cli.command()
def synthetic(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the corpus goes.")],
    hours: Annotated[
        float,
        typer.Option(min=0.01, help="Hours of music; speech and effects are a quarter of it each."),
    ] = 4.0,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds make equal corpora.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that work at the same time.")] = 2,
) -> None:
    """Render a corpus of music, speech and effects; run it again to go on where it stopped."""
    from engine.datasets.corpus import CorpusRequest, make_corpus

    console = Console(stderr=True)
    with ProgressBar(
        *ProgressBar.get_default_columns()[:-1], TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task("corpus", total=None)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total)

        request = CorpusRequest(folder, hours=hours, seed=seed, workers=workers)
        corpus = make_corpus(request, PlainContext(on_progress=show))
    console.print(f"{len(corpus.items)} items in {folder}")


@cli.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the clip goes.")],
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds make equal clips.")] = 20,
) -> None:
    """Make the sample clip: a film with covered sound, its original sound, the covering track."""
    from engine.datasets.sample import make_sample

    make_sample(folder, seed)
