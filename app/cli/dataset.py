"""`reprise dataset`: makes what the networks are trained and tested on."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal
from app.cli.run import say

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

    with progress_on_terminal("corpus") as context:
        corpus = make_corpus(CorpusRequest(folder, hours, seed, workers), context)
    say(f"{len(corpus.items)} items in {folder}")


@cli.command()
def oasd(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the data set goes.")],
    ost: Annotated[
        Path | None, typer.Option(help="Folder of soundtracks; without it some are rendered.")
    ] = None,
    bgm: Annotated[
        Path | None, typer.Option(help="Folder of songs; without it some are rendered.")
    ] = None,
    tracks: Annotated[int, typer.Option(min=4, help="Tracks a side; of a folder, at most.")] = 50,
    clips: Annotated[int, typer.Option(min=1, help="Clips a track.")] = 10,
    clip_s: Annotated[
        float, typer.Option("--clip-seconds", min=0.5, help="Length of a clip.")
    ] = 4.0,
    mixes: Annotated[int, typer.Option(min=10, help="Mixes, 8:1:1 for the splits.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds make equal sets.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that work at the same time.")] = 2,
    export: Annotated[
        Path | None, typer.Option(help="Write clips and mixes as WAV files there as well.")
    ] = None,
) -> None:
    """Make the set of the paper: pairs of clips at -23 LUFS, split by track. May be run again."""
    from engine.datasets.oasd_export import export_oasd
    from engine.datasets.oasd_making import OasdRequest, make_oasd

    request = OasdRequest(folder, ost, bgm, tracks, clips, clip_s, mixes, seed, workers)
    with progress_on_terminal("oasd") as context:
        made = make_oasd(request, context)
        if export is not None:
            export_oasd(made, export, context)
    for left_out in made.manifest.left_out:
        say(f"left out: {left_out.name}: {left_out.reason}")
    tracks_made, mixes_made = len(made.manifest.tracks), len(made.manifest.mixes)
    say(f"{tracks_made} tracks, {len(made.track_of)} clips, {mixes_made} mixes in {folder}")


@cli.command()
def osvar(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the films go.")],
    videos: Annotated[
        Path | None, typer.Option(help="Folder of films; without it some are drawn.")
    ] = None,
    bgm: Annotated[
        Path | None, typer.Option(help="Folder of songs; without it some are rendered.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Films; of a folder, at most.")] = 160,
    seconds: Annotated[float, typer.Option(min=8, help="Length of each film, at most.")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds make equal sets.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that work at the same time.")] = 2,
) -> None:
    """Make films of a minute with music laid over their sound, and the truth beside them."""
    from engine.datasets.osvar import OsvarRequest, make_osvar

    request = OsvarRequest(folder, videos, bgm, count, seconds, seed, workers)
    with progress_on_terminal("osvar") as context:
        made = make_osvar(request, context)
    for left_out in made.left_out:
        say(f"left out: {left_out.name}: {left_out.reason}")
    say(f"{len(made.films)} films in {folder}")


@cli.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the clip goes.")],
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds make equal clips.")] = 20,
) -> None:
    """Make the sample clip: a film with covered sound, its original sound, the covering track."""
    from engine.datasets.sample import make_sample

    make_sample(folder, seed)
