"""The card says how much speech there is, and how far a change of it is."""

import pytest
from PySide6.QtWidgets import QApplication, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click
from widgets.restore_view import ProgressView
from widgets.speech_card import SpeechCard, SpeechView


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> SpeechCard:
    card = SpeechCard()
    qtbot.addWidget(card)
    return card


@pytest.mark.parametrize(
    ("num_regions", "words"),
    [(0, "No speech was found"), (1, "Speech at one place"), (7, "Speech at 7 places")],
)
def test_it_counts_where_speech_can_be_changed(
    card: SpeechCard, num_regions: int, words: str
) -> None:
    assert card.isHidden()
    card.show_view(SpeechView(num_regions))
    assert not card.isHidden()
    assert card._words.text() == words
    assert child(card, QPushButton, "Cancel the speech").isHidden()


def test_while_the_sound_follows_it_tells_how_far_and_can_be_cancelled(
    card: SpeechCard, qtbot: QtBot
) -> None:
    card.show_view(SpeechView(2, ProgressView("Separating the two musics", 0.25, 8.0)))
    card.show()
    bar = child(card, QProgressBar)
    assert bar.value() == 250
    assert bar.accessibleDescription() == "Separating the two musics, 25 % · about 8 s left"
    with qtbot.waitSignal(card.cancel_requested):
        click(child(card, QPushButton, "Cancel the speech"))
    card.show_view(SpeechView(2))
    assert bar.isHidden()
