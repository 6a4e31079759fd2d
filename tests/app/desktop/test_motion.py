"""The desktop says whether it wants less motion; whoever does not say wants nothing special."""

import sys
from pathlib import Path

import pytest

from app.desktop.motion import wants_less_motion
from tests.helpers.private_bus import private_bus


def test_without_a_bus_or_a_portal_nothing_special(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert not wants_less_motion()
    with private_bus(tmp_path, monkeypatch, "org.example.Nobody"):
        assert not wants_less_motion()


def test_both_words_of_a_desktop_count(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, object] = {}

    class Bus:
        def call(self, *ask: object) -> tuple[object, ...]:
            (_, key) = ask[-1] if isinstance(ask[-1], tuple) else ("", "")
            if key not in said:
                raise BusError("no such setting")
            return (said[key],)

        def close(self) -> None:
            said["closed"] = True

    from app.desktop import bus
    from app.desktop.bus import BusError

    monkeypatch.setattr(bus, "connect", lambda _: Bus())
    assert not wants_less_motion()
    said["enable-animations"] = ("v", ("b", False))
    assert wants_less_motion()
    said["enable-animations"] = ("v", ("b", True))
    assert not wants_less_motion()
    said["reduced-motion"] = ("v", ("u", 1))
    assert wants_less_motion()
    assert said["closed"]


@pytest.mark.parametrize(("answer", "less"), [("1", True), ("0", False), ("", False)])
def test_a_mac_is_asked_by_its_own_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, less: bool
) -> None:
    program = tmp_path / "defaults"
    program.write_text(f'#!/bin/sh\n[ "$3" = reduceMotion ] && echo {answer}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert wants_less_motion() is less
