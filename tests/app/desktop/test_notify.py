"""Notifications reach the desktop, else the tray, else nobody, and never hold the window up."""

import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.desktop.notify import Notifier, send_over_bus
from tests.helpers.private_bus import private_bus

SERVICE = "org.freedesktop.Notifications"


def test_the_desktop_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, monkeypatch, SERVICE) as service:
        assert send_over_bus("Restore a & b.mp4", "Failed: <no sound>")
    ((method, body),) = service.asked
    assert method == "Notify"
    assert body[0] == "Reprise"
    assert body[3:5] == ("Restore a & b.mp4", "Failed: &lt;no sound&gt;")
    assert body[-1] == -1


def test_a_desktop_without_notifications_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path, monkeypatch, "org.example.Nobody") as service:
        assert not send_over_bus("Title", "Text")
    assert service.asked == []


def test_without_a_bus_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert not send_over_bus("Title", "Text")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'gone'}")
    assert not send_over_bus("Title", "Text")


def test_the_window_does_not_wait(qapp: QApplication, qtbot: QtBot) -> None:
    may_answer, told = threading.Event(), []

    def slow(title: str, text: str) -> bool:
        may_answer.wait(20)
        told.append((title, text))
        return True

    notifier = Notifier(QIcon(), slow)
    notifier.tell("One", "Done.")
    assert told == []
    may_answer.set()
    qtbot.waitUntil(lambda: told == [("One", "Done.")])
    notifier.close()


@pytest.mark.parametrize("has_tray", [False, True])
def test_the_tray_is_the_last_resort(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, has_tray: bool
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: has_tray)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _: shown.append("icon"))
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _, *words: shown.append(words[0]))
    asked: list[str] = []

    def refuse(title: str, text: str) -> bool:
        asked.append(title)
        return False

    notifier = Notifier(QIcon(), refuse)
    notifier.tell("One", "Done.")
    qtbot.waitUntil(lambda: bool(asked))
    qapp.processEvents()
    qtbot.waitUntil(lambda: shown == (["icon", "One"] if has_tray else []))
    notifier.close()
