"""Whether a file can be read at all, before anybody looks into it. Needs no PyAV."""

import os
from pathlib import Path

from engine.errors import InputNotFoundError, NotMediaError
from engine.translation import tr


def check_readable(path: Path) -> None:
    """Refuse what is no file with something in it that may be read.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: It is empty.
    """
    try:
        if path.is_fifo() or path.is_char_device() or path.is_socket():
            raise InputNotFoundError(tr("{path} is not a file", path=path), tr("choose a file"))
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except FileNotFoundError as error:
        raise InputNotFoundError(
            tr("{path} does not exist", path=path), tr("check the name")
        ) from error
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise InputNotFoundError(
            tr("{path} cannot be read: {reason}", path=path, reason=reason), tr("choose a file")
        ) from error
    if is_empty:
        raise NotMediaError(tr("{path} is empty", path=path), tr("choose another file"))
