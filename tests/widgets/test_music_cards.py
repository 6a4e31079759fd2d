"""The cards of the Music page show numbers, and leave alone what is being typed."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider
from pytestqt.qtbot import QtBot

from widgets.clips import ClipSpec
from widgets.music_cards import ClipCard, DuckCard
from widgets.music_view import DuckView, Listening

CLIP = ClipSpec(1, "placed 1", "Song", "song", 10.0, 20.0, 5.0, 90.0)


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> ClipCard:
    card = ClipCard()
    qtbot.addWidget(card)
    card.show_clip(CLIP)
    with qtbot.waitActive(card):
        card.show()
        card.activateWindow()
    return card


def begin_to_type(card: ClipCard, text: str) -> None:
    card._start.setFocus()
    card._start.selectAll()
    QTest.keyClicks(card._start, text)


@pytest.mark.parametrize("text", ["2.5", "1", "10"])
def test_what_is_being_typed_stays(card: ClipCard, qtbot: QtBot, text: str) -> None:
    begin_to_type(card, text)
    before = card._start.text()
    card.show_clip(replace(CLIP, start_s=11.0, duration_s=19.0))
    assert card._start.text() == before
    assert card._length.value() == 19.0
    heard: list[float] = []
    card.start_edited.connect(heard.append)
    # What is wanted may be more than there is.
    card.start_edited.connect(lambda _: card.show_clip(replace(CLIP, start_s=0.5)))
    QTest.keyClick(card._start, Qt.Key.Key_Return)
    assert heard == [float(text)]
    card.show_clip(replace(CLIP, start_s=0.5))
    assert card._start.value() == 0.5


def test_it_is_not_meant_for_another_clip(card: ClipCard) -> None:
    begin_to_type(card, "2.5")
    heard: list[float] = []
    card.start_edited.connect(heard.append)
    card.show_clip(replace(CLIP, clip_id=2))
    assert card._start.value() == 10.0
    QTest.keyClick(card._start, Qt.Key.Key_Return)
    assert heard == []


def test_room_for_speech_is_shown_as_it_is(themed: QApplication, qtbot: QtBot) -> None:
    card = DuckCard()
    qtbot.addWidget(card)
    heard: list[object] = []
    card.duck_changed.connect(lambda *wish: heard.append(wish))
    card.show_view(DuckView("placed 1", "Music 1", 27.0, 30.0, Listening.KNOWN))
    (slider,) = card.findChildren(QSlider)
    assert (slider.value(), slider.maximum()) == (27, 30)
    card.show_view(DuckView("placed 1", "Music 1", 5.0, 12.0, Listening.KNOWN))
    assert heard == []
    slider.setValue(12)
    assert heard == [("placed 1", 12.0)]
