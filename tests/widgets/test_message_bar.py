"""Messages are shown, said and dismissed."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click
from widgets import message_bar
from widgets.message_bar import MessageBar, MessageKind
from widgets.status_line import Health, StatusLine
from widgets.theme import DARK


@pytest.fixture
def bar(themed: QApplication, qtbot: QtBot) -> MessageBar:
    bar = MessageBar(DARK)
    qtbot.addWidget(bar)
    return bar


def shown(widget: MessageBar | StatusLine) -> list[str]:
    labels = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return [label.text() for label in labels if label.text()]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (MessageKind.NOTICE, "Notice"),
        (MessageKind.WARNING, "Warning"),
        (MessageKind.ERROR, "Error"),
    ],
)
def test_the_kind_is_a_word_not_only_a_colour(
    bar: MessageBar, kind: MessageKind, word: str
) -> None:
    bar.show_message(kind, "The disk is full", "Delete something.")
    assert shown(bar) == [f"{word}: The disk is full", "Delete something."]
    assert bar.accessibleName() == f"{word}: The disk is full"
    assert bar.property("state") == kind.value


def test_a_message_is_spoken(bar: MessageBar, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[str] = []
    monkeypatch.setattr(message_bar, "announce", lambda _source, text: spoken.append(text))
    bar.show_message(MessageKind.ERROR, "No sound track", "Open another video.")
    bar.show_message(MessageKind.NOTICE, "Exported")
    assert spoken == ["Error: No sound track Open another video.", "Notice: Exported"]


def test_a_newer_message_leaves_nothing_of_the_older(bar: MessageBar) -> None:
    bar.show_message(MessageKind.ERROR, "No sound track", "Open another video.")
    bar.show_message(MessageKind.NOTICE, "Exported")
    assert shown(bar) == ["Notice: Exported"]


def test_what_was_written_can_be_shown(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(MessageKind.NOTICE, "Written", folder=Path("/films"))
    with qtbot.waitSignal(bar.folder_requested) as wish:
        click(child(bar, QPushButton, "Open folder"))
    assert wish.args == [Path("/films")]
    bar.show_message(MessageKind.NOTICE, "Something else")
    assert not child(bar, QPushButton, "Open folder").isVisibleTo(bar)


def test_a_message_can_be_dismissed_once(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(MessageKind.ERROR, "No sound track")
    with qtbot.waitSignal(bar.dismissed):
        click(child(bar, QPushButton, "Dismiss the message"))
    assert not bar.isVisible()
    with qtbot.assertNotEmitted(bar.dismissed):
        bar.dismiss()


def test_the_status_says_every_state_in_words(themed: QApplication, qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    assert shown(line) == []
    line.set_engine(Health.BUSY, "starting")
    line.set_engine(Health.OK, "GPU 0, ready")
    line.set_sound(Health.WARN, "no device")
    line.show_job("1 of 3")
    assert shown(line) == ["Engine: GPU 0, ready", "Sound: no device", "1 of 3"]
    dots = [dot.property("state") for dot in line.findChildren(QLabel) if dot.property("state")]
    assert dots == ["ok", "warn"]
