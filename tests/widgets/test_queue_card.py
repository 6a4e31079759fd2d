"""The Queue card shows each file with its state in words, and what can be done about it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, color_at, drop, file_mime, press
from widgets import queue_list
from widgets.queue_card import QueueCard
from widgets.queue_view import QueueAct, QueueRow, QueueRun, QueueView, RowKind
from widgets.theme import DARK, LIGHT

DONE = QueueRow(
    7,
    "a.mp4",
    RowKind.DONE,
    "Done: song.mp3 has been taken out.",
    "Written: a.restored.mp4",
    acts=(QueueAct.OPEN_FOLDER, QueueAct.LOG),
)
RUNS = QueueRow(
    8,
    "b.mp4",
    RowKind.RUNNING,
    "Running, 42 % · estimating",
    fraction=0.42,
    acts=(QueueAct.CANCEL,),
)
WAITS = QueueRow(9, "c.mp4", RowKind.WAITING, "Waiting", acts=(QueueAct.REMOVE,))
VIEW = QueueView((DONE, RUNS, WAITS), "1 of 3 done", QueueRun.RUNNING, can_start=True)


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> QueueCard:
    card = QueueCard(DARK)
    qtbot.addWidget(card)
    card.resize(360, 420)
    card.show_view(VIEW)
    return card


def buttons(card: QueueCard) -> list[str]:
    return [b.text() for b in card.findChildren(QPushButton) if b.isVisible()]


def the_list(card: QueueCard) -> QListWidget:
    return child(card, QListWidget)


def test_without_files_there_is_no_card(card: QueueCard) -> None:
    card.show_view(QueueView())
    assert not card.isVisible()


def test_a_row_is_read_out_with_its_state(card: QueueCard) -> None:
    interface = QAccessible.queryAccessibleInterface(the_list(card))
    names = [interface.child(n).text(QAccessible.Text.Name) for n in range(interface.childCount())]
    assert names == [f"{row.name}: {row.words}" for row in VIEW.rows]


def test_the_buttons_are_those_of_the_current_file(card: QueueCard, qtbot: QtBot) -> None:
    assert buttons(card) == ["Open folder", "Log", "Pause", "Add…", "Clear"]
    assert "Written: a.restored.mp4" in [b.text() for b in card.findChildren(QLabel)]
    press(the_list(card), Qt.Key.Key_Down)
    assert buttons(card)[0] == "Cancel"
    cancel = next(b for b in card.findChildren(QPushButton) if b.text() == "Cancel")
    assert cancel.accessibleName() == "Cancel: b.mp4 in the queue"
    with qtbot.waitSignal(card.act_requested) as asked:
        click(cancel)
    assert asked.args == [8, "cancel"]


def test_the_current_file_stays_while_others_change_and_go(card: QueueCard) -> None:
    the_list(card).setCurrentRow(1)
    card.show_view(replace(VIEW, rows=(RUNS, WAITS)))
    assert the_list(card).currentRow() == 0
    assert buttons(card)[0] == "Cancel"
    done = replace(RUNS, kind=RowKind.DONE, words="Done", fraction=None, acts=(QueueAct.LOG,))
    card.show_view(replace(VIEW, rows=(done, WAITS)))
    assert buttons(card)[0] == "Log"
    card.show_view(replace(VIEW, rows=(WAITS,)))
    assert buttons(card)[0] == "Remove"


def test_one_button_starts_holds_and_goes_on(card: QueueCard, qtbot: QtBot) -> None:
    wishes = {
        QueueRun.IDLE: ("Restore all", card.start_requested),
        QueueRun.RUNNING: ("Pause", card.pause_requested),
        QueueRun.PAUSED: ("Go on", card.resume_requested),
    }
    for run, (words, wish) in wishes.items():
        card.show_view(replace(VIEW, run=run))
        with qtbot.waitSignal(wish):
            click(next(b for b in card.findChildren(QPushButton) if b.text() == words))
    card.show_view(replace(VIEW, run=QueueRun.IDLE, can_start=False))
    assert not next(
        b for b in card.findChildren(QPushButton) if b.text() == "Restore all"
    ).isEnabled()


def test_what_is_kept_without_a_track_is_chosen(card: QueueCard, qtbot: QtBot) -> None:
    blind, speech = card.findChildren(QRadioButton)
    assert (blind.isChecked(), speech.isChecked()) == (True, False)
    with qtbot.waitSignal(card.only_speech_changed) as asked:
        click(speech)
    assert asked.args == [True]
    card.show_view(replace(VIEW, only_speech=True))
    assert speech.isChecked()


def test_videos_can_be_dropped_on_it(card: QueueCard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(card.files_dropped):
        drop(card, file_mime("/films/d.mp4"))


def test_the_part_done_is_a_line(card: QueueCard) -> None:
    rows = the_list(card).viewport()
    bar_y = 44 + 39
    ends = [color_at(rows, x, bar_y) for x in (60, rows.width() - 20)]
    assert ends == [DARK.accent, DARK.control_line]
    card.set_theme(LIGHT)
    assert color_at(rows, 60, bar_y) == LIGHT.accent


def test_who_cannot_see_hears_that_a_file_is_over(
    card: QueueCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(queue_list, "announce", lambda _, text: said.append(text))
    failed = replace(RUNS, kind=RowKind.FAILED, words="Failed: no sound")
    for _ in range(2):
        card.show_view(replace(VIEW, rows=(DONE, failed, WAITS)))
    assert said == ["b.mp4: Failed: no sound"]
