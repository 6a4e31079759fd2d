"""Questions are answered by keys, and a hasty one loses nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.helpers.questions import answering
from widgets.questions import ask_discard

Key = Qt.Key


@pytest.mark.parametrize(
    ("keys", "may_go"),
    [
        ((Key.Key_Return,), False),
        ((Key.Key_Escape,), False),
        ((Key.Key_Tab, Key.Key_Return), True),
        ((Key.Key_D,), True),
    ],
)
def test_unfinished_work_goes_only_on_purpose(
    themed: QApplication, qtbot: QtBot, keys: tuple[Qt.Key, ...], may_go: bool
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    with answering(*keys) as asked:
        assert ask_discard(parent, "A restore is still running.") is may_go
    assert asked == ["A restore is still running."]
