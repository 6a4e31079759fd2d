"""Which folders of the user's library are searched when none is named; reads no music."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine import remarks
from engine.library.database import Database, has_library, is_there, library_folder


@dataclass(frozen=True, slots=True)
class OwnFolders:
    """The folders that make up the user's library.

    Attributes:
        readable: Those that can be searched.
        missing: Those that are not there.
        locked: Those that are there and may not be read.
    """

    readable: tuple[Path, ...]
    missing: tuple[Path, ...] = ()
    locked: tuple[Path, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Plain sentences for the user: which folders cannot be searched."""
        return (
            *(remarks.FOLDER_MISSING(folder=folder) for folder in self.missing),
            *(remarks.FOLDER_LOCKED(folder=folder) for folder in self.locked),
        )


def own_library() -> OwnFolders:
    """The folders of the user's library; none if there is no library.

    Raises:
        LibraryError: The list of the library cannot be read.
    """
    if not has_library(library_folder()):
        return OwnFolders(())
    with Database(library_folder()) as database:
        return known_folders(database)


def known_folders(database: Database) -> OwnFolders:
    """Sort the folders of a library by whether they can be searched.

    Raises:
        LibraryError: The list of the library cannot be read.
    """
    folders = database.folders()
    there = [folder for folder in folders if is_there(folder)]
    readable = tuple(folder for folder in there if is_readable(folder))
    return OwnFolders(
        readable=readable,
        missing=tuple(folder for folder in folders if folder not in there),
        locked=tuple(folder for folder in there if folder not in readable),
    )


def is_readable(folder: Path) -> bool:
    """Whether a folder is there and may be looked into."""
    try:
        os.scandir(folder).close()
    except OSError:
        return False
    return True
