"""Whether a window can be shown at all; Qt itself would end the process without a reason."""

import os
import sys

_SIGNS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def has_screen() -> bool:
    """Whether there is a screen, or the user has told Qt how to go without one."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _SIGNS)
