"""A D-Bus of its own for tests, with services on it that grant whatever they are asked."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jeepney import HeaderFields, Message, MessageType, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_LOOK_S = 0.02


@dataclass
class StubService:
    """Somebody on the bus who writes down what was asked.

    Attributes:
        asked: Method and arguments, in order.
        names: Its names on the bus.
        left: Those who asked and have left the bus since.
    """

    names: tuple[str, ...]
    asked: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    askers: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def serve(self, connection: DBusConnection) -> None:
        """Answer until the end."""
        while not self._is_over.is_set():
            try:
                message = connection.receive(timeout=_LOOK_S)
            except TimeoutError:
                continue
            self._hear(message, connection)

    def stop(self) -> None:
        """Answer no more."""
        self._is_over.set()

    def _hear(self, message: Message, connection: DBusConnection) -> None:
        header = message.header
        member = header.fields.get(HeaderFields.member)
        if header.message_type is MessageType.signal and member == "NameOwnerChanged":
            name, _, new_owner = message.body
            if not new_owner:
                self.left.add(str(name))
        if header.message_type is MessageType.method_call:
            self.asked.append((str(member), message.body))
            self.askers.append(header.fields[HeaderFields.sender])
            connection.send(new_method_return(message, "u", (len(self.asked),)))


@contextmanager
def private_bus(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str
) -> Iterator[StubService]:
    """Run a bus with services; both buses of this process are that one."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("there is no dbus-daemon")
    address = f"unix:path={folder / 'bus'}"
    command = [program, "--session", "--nofork", "--print-address", f"--address={address}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as daemon:
        assert daemon.stdout is not None
        daemon.stdout.readline()
        for bus in ("SESSION", "SYSTEM"):
            monkeypatch.setenv(f"DBUS_{bus}_BUS_ADDRESS", address)
        service = StubService(names)
        connection = _joined(service)
        thread = threading.Thread(target=service.serve, args=(connection,))
        thread.start()
        try:
            yield service
        finally:
            service.stop()
            thread.join()
            connection.close()
            daemon.terminate()


def _joined(service: StubService) -> DBusConnection:
    connection = open_dbus_connection("SESSION")
    for name in service.names:
        connection.send_and_get_reply(message_bus.RequestName(name))
    connection.send_and_get_reply(message_bus.AddMatch("type='signal',member='NameOwnerChanged'"))
    return connection
