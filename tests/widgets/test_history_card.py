"""A restore that was tried is chosen, read about, and brought back."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.history_card import HistoryCard
from widgets.queue_view import QueueRow, RowKind
from widgets.theme import DARK

ROWS = (
    QueueRow(5, "14:03 · without song.mp3", RowKind.DONE, "song.mp3 has been taken out."),
    QueueRow(4, "13:59 · blind, standard", RowKind.WAITING, "Nothing was taken out."),
)


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> HistoryCard:
    card = HistoryCard(DARK)
    qtbot.addWidget(card)
    card.resize(360, 200)
    card.show_rows(ROWS)
    return card


def test_what_is_heard_needs_not_be_brought_back(card: HistoryCard, qtbot: QtBot) -> None:
    back = child(card, QPushButton, "Bring back: 14:03 · without song.mp3")
    assert not back.isEnabled()
    press(child(card, QListWidget), Qt.Key.Key_Down)
    assert back.isEnabled()
    assert back.accessibleName() == "Bring back: 13:59 · blind, standard"
    with qtbot.waitSignal(card.bring_back_requested) as asked:
        click(back)
    assert asked.args == [4]


def test_the_row_that_is_worked_with_is_the_one_that_is_shown(card: HistoryCard) -> None:
    older = (
        replace(ROWS[0], kind=RowKind.WAITING),
        replace(ROWS[1], kind=RowKind.DONE),
    )
    # As after reopening, where the newest is not the chosen one.
    card.show_rows(())
    card.show_rows(older)
    listed = child(card, QListWidget)
    assert listed.currentRow() == 1
    # The user looks at another one; what else changes does not take it away.
    press(listed, Qt.Key.Key_Up)
    card.show_rows((replace(older[0], words="Other words."), older[1]))
    assert listed.currentRow() == 0
    card.show_rows(ROWS)
    assert listed.currentRow() == 0
    card.show_rows(older)
    assert listed.currentRow() == 1


def test_its_log_can_be_read(card: HistoryCard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(card.log_requested) as asked:
        click(child(card, QPushButton, "Log: 14:03 · without song.mp3"))
    assert asked.args == [5]


def test_without_restores_there_is_no_card(card: HistoryCard) -> None:
    card.show_rows(())
    assert not card.isVisible()
