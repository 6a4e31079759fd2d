"""`reprise identify`: which tracks of a library sound in a video."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.library import own_folders
from app.cli.output import (
    progress_on_terminal,
    speed_change,
    write_json,
    write_json_error,
    write_lines,
)
from app.cli.run import DONE, FAILED, cache_errors, memory_errors, say, say_error
from app.paths import find_paths
from app.settings import SettingsStore
from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import EngineError, InputNotFoundError
from engine.remarks import in_words
from engine.stages.decode import decode
from engine.stages.library import Stretched
from engine.types import BgmMatch

cli = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class IdentifyReport:
    """The JSON object of one input."""

    input: str
    matches: tuple[BgmMatch, ...]
    stretched: tuple[Stretched, ...]
    warnings: tuple[str, ...]


@cli.command()
def identify(
    videos: Annotated[list[Path], typer.Argument(readable=False, help="Videos, or sound files.")],
    library: Annotated[
        list[Path] | None,
        typer.Option(help="Folder to look in; by default those of reprise library."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per input, one per line.")
    ] = False,
) -> int:
    """Say which tracks of a library sound in videos, where, and from where in the track."""
    folders = tuple(folder.resolve() for folder in library or ()) or own_folders()
    if not folders:
        raise InputNotFoundError(
            "there is no library to look in",
            "name a folder by --library, or use reprise library add",
        )
    paths = find_paths()
    quota_bytes = SettingsStore(paths.settings_file).current.cache_quota_bytes
    store = ArtifactStore(paths.cache, quota_bytes)
    codes = []
    for video in videos:
        # Of one input alone every line is about that.
        title = f"{video}: " if len(videos) > 1 else ""
        codes.append(_identify_one(video, title, folders, store, json=json))
        store.trim()
    return max(codes)


def _identify_one(
    video: Path, title: str, folders: tuple[Path, ...], store: ArtifactStore, *, json: bool
) -> int:
    try:
        with memory_errors(), progress_on_terminal(video.name) as context, cache_errors():
            report = _identified(video.absolute(), folders, store, context)
    except EngineError as error:
        write_json_error(video, error) if json else say_error(video, error)
        return FAILED
    if json:
        write_json(report)
    else:
        _show(report, title)
    return DONE


def _identified(
    video: Path, folders: tuple[Path, ...], store: ArtifactStore, context: RunContext
) -> IdentifyReport:
    # Slow to import; help and wrong usage need none of it.
    from engine.identify import identify

    decoded = decode(video, store, context)
    found = identify(folders, decoded.mix, store, context)
    warnings = (*decoded.warnings, *found.warnings)
    if found.own_sound is not None:
        warnings += (f"{found.own_sound.name} is the sound of the video itself",)
    return IdentifyReport(str(video), found.matches, found.stretched, warnings)


def _show(report: IdentifyReport, title: str) -> None:
    """Print a report, each line after a title."""
    for match in report.matches:
        line = (
            f"{title}{match.video_start_s:.1f} - {match.video_end_s:.1f} s: "
            f"{match.track.name} from {match.track_start_s:z.1f} s, "
            f"{match.gain_db:+z.1f} dB{speed_change(match)} (confidence {match.confidence:.2f})\n"
        )
        write_lines([line])
    for warning in report.warnings:
        say(f"{title}note: {in_words(warning)}")
    if not report.matches and not report.stretched:
        say(f"no track of the library was found in {Path(report.input).name}")
