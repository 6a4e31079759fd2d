"""What is kept is said in words, and switched where it is said."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.keep_card import KeepCard
from widgets.main_window import MainWindow
from widgets.restore_view import KeptStem, RestoreView

SPEECH = KeptStem("dialogue", "Speech", kept=True)
ADDED = KeptStem("bgm", "Added music", kept=False)
VIEW = RestoreView(has_media=True, kept=(SPEECH, ADDED), amount=1.0)


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> KeepCard:
    card = KeepCard()
    qtbot.addWidget(card)
    card.resize(360, 200)
    card.show_view(VIEW)
    return card


def switches(card: KeepCard) -> list[str]:
    return [b.text() for b in card.findChildren(QPushButton) if b.isVisible()]


def words(card: KeepCard) -> list[str]:
    return [part.text() for part in card.findChildren(QLabel) if part.isVisible()]


def test_each_stem_says_whether_it_is_kept(card: KeepCard) -> None:
    assert switches(card) == ["✓ Speech", "✗ Added music"]
    card.show_view(replace(VIEW, kept=(SPEECH, replace(ADDED, kept=True))))
    assert switches(card) == ["✓ Speech", "✓ Added music"]
    card.show_view(RestoreView())
    assert not card.isVisible()


def test_other_stems_get_their_own_switches(card: KeepCard, qtbot: QtBot) -> None:
    card.show_view(replace(VIEW, kept=(KeptStem("restored", "Everything else", kept=True), ADDED)))
    QApplication.processEvents()
    assert switches(card) == ["✓ Everything else", "✗ Added music"]


def test_a_switch_is_a_wish(card: KeepCard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(card.kept_changed) as asked:
        click(child(card, QPushButton, "Keep speech"))
    assert asked.args == ["dialogue", False]


def test_the_amount_is_a_number_with_words(card: KeepCard, qtbot: QtBot) -> None:
    assert "100 %, all of it" in words(card)
    slider = child(card, QSlider)
    with qtbot.waitSignal(card.amount_changed) as asked:
        press(slider, Qt.Key.Key_Left)
    assert asked.args == [0.95]
    with qtbot.assertNotEmitted(card.amount_changed):
        card.show_view(replace(VIEW, amount=0.5))
    assert slider.value() == 50
    assert "50 %, half of it" in words(card)
    assert slider.accessibleDescription() == "50 %, half of it"
    card.show_view(replace(VIEW, amount=None))
    assert not slider.isVisible()


def test_each_drag_has_a_number_of_its_own(card: KeepCard) -> None:
    slider, drags = child(card, QSlider), []
    card.amount_changed.connect(lambda _: drags.append(card.drag_id))
    for percents in ((90, 80), (70,)):
        slider.setSliderDown(True)
        for percent in percents:
            slider.setSliderPosition(percent)
        slider.setSliderDown(False)
    press(slider, Qt.Key.Key_Left)
    first, again, second, none = drags
    assert first == again != second
    assert none == 0


def test_arrows_move_the_amount_and_not_the_film(window: MainWindow, qtbot: QtBot) -> None:
    window.restore_panel.show_view(VIEW)
    slider = child(window.restore_panel, QSlider)
    slider.setFocus()
    with (
        qtbot.waitSignal(window.restore_panel.amount_changed),
        qtbot.assertNotEmitted(window.transport_bar.step_requested),
    ):
        press(slider, Qt.Key.Key_Left)
