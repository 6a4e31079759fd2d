"""Files that appear whole or not at all."""

import errno
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import DiskFullError, OutputError
from engine.translation import tr

PART = ".part"
"""Among the suffixes of every file that is still being written."""

ABANDONED_S = 86_400.0
"""An unfinished file that nobody has written to for so long has lost its writer."""

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def atomic_output(path: Path) -> Iterator[Path]:
    """Lend a temporary name beside `path`, with its extension; leaving normally renames it.

    If anything is raised, the temporary file is removed and `path` stays as it was.

    Raises:
        OutputError: For any operating system error inside the block.
        DiskFullError: If that error was a lack of space.
    """
    # Short whatever the length of the name, or a name that just fits could not be written.
    part = path.with_name(f".{secrets.token_hex(6)}{PART}{path.suffix[:16]}")
    try:
        with disk_errors(path):
            _check_folder(path)
            yield part
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


def is_unfinished(path: Path) -> bool:
    """Whether a file is being written, or was when its writer was killed."""
    return PART in path.suffixes


def is_abandoned(status: os.stat_result, after_s: float = ABANDONED_S) -> bool:
    """Whether an unfinished file has been left alone long enough to be taken away."""
    return time.time() - status.st_mtime > after_s


def make_folder(folder: Path) -> None:
    """Make a folder for results, with those above it.

    Raises:
        OutputError: It cannot be made.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def check_writable(path: Path) -> None:
    """Find out before the work whether a file could be written there.

    Raises:
        OutputError: It could not.
    """
    with disk_errors(path):
        _check_folder(path)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Word what the operating system says inside the block.

    Raises:
        OutputError: For any operating system error.
        DiskFullError: If that error was a lack of space.
    """
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from error


def is_full(error: OSError) -> bool:
    """Whether it tells of a lack of space."""
    return error.errno in _NO_SPACE


def output_error(path: Path, error: OSError) -> OutputError:
    """Word an operating system error for the user."""
    if is_full(error):
        return DiskFullError(
            tr("no space left while writing {path}", path=path), tr("free some space and try again")
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return OutputError(
        tr("cannot write {path}: {reason}", path=path, reason=reason),
        tr("choose another folder or name"),
    )


def _check_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    # The final name must be possible, too: found out now, not after an hour of work.
    path.exists()
