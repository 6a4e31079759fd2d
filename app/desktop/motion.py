"""Whether the system is set to move as little as possible. Waits for answers: use it in a thread.

Qt tells of contrast, not of motion, so each system is asked in its own way.
"""

import ctypes
import subprocess
import sys

_CLIENT_AREA_ANIMATION = 0x1042
_PATIENCE_S = 2.0


def wants_less_motion() -> bool:
    """Ask the system; one that does not say wants nothing special."""
    if sys.platform == "darwin":
        return _mac_says()
    if sys.platform == "win32":
        return _windows_says()
    if sys.platform == "linux":
        return _linux_says()
    return False


def _linux_says() -> bool:
    # Its bus is there nowhere else.
    from app.desktop.bus import BusError, Service, connect

    portal = Service(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        interface="org.freedesktop.portal.Settings",
    )
    try:
        bus = connect("SESSION")
    except BusError:
        return False
    try:
        for space, key, less in (
            ("org.freedesktop.appearance", "reduced-motion", 1),
            ("org.gnome.desktop.interface", "enable-animations", False),
        ):
            try:
                (answer,) = bus.call(portal, "Read", "ss", (space, key))
            except (BusError, ValueError):
                continue
            return _value(answer) == less
        return False
    finally:
        bus.close()


def _value(answer: object) -> object:
    """What is in the boxes that say of which type it is."""
    while isinstance(answer, tuple) and len(answer) == 2:
        answer = answer[1]
    return answer


def _mac_says() -> bool:
    command = ("defaults", "read", "com.apple.universalaccess", "reduceMotion")
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == b"1"


def _windows_says() -> bool:
    # Only Windows has this.
    libraries = getattr(ctypes, "windll", None)
    moves = ctypes.c_int(1)
    if libraries is not None:
        call = libraries.user32.SystemParametersInfoW
        call(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(moves), 0)
    return not moves.value
