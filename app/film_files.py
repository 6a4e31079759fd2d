"""Which videos are meant by the files and folders that a user names."""

import os
from collections.abc import Iterable
from pathlib import Path

from app.project_io import SUFFIX
from engine.errors import InputNotFoundError
from engine.translation import tr
from widgets.file_dialogs import SOUND_SUFFIXES, VIDEO_SUFFIXES

_OWN_RESULTS = (".restored", ".preview")


def named_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Absolute files, each once; in the place of a folder the videos right in it, by name.

    Raises:
        InputNotFoundError: A folder cannot be read, or holds no video.
    """
    files: list[Path] = []
    for path in paths:
        files += _videos_in(path) if path.is_dir() else [path]
    return tuple(dict.fromkeys(file.absolute() for file in files))


def is_project(path: Path) -> bool:
    """Whether a file is called like a project."""
    return path.suffix.lower() == SUFFIX


def is_sound(path: Path) -> bool:
    """Whether a file is called like a sound."""
    return path.suffix.lower() in SOUND_SUFFIXES


def _videos_in(folder: Path) -> list[Path]:
    """What is no video by its name, hidden, or a result of this program is left out."""
    try:
        found = sorted(file for file in folder.iterdir() if _is_video(file))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputNotFoundError(
            tr("cannot read {folder}: {reason}", folder=folder, reason=reason),
            tr("drop its files"),
        ) from error
    if not found:
        raise InputNotFoundError(
            tr("there is no video in {folder}", folder=folder), tr("choose another folder")
        )
    return found


def _is_video(file: Path) -> bool:
    is_result = Path(file.stem).suffix.lower() in _OWN_RESULTS
    is_named_so = file.suffix.lower() in VIDEO_SUFFIXES and not file.name.startswith(".")
    return is_named_so and not is_result and file.is_file()
