"""`reprise evaluate`: results against the truth, in figures."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer

from app.cli.output import progress_on_terminal, write_json, write_lines
from app.cli.recipes import RecipeName
from engine.dsp.metrics import measure
from engine.dsp.resample import resample_blocks, resampled_length
from engine.media.decode import AudioReader
from engine.types import Audio

# Help and wrong usage need none of what the commands import themselves: it is slow.
cli = typer.Typer(add_completion=False)


@cli.callback()
def evaluate() -> None:
    """Measure results."""


@cli.command()
def metrics(
    reference: Annotated[Path, typer.Option("--reference", help="The true sound.")],
    estimate: Annotated[Path, typer.Option("--estimate", help="What was found.")],
    mix: Annotated[Path | None, typer.Option("--mix", help="What it was found in.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Compare a sound (or the sound of a video) with the truth."""
    truth = _read(reference)
    figures = measure(
        truth.samples,
        _like(_read(estimate), truth).samples,
        None if mix is None else _like(_read(mix), truth).samples,
    )
    if json:
        write_json(figures)
        return
    for name, value in asdict(figures).items():
        if value is not None:
            write_lines([f"{name:<28}{value:>10{'' if isinstance(value, int) else '.2f'}}\n"])


@cli.command()
def separator(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
    corpus: Annotated[Path, typer.Option(help="Folder of `reprise dataset synthetic`.")],
    mixes: Annotated[int, typer.Option(help="How many mixes.")] = 200,
    split: Annotated[
        Literal["train", "valid", "test"],
        typer.Option(help="Part of the corpus; a network has heard nothing of the test part."),
    ] = "test",
) -> None:
    """Measure a starter network, by default on pieces it has never heard."""
    from engine.evaluation.separator import SeparatorTest, score_separator, summarise, table
    from engine.models.loading import load_separation_model
    from engine.training.recipes import RECIPES
    from engine.weights import choose

    model = load_separation_model(choose(recipe))
    with progress_on_terminal(recipe) as context:
        scores = score_separator(
            model, RECIPES[recipe], SeparatorTest(corpus, mixes, split), context
        )
    write_lines(table(summarise(scores)))


@cli.command()
def matcher(
    cases: Annotated[int, typer.Option(min=1, help="How many generated cases.")] = 600,
    processes: Annotated[int, typer.Option(min=1, help="Processes that work at once.")] = 1,
) -> None:
    """Measure how well the baseline matcher tells a picture's own music from other music."""
    from engine.evaluation.matcher import report

    write_lines(report(cases, processes))


@cli.command("known-bgm")
def known_bgm(
    level: Annotated[
        list[float] | None,
        typer.Option(help="Level of the music over the rest in dB, may be repeated."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, help="Length of each clip.")] = 20.0,
) -> None:
    """Measure how near the removal of known music comes to what the codec allows."""
    from engine.evaluation.known_bgm import LEVELS_DB, benchmark, table

    write_lines(table(benchmark(level or LEVELS_DB, seconds)))


def _read(path: Path) -> Audio:
    with AudioReader(path.absolute()) as reader:
        return Audio(np.concatenate(list(reader.blocks()), axis=1), reader.sample_rate_hz)


def _like(sound: Audio, truth: Audio) -> Audio:
    """The sound at the truth's rate and number of channels."""
    samples = sound.samples
    if sound.channels != truth.channels:
        samples = np.broadcast_to(samples.mean(0), (truth.channels, sound.num_samples))
    if sound.sample_rate_hz == truth.sample_rate_hz:
        return Audio(samples, truth.sample_rate_hz)
    rates_hz = sound.sample_rate_hz, truth.sample_rate_hz
    length = resampled_length(sound.num_samples, *rates_hz)
    blocks = resample_blocks([samples], *rates_hz, length)
    return Audio(np.concatenate(list(blocks), axis=1), truth.sample_rate_hz)
