"""Questions are answered by keys, and a hasty one loses nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers.questions import answering
from widgets.questions import Recovery, Unfinished, ask_recover, ask_unfinished

Key = Qt.Key


@pytest.mark.parametrize(
    ("keys", "can_save", "answer"),
    [
        ((Key.Key_Return,), False, Unfinished.KEEP),
        ((Key.Key_Escape,), False, Unfinished.KEEP),
        ((Key.Key_Tab, Key.Key_Return), False, Unfinished.DISCARD),
        ((Key.Key_D,), False, Unfinished.DISCARD),
        ((Key.Key_Return,), True, Unfinished.SAVE),
        ((Key.Key_S,), True, Unfinished.SAVE),
        ((Key.Key_D,), True, Unfinished.DISCARD),
        ((Key.Key_Escape,), True, Unfinished.KEEP),
    ],
)
def test_unfinished_work_goes_only_on_purpose(
    themed: QApplication,
    qtbot: QtBot,
    keys: tuple[Qt.Key, ...],
    can_save: bool,
    answer: Unfinished,
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    with answering(*keys) as asked:
        given = ask_unfinished(parent, "A restore is still running.", can_save=can_save)
    assert given is answer
    assert asked == ["A restore is still running."]


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        (Key.Key_Return, Recovery.BRING_BACK),
        (Key.Key_Escape, Recovery.ASK_LATER),
        (Key.Key_L, Recovery.ASK_LATER),
        (Key.Key_E, Recovery.START_EMPTY),
    ],
)
def test_unsaved_work_is_given_up_only_on_purpose(
    themed: QApplication, qtbot: QtBot, key: Qt.Key, answer: Recovery
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    with answering(key) as asked:
        assert ask_recover(parent, "film.mp4", "today") is answer
    assert "film.mp4" in asked[0]
