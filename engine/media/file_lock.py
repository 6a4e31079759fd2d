"""Locks on files that end with the process that holds them, however it ends."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    # Behind the content of most files: nobody else can read what is locked.
    _LOCKED_BYTE = 1 << 30

    def lock(file: IO[bytes], *, waits: bool = False) -> None:
        """Lock an open file until it is closed.

        Raises:
            OSError: Somebody else holds it, or the file system has no locks.
        """
        position = file.tell()
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK, 1)
        finally:
            file.seek(position)
else:
    import fcntl

    def lock(file: IO[bytes], *, waits: bool = False) -> None:
        """Lock an open file until it is closed.

        Raises:
            OSError: Somebody else holds it, or the file system has no locks.
        """
        fcntl.flock(file, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)


def try_lock(file: IO[bytes]) -> bool:
    """Lock an open file if nobody else holds it and the file system has locks."""
    with suppress(OSError):
        lock(file)
        return True
    return False


def has_owner(path: Path) -> bool:
    """Whether somebody alive holds a file; where nothing can be locked, everything counts as held.

    Raises:
        OSError: It cannot be opened.
    """
    with path.open("r+b") as file:
        return not try_lock(file)
