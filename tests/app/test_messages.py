"""Whatever happens is said once, in the right words, by whoever listens."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.crash import CrashReporter
from app.messages import Message, Messages
from app.paths import find_paths
from engine.errors import CancelledError, NoAudioError
from widgets.message_bar import MessageKind


def test_messages_wait_for_the_first_listener() -> None:
    messages = Messages()
    messages.warn("early", "hint")
    first: list[Message] = []
    second: list[Message] = []
    messages.listen(first.append)
    messages.listen(second.append)
    messages.notice("late")
    assert [message.text for message in first] == ["early", "late"]
    assert [message.text for message in second] == ["late"]


def test_known_errors_speak_for_themselves_and_bugs_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    messages, heard = Messages(), list[Message]()
    messages.listen(heard.append)
    messages.error(NoAudioError("no sound", "choose another"))
    messages.error(CancelledError())
    assert heard == [Message(MessageKind.ERROR, "no sound", "choose another")]
    assert caplog.text == ""
    messages.error(ZeroDivisionError("oops"))
    assert "ZeroDivisionError: oops" in heard[-1].text
    assert "ZeroDivisionError" in caplog.text


def _raise() -> None:
    raise ZeroDivisionError("oops")


def _hook() -> None:
    try:
        _raise()
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def _thread() -> None:
    thread = threading.Thread(target=_raise)
    thread.start()
    thread.join()


@pytest.mark.parametrize("happen", [_hook, _thread])
def test_bugs_reach_the_window_s_thread(
    qapp: object, qtbot: QtBot, happen: Callable[[], None]
) -> None:
    heard: list[threading.Thread] = []
    messages = Messages()
    messages.listen(lambda _: heard.append(threading.current_thread()))
    before = sys.excepthook, threading.excepthook
    with CrashReporter(messages):
        happen()
        qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard == [threading.main_thread()]
    assert (sys.excepthook, threading.excepthook) == before


def test_the_environment_names_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"REPRISE_{name}", str(tmp_path / name))
    paths = find_paths()
    assert paths.settings_file == tmp_path / "CONFIG" / "settings.json"
    assert paths.cache == tmp_path / "CACHE"
    assert paths.engine_log_file.is_relative_to(tmp_path / "DATA")
    monkeypatch.delenv("REPRISE_CONFIG")
    assert "reprise" in str(find_paths().settings_file)
