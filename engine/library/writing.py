"""What cannot be written where the library lies, in plain words: neither a result nor the cache."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import LibraryError
from engine.media.atomic import is_full

MORE_ROOM = "free some space, or set REPRISE_DATA to another folder"
ANOTHER_PLACE = "make the folder writable, or set REPRISE_DATA to another one"


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
            raise LibraryError(f"no space left while writing {path}", MORE_ROOM) from error
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise LibraryError(f"cannot write {path}: {reason}", ANOTHER_PLACE) from error
