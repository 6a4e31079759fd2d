"""`reprise evaluate`: results against the truth, in figures."""

from dataclasses import asdict
from itertools import chain
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import numpy as np
import typer

from app.cli.output import progress_on_terminal, write_json, write_lines
from app.cli.recipes import RecipeName
from app.cli.restore import models_by_stage
from engine.dsp.metrics import measure
from engine.dsp.resample import at_rate
from engine.media.decode import AudioReader
from engine.types import Audio, Quality

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
            write_lines([f"{name:<28}{_figure(value):>10}\n"])
    if figures.lag_samples:
        later = "later" if figures.lag_samples > 0 else "earlier"
        words = (
            f"The estimate lies {abs(figures.lag_samples)} samples {later} than the reference. "
            "The figures are of the sounds as they lie: cut one of them first.\n"
        )
        write_lines([words])


@cli.command()
def report(
    file: Annotated[Path, typer.Argument(help="Report as HTML or PDF.")],
    files: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where video and tracks lie; else beside the report."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Say whether a report is as it was signed, and whether its files are the same.

    The exit code is 1 if the report, or a file that is here, was changed.
    """
    from app.cli.report_check import check_report

    checked = check_report(file, files or file.parent)
    if json:
        write_json(checked)
    else:
        write_lines(f"{line}\n" for line in checked.lines())
    if checked.changed:
        raise typer.Exit(1)


@cli.command()
def listening(
    files: Annotated[list[Path], typer.Argument(help="Signed reports (HTML or PDF) and projects.")],
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Put the blind tests of several listeners together; what is in two files counts once.

    A report that was changed after it was signed is refused, and nothing is counted.
    """
    from app.review.listeners import read_listeners
    from app.review.pooling import pool, pooled_finding

    read = [read_listeners(path.absolute()) for path in files]
    pooled = pool(test for file in read for test in file.tests)
    if json:
        named = [
            {"file": file.path, "by": file.by, "key": file.key, "tests": len(file.tests)}
            for file in read
        ]
        write_json({"files": named, "results": pooled})
        return
    for each in map(pooled_finding, pooled):
        write_lines([f"{each.title}\n", *(f"  {line}\n" for line in each.lines)])
    if not pooled:
        write_lines(["There are no listening tests in these files.\n"])


@cli.command()
def separator(
    recipe: Annotated[RecipeName, typer.Argument(help="Which network.")],
    corpus: Annotated[
        Path, typer.Option(help="Folder of `reprise dataset synthetic` or `reprise dataset oasd`.")
    ],
    mixes: Annotated[int, typer.Option(min=1, help="How many mixes.")] = 200,
    split: Annotated[
        Literal["train", "valid", "test"],
        typer.Option(help="Part of the corpus; a network has heard nothing of the test part."),
    ] = "test",
    run: Annotated[
        Path | None, typer.Option(help="Measure the best network of a run, not the one that ships.")
    ] = None,
    untuned: Annotated[
        str, typer.Option(metavar="CARD", help="Two-music network before the tuning.")
    ] = "starter-music",
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Measure a starter network, by default on pieces it has never heard.

    A network that tells soundtrack from song is put beside the paper's rows and the ceilings.
    """
    from engine.evaluation import roles
    from engine.models.loading import load_separation_model
    from engine.training.held_out import (
        SeparatorTest,
        order_of,
        order_words,
        role_rows,
        score_separator,
        summarise,
        table,
    )
    from engine.training.publish import load_run
    from engine.training.recipes import RECIPES
    from engine.weights import choose

    chosen, test = RECIPES[recipe], SeparatorTest(corpus, mixes, split)
    model = load_run(chosen, run) if run else load_separation_model(choose(recipe))
    rows = []
    with progress_on_terminal(recipe) as context:
        scores = score_separator(model, chosen, test, context)
        lines, order = summarise(scores), order_of(scores)
        if chosen.by_role:
            before = load_separation_model(choose(untuned))
            rows = role_rows(chosen, model, before, test, context)
    if json:
        report = {"groups": lines, "order": order, "rows": rows}
        write_json({**report, "paper": roles.PAPER, "note": roles.NOTE})
        return
    write_lines(table(lines))
    if order:
        write_lines([f"\n{order_words(order)}\n"])
    if rows:
        write_lines(["\n", *roles.table(rows)])


@cli.command()
def pipeline(
    osvar: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of `dataset osvar`.")],
    films: Annotated[int, typer.Option(min=1, help="How many films, at most.")] = 160,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE=NAME", help="Another model for a stage, may be repeated."),
    ] = None,
    quality: Annotated[Quality, typer.Option(help="As for a restore.")] = Quality.STANDARD,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Restore films whose true sound is known, and compare: ours, the film, only its dialogue."""
    from engine.artifacts import ArtifactStore
    from engine.datasets.osvar import Osvar
    from engine.evaluation import restores

    chosen = tuple(models_by_stage(model or []).items())
    test = restores.PipelineTest(films, chosen, quality)
    found = Osvar.load(osvar)
    with TemporaryDirectory(prefix="reprise-") as cache, progress_on_terminal("osvar") as context:
        store = ArtifactStore(Path(cache))
        report = restores.evaluate_pipeline(found, test, store, context)
    if json:
        write_json({"report": report, "paper": restores.PAPER, "note": restores.NOTE})
        return
    write_lines(restores.table(report))


@cli.command()
def stems(
    corpus: Annotated[Path, typer.Option(help="Folder of `reprise dataset synthetic`.")],
    films: Annotated[int, typer.Option(min=1, help="How many films.")] = 30,
    model: Annotated[str, typer.Option(help="The network for two musics.")] = "starter-music",
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Measure in which stem speech, effects and both musics of generated films end."""
    from engine.artifacts import ArtifactStore
    from engine.evaluation.stems import StemsTest, score_stems, table

    test = StemsTest(corpus, films, model=model)
    with TemporaryDirectory(prefix="reprise-") as folder, progress_on_terminal("stems") as context:
        rows = score_stems(test, Path(folder), ArtifactStore(Path(folder) / "cache"), context)
    if json:
        write_json({"rows": rows})
        return
    write_lines(table(rows))


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
    corpus: Annotated[
        Path | None,
        typer.Option(help="Folder of `reprise dataset synthetic`: rendered music as well."),
    ] = None,
) -> None:
    """Measure how near the removal of known music comes to what the codec allows."""
    from engine.datasets.corpus import Corpus
    from engine.evaluation.known_bgm import LEVELS_DB, benchmark, rendered_benchmark, table

    rendered = rendered_benchmark(Corpus.load(corpus)) if corpus else ()
    write_lines(table(chain(benchmark(level or LEVELS_DB, seconds), rendered)))


@cli.command()
def identification(
    level: Annotated[
        list[float] | None,
        typer.Option(help="Level of the music over the rest in dB, may be repeated."),
    ] = None,
    tracks: Annotated[
        int, typer.Option(min=0, help="Simulated tracks of 3.5 minutes in the library.")
    ] = 10_000,
) -> None:
    """Measure how often, and how fast, tracks are recognised in a library of thousands."""
    from engine.evaluation.identification import LEVELS_DB, measure, report

    write_lines(report(measure(tracks, level or LEVELS_DB)))


@cli.command()
def lookalikes(
    level: Annotated[
        list[float] | None,
        typer.Option(help="Level of the music over the rest in dB, may be repeated."),
    ] = None,
) -> None:
    """Measure how often a track is named that only shares drums and samples with a film."""
    from engine.evaluation.mistaken import LEVELS_DB, measure, report

    write_lines(report(measure(level or LEVELS_DB)))


def _figure(value: float) -> str:
    """For people; against silence there is no SDR."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.2f}" if isfinite(value) else "undefined: the true sound is silent"


def _read(path: Path) -> Audio:
    with AudioReader(path.absolute()) as reader:
        return Audio(np.concatenate(list(reader.blocks()), axis=1), reader.sample_rate_hz)


def _like(sound: Audio, truth: Audio) -> Audio:
    """The sound at the truth's rate and number of channels."""
    samples = sound.samples
    if sound.channels != truth.channels:
        samples = np.broadcast_to(samples.mean(0), (truth.channels, sound.num_samples))
    at_its_rate = at_rate(samples, sound.sample_rate_hz, truth.sample_rate_hz)
    return Audio(at_its_rate, truth.sample_rate_hz)
