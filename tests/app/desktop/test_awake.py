"""Whoever may put the computer to sleep is asked not to, until the work is over."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.desktop.awake import MacWakefulness, NoWakefulness, WindowsWakefulness, find_wakefulness
from app.desktop.inhibit import LinuxWakefulness
from tests.helpers.private_bus import StubService, private_bus

NAMES = ("org.freedesktop.ScreenSaver", "org.freedesktop.PowerManagement", "org.freedesktop.login1")
PATIENCE_S = 10.0


def wait_until_all_left(service: StubService) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not set(service.askers) <= service.left:
        assert time.monotonic() < end_s, "somebody still holds the computer awake"
        time.sleep(0.01)


def test_everybody_is_asked_and_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch, *NAMES) as service:
        way = LinuxWakefulness()
        way.hold()
        assert [method for method, _ in service.asked] == ["Inhibit"] * 3
        assert service.asked[0][1] == ("Reprise", "Videos are being restored")
        assert service.asked[2][1][0] == "idle"
        assert not set(service.askers) & service.left
        way.release()
        wait_until_all_left(service)


def test_a_crash_releases_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import os, app.desktop.inhibit as inhibit\n"
        "inhibit.LinuxWakefulness().hold()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with private_bus(tmp_path, monkeypatch, *NAMES) as service:
        subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ))
        assert len(service.asked) == 3
        wait_until_all_left(service)


def test_who_is_not_there_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch, NAMES[0]) as service:
        way = LinuxWakefulness()
        way.hold()
        assert len(service.asked) == 1
        way.release()
    way.hold()
    way.release()


def test_a_mac_runs_its_own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub, note = tmp_path / "caffeinate", tmp_path / "note"
    stub.write_text(f'#!/bin/sh\necho "$@" > {note}.part && mv {note}.part {note}\nexec sleep 60\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    way = MacWakefulness()
    way.hold()
    end_s = time.monotonic() + PATIENCE_S
    while not note.exists():
        assert time.monotonic() < end_s
        time.sleep(0.01)
    assert note.read_text().split() == ["-i", "-w", str(os.getpid())]
    way.release()
    way.release()


def test_without_a_way_nothing_happens() -> None:
    for way in (NoWakefulness(), WindowsWakefulness()):
        way.hold()
        way.release()


def test_this_system_has_its_way() -> None:
    assert isinstance(find_wakefulness(), LinuxWakefulness) == (sys.platform == "linux")
