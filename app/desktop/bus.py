"""A call to another program of the desktop, over D-Bus. Waits for the answer: use it in a thread.

Qt's own module cannot be used from Python: it sends every number as a signed one, and notifications
want an unsigned one. Imports jeepney, which is there on Linux only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg

TIMEOUT_S = 2.0


class BusError(Exception):
    """There is no bus, nobody answers on it, or the answer is no."""


@dataclass(frozen=True, slots=True)
class Service:
    """Somebody on the bus.

    Attributes:
        name: As which it is known; also its interface.
        path: Its object.
        bus: SESSION or SYSTEM.
        interface: If it is called otherwise than the service.
    """

    name: str
    path: str
    bus: str = "SESSION"
    interface: str = ""


class Bus:
    """A connection that lasts until it is closed; what was asked for over it ends with it."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection

    def call(
        self, service: Service, method: str, signature: str, body: tuple[object, ...]
    ) -> tuple[object, ...]:
        """Ask a service for something.

        Raises:
            BusError: It is not there, or does not want to.
        """
        interface = service.interface or service.name
        address = DBusAddress(service.path, service.name, interface)
        message = new_method_call(address, method, signature, body)
        with _bus_errors():
            reply = self._connection.send_and_get_reply(message, timeout=TIMEOUT_S)
            return unwrap_msg(reply)

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()


def connect(bus: str) -> Bus:
    """Join a bus.

    Raises:
        BusError: There is none.
    """
    with _bus_errors():
        # Only the login manager answers with an open file.
        has_files = bus == "SYSTEM"
        return Bus(open_dbus_connection(bus, enable_fds=has_files, auth_timeout=TIMEOUT_S))


@contextmanager
def _bus_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, KeyError, ValueError, RuntimeError, DBusErrorResponse) as error:
        raise BusError(str(error)) from error
