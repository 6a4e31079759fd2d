"""A window is only begun where one can be shown."""

import socket
import sys
from pathlib import Path

import pytest

from app import screen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks for an X server")


@pytest.fixture(autouse=True)
def nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(screen, "_SOCKETS", tmp_path)


def test_without_a_word_there_is_none() -> None:
    assert not screen.has_screen()


@pytest.mark.parametrize("name", ["WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_who_tells_qt_otherwise_is_believed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "something")
    assert screen.has_screen()


def test_a_display_must_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":7.0")
    assert not screen.has_screen()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "X7"))
        server.listen()
        assert screen.has_screen()


def test_a_display_elsewhere_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "host:0")
    assert screen.has_screen()
