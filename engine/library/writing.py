"""What cannot be written where the library lies, in plain words: neither a result nor the cache."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import LibraryError
from engine.media.atomic import is_full
from engine.translation import tr


@contextmanager
def library_errors(path: Path) -> Iterator[None]:
    """Word what the operating system says inside the block.

    Raises:
        LibraryError: For any operating system error.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise LibraryError(
                tr("no space left while writing {path}", path=path), more_room()
            ) from error
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise LibraryError(
            tr("cannot write {path}: {reason}", path=path, reason=reason), another_place()
        ) from error


def more_room() -> str:
    """What to do about a full disk."""
    return tr("free some space, or set REPRISE_DATA to another folder")


def another_place() -> str:
    """What to do about a folder that cannot be written."""
    return tr("make the folder writable, or set REPRISE_DATA to another one")
