"""The sheet says what works, offers what can be had, and shows how far it is."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from widgets.welcome_sheet import FindingView, Offer, OfferView, WelcomeSheet, WelcomeView

SMALL = OfferView("small", "Small network", "For this · 3 MB · licence: MIT")
GATED = OfferView("gated", "Gated network", "For that", words="Needs a token.", can_get=False)
FOUND = (FindingView("Sound", "loud, 48 kHz"), FindingView("Disk", "full", works=False))


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[WelcomeSheet]:
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = WelcomeSheet(WelcomeView(FOUND, ("Starter",), (SMALL, GATED)), parent)
    sheet.show()
    yield sheet
    sheet.close()


def words(sheet: WelcomeSheet) -> str:
    # What is new in a layout is shown by the next turn of the loop.
    QCoreApplication.processEvents()
    return "\n".join(label.text() for label in sheet.findChildren(QLabel) if label.isVisible())


def named(sheet: WelcomeSheet, name: str) -> QPushButton:
    (found,) = (b for b in sheet.findChildren(QPushButton) if b.accessibleName() == name)
    return found


def test_it_says_what_works_and_what_does_not_in_more_than_a_colour(sheet: WelcomeSheet) -> None:
    said = words(sheet)
    assert "✓ Sound" in said
    assert "✗ Disk" in said
    assert "Here: Starter." in said


def test_what_is_not_known_yet_is_not_ticked(sheet: WelcomeSheet) -> None:
    sheet.show_view(WelcomeView((FindingView("Engine", "starting", works=None),)))
    said = words(sheet)
    assert "… Engine" in said
    assert "✓" not in said


def test_before_it_knows_it_says_that_it_is_looking(sheet: WelcomeSheet) -> None:
    sheet.show_view(WelcomeView())
    assert "It is being looked what works here." in words(sheet)
    assert "Small network" not in words(sheet)


def test_a_network_is_offered_with_its_size_and_licence(qtbot: QtBot, sheet: WelcomeSheet) -> None:
    assert "3 MB · licence: MIT" in words(sheet)
    with qtbot.waitSignal(sheet.get_requested) as heard:
        named(sheet, "Get Small network").click()
    assert heard.args == ["small"]
    assert not named(sheet, "Get Gated network").isEnabled()


def test_while_it_comes_it_can_be_stopped(qtbot: QtBot, sheet: WelcomeSheet) -> None:
    coming = OfferView("small", "Small network", "For this", Offer.COMING, "1 MB of 3 MB", 0.4)
    sheet.show_view(WelcomeView(FOUND, (), (coming, GATED)))
    bars = [bar for bar in sheet.findChildren(QProgressBar) if bar.isVisible()]
    assert [bar.value() for bar in bars] == [400]
    assert not named(sheet, "Get Small network").isVisible()
    with qtbot.waitSignal(sheet.cancel_requested) as heard:
        named(sheet, "Cancel Small network").click()
    assert heard.args == ["small"]


def test_what_went_wrong_is_said_and_can_be_tried_again(sheet: WelcomeSheet) -> None:
    failed = OfferView("small", "Small network", "For this", Offer.FAILED, "The disk is full.")
    sheet.show_view(WelcomeView(FOUND, (), (failed, GATED)))
    again = named(sheet, "Get Small network")
    assert again.text() == "Try again"
    assert "The disk is full." in again.accessibleDescription()


def test_what_has_come_is_no_longer_offered(sheet: WelcomeSheet) -> None:
    sheet.show_view(WelcomeView(FOUND, ("Starter", "Small network"), (GATED,)))
    assert "Here: Starter, Small network." in words(sheet)
    assert "Get Small network" not in {
        button.accessibleName() for button in sheet.findChildren(QPushButton)
    }


def test_only_one_file_is_taken_in_at_a_time(sheet: WelcomeSheet) -> None:
    sheet.show_view(WelcomeView(FOUND, (), (), is_importing=True))
    assert not named(sheet, "Import a network from a file").isEnabled()
