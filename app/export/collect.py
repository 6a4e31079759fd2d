"""All that a project is made of in one folder, to be moved or handed on.

Imports PyAV and libsndfile: load it after the first paint, in a worker.
"""

import shutil
from contextlib import ExitStack
from pathlib import Path

from app.contents import files_of, with_files
from app.export.work import Exported, export_stems
from app.project import Project
from app.project_io import SUFFIX, write_project
from app.review.listeners import read_listeners
from engine.context import Progress, RunContext
from engine.errors import DiskFullError, InputNotFoundError, NoAudioError, OutputError
from engine.media.atomic import atomic_output, make_folder
from engine.media.probe import probe
from engine.translation import tr

STAGE = "collect"
_STEMS = "stems"
_BLOCK_BYTES = 1 << 22


def collect(
    project: Project, folder: Path, cache: Path, context: RunContext, name: str = ""
) -> Exported:
    """Copy video, tracks and other files, write the stems, and a project that names the copies.

    Args:
        project: With its video open.
        folder: Where to; what is there is not replaced.
        cache: Folder of the artifacts.
        context: Of the job.
        name: Of the project and its folder; by default that of the video.

    Raises:
        OutputError: Something of that name is there already.
        InputNotFoundError: A file of the project is not there any more, or is no file.
        NoAudioError: One of them has no sound.
        ReportError, ProjectError: One of other listeners is not as it was signed, or is none.
        DiskFullError: There is not enough space.
    """
    media = project.media
    if media is None:
        raise ValueError("there is nothing to collect")
    name = name or media.path.stem
    target = folder / name
    if target.exists():
        raise OutputError(tr("{file} is there already", file=target), tr("choose another folder"))
    file = target / f"{name}{SUFFIX}"
    copies = _copies(project, target, {_STEMS, file.name})
    _check_sources(project, list(copies), folder)
    with ExitStack() as undo:
        make_folder(target)
        undo.callback(shutil.rmtree, target, ignore_errors=True)
        for number, (source, copy) in enumerate(copies.items()):
            context.report(Progress(STAGE, number, len(copies)))
            _copy(source, copy, context)
        if project.restore is not None:
            make_folder(target / _STEMS)
            export_stems(project, target / _STEMS, cache, context)
        write_project(with_files(project, copies), file)
        undo.pop_all()
    return Exported(
        project, (file,), notes=(tr("All that it needs is in {folder}.", folder=target),)
    )


def _copies(project: Project, target: Path, taken: set[str]) -> dict[Path, Path]:
    """The copy of each file; names that come twice, or are taken, get a number."""
    copies: dict[Path, Path] = {}
    # On some systems a name is another one only if it is otherwise spelt.
    used = {name.casefold() for name in taken}
    for source in dict.fromkeys(files_of(project)):
        number, name = 2, source.name
        while name.casefold() in used:
            name, number = f"{source.stem} {number}{source.suffix}", number + 1
        used.add(name.casefold())
        copies[source] = target / name
    return copies


def _check_sources(project: Project, sources: list[Path], folder: Path) -> None:
    """Refuse what is not what a project calls it, and what there is no space for."""
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
    for path in project.listener_files:
        read_listeners(path)
    for source in set(sources) - set(project.listener_files):
        held = probe(source)
        if not held.audio and held.video is None:
            raise NoAudioError(
                tr("{file} has no sound track", file=source.name), tr("take it out of the project")
            )


def _copy(source: Path, copy: Path, context: RunContext) -> None:
    with atomic_output(copy) as part, source.open("rb") as file, part.open("wb") as out:
        while block := file.read(_BLOCK_BYTES):
            context.raise_if_cancelled()
            out.write(block)
