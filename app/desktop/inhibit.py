"""Keeps a Linux desktop awake, by asking everybody who may put it to sleep."""

from contextlib import suppress

from jeepney.fds import FileDescriptor

from app.desktop.bus import Bus, BusError, Service, connect
from engine.translation import tr

_WHO, _WHY = "Reprise", tr("Videos are being restored")
_SCREEN = Service("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver")
_POWER = Service(
    "org.freedesktop.PowerManagement",
    "/org/freedesktop/PowerManagement/Inhibit",
    interface="org.freedesktop.PowerManagement.Inhibit",
)
_LOGIN = Service(
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    bus="SYSTEM",
    interface="org.freedesktop.login1.Manager",
)
_WAYS = (
    (_SCREEN, "ss", (_WHO, _WHY)),
    (_POWER, "ss", (_WHO, _WHY)),
    (_LOGIN, "ssss", ("idle", _WHO, _WHY, "block")),
)


class LinuxWakefulness:
    """See `app.desktop.awake`. What is granted lasts as long as a connection, or an open file."""

    def __init__(self) -> None:
        self._held: list[Bus] = []
        self._files: list[FileDescriptor] = []

    def hold(self) -> None:
        """Stay awake from now on."""
        self.release()
        for service, signature, body in _WAYS:
            with suppress(BusError):
                bus = connect(service.bus)
                self._held.append(bus)
                granted = bus.call(service, "Inhibit", signature, body)
                self._files += [part for part in granted if isinstance(part, FileDescriptor)]

    def release(self) -> None:
        """The computer may sleep again."""
        while self._files:
            self._files.pop().close()
        while self._held:
            self._held.pop().close()
