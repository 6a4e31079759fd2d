"""`reprise library`: folders of music in which added tracks are recognised."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal, write_json, write_lines
from app.cli.run import say
from engine.errors import InputNotFoundError
from engine.library.database import Database, Entry, has_library, library_folder

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Folders of music in which added tracks are recognised.",
)

_Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_Folder = Annotated[Path, typer.Argument(help="A folder; the ones in it belong to it.")]
_AnyFolder = Annotated[Path | None, typer.Argument(help="One of the folders; all by default.")]


def own_folders() -> tuple[Path, ...]:
    """The folders of the user's library that are there; says which are not."""
    if not has_library(library_folder()):
        return ()
    with Database(library_folder()) as database:
        folders = database.folders()
    for folder in folders:
        if not folder.is_dir():
            say(f"note: the library folder {folder} is not there")
    return tuple(folder for folder in folders if folder.is_dir())


@cli.command()
def add(
    folders: Annotated[list[Path], typer.Argument(help="Folders.")], json: _Json = False
) -> None:
    """Take folders in, or bring them up to date; files are read and never written to."""
    with Database(library_folder()) as database:
        for folder in folders:
            # However a folder is called, it is taken in once.
            _take_in(folder.resolve(), database, json=json)


@cli.command("list")
def list_(folder: _AnyFolder = None, json: _Json = False) -> None:
    """Say which folders make up the library, or which tracks a folder holds."""
    with Database(library_folder()) as database:
        if folder is None:
            for known in database.folders():
                _show_folder(known, database.entries(known), json=json)
            return
        entries = database.entries(_known(folder, database))
    for entry in entries:
        _show_track(entry, json=json)


@cli.command()
def remove(folder: _Folder) -> None:
    """Forget a folder; its files stay as they are."""
    from engine.library.shelves import update_shelves

    with Database(library_folder()) as database:
        database.remove_folder(_known(folder, database))
        update_shelves(database)
    say(f"forgot {folder.resolve()}; the files are untouched")


@cli.command()
def rebuild(folder: _AnyFolder = None, json: _Json = False) -> None:
    """Read everything again, and forget files that are gone."""
    with Database(library_folder()) as database:
        chosen = database.folders() if folder is None else (_known(folder, database),)
        for each in chosen:
            if not each.is_dir():
                say(f"note: {each} is not there; what is known of it is kept")
                continue
            database.forget(database.entries(each))
            _take_in(each, database, json=json)


def _known(folder: Path, database: Database) -> Path:
    """A folder of the library, or one inside of one."""
    folder = folder.resolve()
    if not any(folder.is_relative_to(known) for known in database.folders()):
        raise InputNotFoundError(f"{folder} is not in the library", "see reprise library list")
    return folder


def _take_in(folder: Path, database: Database, *, json: bool) -> None:
    # Slow to import; help and wrong usage need none of it.
    from engine.library.indexing import add_folder

    with progress_on_terminal(folder.name) as context:
        report = add_folder(folder, database, context)
    if json:
        write_json(report)
        return
    for _, problem in report.unread:
        say(f"note: left out: {problem}")
    say(
        f"{folder}: {report.tracks} tracks, {report.added} read now"
        f"{_more(report.moved, report.gone)}"
    )


def _more(moved: int, gone: int) -> str:
    parts = [f"{moved} found elsewhere"] if moved else []
    if gone:
        parts.append(f"{gone} files gone (reprise library rebuild forgets them)")
    return "".join(f", {part}" for part in parts)


def _show_folder(folder: Path, entries: tuple[Entry, ...], *, json: bool) -> None:
    tracks = [entry for entry in entries if not entry.problem]
    hours = sum(entry.duration_s for entry in tracks) / 3600
    if json:
        write_json({"folder": folder, "tracks": len(tracks), "hours": hours})
    else:
        there = "" if folder.is_dir() else " (not there)"
        write_lines([f"{folder}{there}: {len(tracks)} tracks, {hours:.1f} h\n"])


def _show_track(entry: Entry, *, json: bool) -> None:
    if json:
        write_json(entry)
        return
    words = entry.problem or f"{entry.duration_s // 60:.0f}:{entry.duration_s % 60:04.1f}"
    write_lines([f"{entry.path}: {words}{'' if entry.path.exists() else ' (gone)'}\n"])
