"""Tells the user something while another window is in front."""

import sys
from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from app.jobs import ThreadPool

_SHOWN_MS = 10_000
_CLOSE_S = 1.0


def send_over_bus(title: str, text: str) -> bool:
    """Have the desktop show a notification; False where it does not. Waits for the answer."""
    if sys.platform != "linux":
        return False
    from app.desktop.bus import BusError, Service, connect

    service = Service("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
    # Only the text may hold marks; the number 0 replaces no older one, -1 leaves the time to them.
    body: tuple[object, ...] = ("Reprise", 0, "", title, escape(text, quote=False), [], {}, -1)
    try:
        bus = connect(service.bus)
    except BusError:
        return False
    try:
        bus.call(service, "Notify", "susssasa{sv}i", body)
    except BusError:
        return False
    finally:
        bus.close()
    return True


class Notifier(QObject):
    """Asks the desktop in a thread; where that shows nothing, a sign in the tray has to do."""

    _refused = Signal(str, str)

    def __init__(self, icon: QIcon, send: Callable[[str, str], bool] = send_over_bus) -> None:
        super().__init__()
        self._icon, self._send = icon, send
        self._tray: QSystemTrayIcon | None = None
        self._pool = ThreadPool(1)
        self._refused.connect(self._show_in_tray)

    def tell(self, title: str, text: str) -> None:
        """Say something; returns at once."""
        self._pool.put(partial(self._ask, title, text))

    def close(self) -> None:
        """Say nothing more."""
        self._pool.close(_CLOSE_S)
        if self._tray is not None:
            self._tray.hide()

    def _ask(self, title: str, text: str) -> None:
        if not self._send(title, text):
            self._refused.emit(title, text)

    def _show_in_tray(self, title: str, text: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._icon, self)
            self._tray.setToolTip("Reprise")
        self._tray.show()
        self._tray.showMessage(title, text, self._icon, _SHOWN_MS)
