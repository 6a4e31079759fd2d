"""Whether a window can be shown at all; Qt itself would end the process without a reason."""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

_OTHERS = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_SOCKETS = Path(os.sep, "tmp", ".X11-unix")


def has_screen() -> bool:
    """Whether there is a screen, or the user has told Qt how to go without one."""
    if sys.platform != "linux" or any(os.environ.get(name) for name in _OTHERS):
        return True
    host, _, number = os.environ.get("DISPLAY", "").partition(":")
    return bool(number) and (bool(host) or _answers(_SOCKETS / f"X{number.partition('.')[0]}"))


def _answers(path: Path) -> bool:
    """Whether an X server listens at a socket, by its file or its abstract name."""
    for address in (str(path), f"\0{path}"):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(address)
            return True
    return False
