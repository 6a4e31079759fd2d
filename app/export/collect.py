"""All that a project is made of in one folder, to be moved or handed on.

Imports PyAV and libsndfile: load it after the first paint, in a worker.
"""

import shutil
from pathlib import Path

from app.contents import files_of, with_files
from app.export.work import Exported, export_stems
from app.project import Project
from app.project_io import SUFFIX, write_project
from engine.context import Progress, RunContext
from engine.errors import DiskFullError, InputNotFoundError, OutputError
from engine.media.atomic import atomic_output, make_folder
from engine.translation import tr

STAGE = "collect"
_STEMS = "stems"
_BLOCK_BYTES = 1 << 22


def collect(project: Project, folder: Path, cache: Path, context: RunContext) -> Exported:
    """Copy video, tracks and other files, write the stems, and a project that names the copies.

    Args:
        project: With its video open.
        folder: Where to; what is there is not replaced.
        cache: Folder of the artifacts.
        context: Of the job.

    Raises:
        OutputError: Something of that name is there already.
        InputNotFoundError: A file of the project is not there any more.
        DiskFullError: There is not enough space.
    """
    media = project.media
    if media is None:
        raise ValueError("there is nothing to collect")
    target = folder / media.path.stem
    if target.exists():
        raise OutputError(tr("{file} is there already", file=target), tr("choose another folder"))
    copies = _copies(project, target)
    _check_space(list(copies), folder)
    make_folder(target)
    for number, (source, copy) in enumerate(copies.items()):
        context.report(Progress(STAGE, number, len(copies)))
        _copy(source, copy, context)
    collected = with_files(project, copies)
    if project.restore is not None:
        make_folder(target / _STEMS)
        export_stems(project, target / _STEMS, cache, context)
    file = target / f"{media.path.stem}{SUFFIX}"
    write_project(collected, file)
    return Exported(
        project, (file,), notes=(tr("All that it needs is in {folder}.", folder=target),)
    )


def _copies(project: Project, target: Path) -> dict[Path, Path]:
    """The copy of each file; names that come twice get a number."""
    copies: dict[Path, Path] = {}
    for source in dict.fromkeys(files_of(project)):
        number, copy = 2, target / source.name
        while copy in copies.values() or copy.name == _STEMS:
            copy = target / f"{source.stem} {number}{source.suffix}"
            number += 1
        copies.setdefault(source, copy)
    return copies


def _check_space(sources: list[Path], folder: Path) -> None:
    try:
        size = sum(source.stat().st_size for source in sources)
    except OSError as error:
        raise InputNotFoundError(
            tr("{file} is not there any more", file=error.filename),
            tr("put it back where it was, then try again"),
        ) from error
    if size > shutil.disk_usage(folder).free:
        raise DiskFullError(
            tr("the files need {size:.0f} MB, more than is free", size=size / 1e6),
            tr("free some space"),
        )


def _copy(source: Path, copy: Path, context: RunContext) -> None:
    with atomic_output(copy) as part, source.open("rb") as file, part.open("wb") as out:
        while block := file.read(_BLOCK_BYTES):
            context.raise_if_cancelled()
            out.write(block)
