"""`reprise match`: which of two sound files belongs to a picture."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal, write_json, write_json_error, write_lines
from app.cli.run import cache_errors, memory_errors
from app.paths import find_paths
from app.settings import SettingsStore
from engine.artifacts import ArtifactStore
from engine.errors import EngineError
from engine.stages.decode import decode
from engine.stages.matcher import Matcher, MatchRequest, baseline_params
from engine.types import MatchResult, Verdict

cli = typer.Typer(add_completion=False)


@cli.command()
def match(
    video: Annotated[Path, typer.Argument(help="The picture; its own sound is not used.")],
    first: Annotated[Path, typer.Argument(help="One sound, in the time of the picture.")],
    second: Annotated[Path, typer.Argument(help="The other sound.")],
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Say which of two sound files belongs to the picture."""
    try:
        with memory_errors():
            result = run_match(video, first, second)
    except EngineError as error:
        if not json:
            raise
        write_json_error(video, error)
        raise typer.Exit(1) from error
    if json:
        write_json(result)
    else:
        write_lines([f"{describe(result, first.name, second.name)}\n"])


def run_match(video: Path, first: Path, second: Path) -> MatchResult:
    """Decode both sounds into the cache and ask the matcher."""
    paths = find_paths()
    quota_bytes = SettingsStore(paths.settings_file).current.cache_quota_bytes
    store = ArtifactStore(paths.cache, quota_bytes)
    try:
        with progress_on_terminal(video.name) as context, cache_errors():
            sounds = [decode(path.absolute(), store, context).mix for path in (first, second)]
            request = MatchRequest(video.absolute(), sounds[0], sounds[1])
            return Matcher(baseline_params(), store)(request, context)
    finally:
        store.trim()


def describe(result: MatchResult, first: str, second: str) -> str:
    """One sentence that says which sound belongs and why."""
    sure = f"({result.confidence:.0%} sure)"
    names = (first, second)
    if result.choice in (Verdict.FIRST, Verdict.SECOND):
        chosen, other = names if result.choice is Verdict.FIRST else names[::-1]
        return (
            f"{chosen} belongs to the picture {sure}: "
            f"cuts, movement and light go with it better than with {other}"
        )
    if result.choice is Verdict.BOTH:
        return f"both belong to the picture {sure}: cuts, movement or light go with either"
    if result.choice is Verdict.NONE:
        return f"neither belongs to the picture {sure}: cuts and movement go with neither"
    return f"cannot say: {_doubt(result.scores, names)}"


def _doubt(scores: tuple[float, float], names: tuple[str, str]) -> str:
    if scores[0] == scores[1] == 0:
        return "the picture or the sound gives nothing to go by"
    if scores[0] == scores[1]:
        return "both go equally well with the picture"
    better = names[0] if scores[0] > scores[1] else names[1]
    return f"{better} goes a little better with the picture, but not clearly so"
