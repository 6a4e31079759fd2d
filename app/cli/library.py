"""`reprise library`: folders of music in which added tracks are recognised."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import progress_on_terminal, write_json, write_lines
from app.cli.run import say
from engine.errors import InputNotFoundError
from engine.library.database import (
    Database,
    Entry,
    as_text,
    is_there,
    library_folder,
)
from engine.library.own_folders import is_readable, own_library

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Folders of music in which added tracks are recognised.",
)

_MOST_SAID = 10  # files that are told of one by one

_Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_Folder = Annotated[Path, typer.Argument(help="A folder; the ones in it belong to it.")]
_AnyFolder = Annotated[Path | None, typer.Argument(help="One of the folders; all by default.")]


def own_folders() -> tuple[Path, ...]:
    """The folders of the user's library that can be searched; says which cannot.

    Raises:
        LibraryError: The list of the library cannot be read.
    """
    folders = own_library()
    for folder in folders.missing:
        say(f"note: the library folder {folder} is not there")
    for folder in folders.locked:
        say(f"note: the library folder {folder} may not be read")
    return folders.readable


@cli.command()
def add(
    folders: Annotated[list[Path], typer.Argument(help="Folders.")], json: _Json = False
) -> None:
    """Take folders in, or bring them up to date; files are read and never written to."""
    with Database(library_folder()) as database:
        for folder in folders:
            # However a folder is called, it is taken in once.
            _take_in(folder.resolve(), database, is_refresh=False, json=json)


@cli.command("list")
def list_(folder: _AnyFolder = None, json: _Json = False) -> None:
    """Say which folders make up the library or were searched, or which tracks a folder holds."""
    with Database(library_folder()) as database:
        if folder is None:
            for only_searched in (False, True):
                for known in database.folders(only_searched=only_searched):
                    entries = database.entries(known)
                    _show_folder(known, entries, only_searched=only_searched, json=json)
            if not _all_folders(database):
                say("the library is empty; reprise library add takes folders in")
            return
        entries = database.entries(_known(folder, database))
    for entry in entries:
        _show_track(entry, json=json)


@cli.command()
def remove(folder: _Folder) -> None:
    """Forget a folder; its files stay as they are."""
    from engine.library.shelves import update_shelves

    with Database(library_folder()) as database, progress_on_terminal(folder.name) as context:
        database.remove_folder(_removable(folder, database))
        update_shelves(database, context)
    say(f"forgot {folder.resolve()}; the files are untouched")


@cli.command()
def rebuild(folder: _AnyFolder = None, json: _Json = False) -> None:
    """Read everything again, and forget files that are gone."""
    with Database(library_folder()) as database:
        chosen = _all_folders(database) if folder is None else (_known(folder, database),)
        for each in chosen:
            if not is_readable(each):
                say(f"note: {each} cannot be read; what is known of it is kept")
                continue
            database.forget(database.entries(each))
            _take_in(each, database, is_refresh=True, json=json)


def _all_folders(database: Database) -> tuple[Path, ...]:
    return database.folders() + database.folders(only_searched=True)


def _known(folder: Path, database: Database) -> Path:
    """A folder of the library, or one inside of one."""
    folder = folder.resolve()
    if not any(folder.is_relative_to(known) for known in _all_folders(database)):
        raise InputNotFoundError(f"{folder} is not in the library", "see reprise library list")
    return folder


def _removable(folder: Path, database: Database) -> Path:
    """A folder that does not come back when one around it is brought up to date."""
    folder = _known(folder, database)
    known = _all_folders(database)
    for around in database.folders() if folder in known else known:
        if around in folder.parents:
            raise InputNotFoundError(
                f"{folder} belongs to {around}, which is in the library",
                "remove that one, or move this one out of it",
            )
    return folder


def _take_in(folder: Path, database: Database, *, is_refresh: bool, json: bool) -> None:
    # Slow to import; help and wrong usage need none of it.
    from engine.library.indexing import add_folder, refresh_folder

    with progress_on_terminal(folder.name) as context:
        report = (refresh_folder if is_refresh else add_folder)(folder, database, context)
    if json:
        write_json(report)
        return
    left_out = [f"left out: {problem}" for _, problem in report.unread]
    _say_some(left_out, f": reprise library list {folder}")
    _say_some([f"{path}: {damage}" for path, damage in report.damaged])
    say(
        f"{folder}: {report.tracks} tracks, {report.added} read now"
        f"{_more(report.moved, report.gone)}"
    )


def _say_some(notes: list[str], where_all: str = "") -> None:
    for note in notes[:_MOST_SAID]:
        say(f"note: {note}")
    if len(notes) > _MOST_SAID:
        say(f"note: and {len(notes) - _MOST_SAID} more{where_all}")


def _more(moved: int, gone: int) -> str:
    parts = [f"{moved} found elsewhere"] if moved else []
    if gone:
        parts.append(f"{gone} files gone (reprise library rebuild forgets them)")
    return "".join(f", {part}" for part in parts)


def _show_folder(
    folder: Path, entries: tuple[Entry, ...], *, only_searched: bool, json: bool
) -> None:
    tracks = [entry for entry in entries if not entry.problem]
    hours = sum(entry.duration_s for entry in tracks) / 3600
    if json:
        counts = {"tracks": len(tracks), "hours": hours}
        write_json({"folder": folder, "only_searched": only_searched, **counts})
    else:
        marks = {"only searched": only_searched, "not there": not is_readable(folder)}
        words = ", ".join(mark for mark, is_so in marks.items() if is_so)
        mark = f" ({words})" if words else ""
        write_lines([f"{folder}{mark}: {len(tracks)} tracks, {hours:.1f} h\n"])


def _show_track(entry: Entry, *, json: bool) -> None:
    if json:
        write_json(entry)
        return
    # What is wrong is told of a file with its path; one is enough.
    name = as_text(str(entry.path))
    problem = entry.problem.removeprefix(f"{name} ").replace(f" of {name}", "")
    words = problem or f"{entry.duration_s // 60:.0f}:{entry.duration_s % 60:04.1f}"
    write_lines([f"{entry.path}: {words}{'' if is_there(entry.path) else ' (gone)'}\n"])
