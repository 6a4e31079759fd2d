"""The menu of sound devices shows what it is told, and passes the choice on."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from widgets.sound_menu import DevicesView, SoundMenu


@pytest.fixture
def menu(themed: QApplication, qtbot: QtBot) -> Iterator[SoundMenu]:
    host = QWidget()
    qtbot.addWidget(host)
    menu = SoundMenu(host)
    yield menu
    menu.close()


def test_the_system_s_default_is_always_offered(menu: SoundMenu, qtbot: QtBot) -> None:
    assert [a.text() for a in menu.actions()] == ["System default"]
    menu.show_devices(DevicesView(("USB",), "USB"))
    with qtbot.waitSignal(menu.device_chosen) as chosen:
        menu.actions()[0].trigger()
    assert chosen.args == [""]


def test_one_is_chosen_and_one_that_is_away_is_kept(menu: SoundMenu, qtbot: QtBot) -> None:
    menu.show_devices(DevicesView(("TV",), "A & B"))
    texts = {a.text(): a.isChecked() for a in menu.actions()}
    assert texts == {"System default": False, "TV": False, "A && B (not there)": True}
    with qtbot.waitSignal(menu.device_chosen) as chosen:
        menu.actions()[2].trigger()
    assert chosen.args == ["A & B"]
