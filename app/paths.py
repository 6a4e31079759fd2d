"""Where the program keeps its own files, and what it calls its results."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.artifacts import cache_folder
from engine.catalog import data_folder


@dataclass(frozen=True, slots=True)
class Paths:
    """The program's folders and files; none of them need exist yet.

    Attributes:
        settings_file: What the user prefers.
        cache: Artifacts that can be made again.
        engine_log_file: What the engine says.
        window_log_file: What the window says.
        autosave: Copies of unsaved work.
    """

    settings_file: Path
    cache: Path
    engine_log_file: Path
    window_log_file: Path
    autosave: Path


def find_paths() -> Paths:
    """The usual places of the system; REPRISE_CONFIG, _CACHE and _DATA name other folders."""
    chosen = os.environ.get("REPRISE_CONFIG")
    usual = platformdirs.user_config_path("reprise", appauthor=False)
    logs = data_folder() / "log"
    return Paths(
        settings_file=(Path(chosen).absolute() if chosen else usual) / "settings.json",
        cache=cache_folder().absolute(),
        engine_log_file=logs / "engine.log",
        window_log_file=logs / "window.log",
        autosave=data_folder() / "autosave",
    )


_CUTS_EXACTLY = (".mp4", ".mov", ".m4v")


def restored_path(video: Path, folder: Path | None = None) -> Path:
    """`NAME.restored.EXT` in a folder, by default beside the video; absolute."""
    name = f"{video.stem}.restored{video.suffix or '.mkv'}"
    return (folder or video.parent).absolute() / name


def preview_path(video: Path, folder: Path | None = None) -> Path:
    """`NAME.preview.EXT`, of a kind that can begin between two key frames; absolute."""
    suffix = video.suffix if video.suffix.lower() in _CUTS_EXACTLY else ".mp4"
    return (folder or video.parent).absolute() / f"{video.stem}.preview{suffix}"
