"""What all dialogs have in common."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)

import widgets
from tests.helpers.window_walk import unfit
from tests.widgets.samples import child, press
from widgets.about_dialog import AboutDialog, AboutView, PartView
from widgets.export_sheet import ExportSheet, ExportView, PresetView
from widgets.key_page import KeysView
from widgets.key_sets import KeySetName
from widgets.key_sheet import KeyRow, KeySection, KeySheet
from widgets.main_window import MainWindow
from widgets.settings_dialog import SettingsDialog, SettingsView, StorageView
from widgets.sheet import Sheet
from widgets.text_sheet import TextSheet
from widgets.welcome_sheet import FindingView, OfferView, WelcomeSheet, WelcomeView

Make = Callable[[MainWindow], QDialog]
WORDS = "Some words that may well be longer than one line has room for. " * 4


def key_sheet(window: MainWindow) -> QDialog:
    window.show_keys()
    (sheet,) = window.findChildren(KeySheet)
    return sheet


def settings(window: MainWindow) -> QDialog:
    keys = KeysView(KeySetName.REPRISE, {"undo": ()})
    folders = tuple((name, Path("/home/somebody") / name) for name in ("Cache", "Models", "Logs"))
    storage = StorageView(20_000_000_000, 3_400_000_000, 1_200_000_000, folders)
    return SettingsDialog(SettingsView(keys=keys, storage=storage), window)


def about(window: MainWindow) -> QDialog:
    parts = (PartView("av", "18", "BSD-3-Clause", "https://pyav.org"),) * 60
    return AboutDialog(AboutView("1.2", "MIT", Path("/source"), (WORDS, WORDS), parts), window)


def welcome(window: MainWindow) -> QDialog:
    offers = tuple(OfferView(f"net {number}", "A network", WORDS) for number in range(5))
    return WelcomeSheet(WelcomeView((FindingView("Sound", WORDS),) * 5, ("A",), offers), window)


def export(window: MainWindow) -> QDialog:
    presets = tuple(PresetView(f"{number}", "Shorts", WORDS) for number in range(5))
    return ExportSheet(ExportView(presets, has_speech=True, warnings=(WORDS,) * 6), window)


def text(window: MainWindow) -> QDialog:
    return TextSheet("Log", f"{WORDS}\n" * 60, window)


DIALOGS: dict[type[QDialog], Make] = {
    KeySheet: key_sheet,
    SettingsDialog: settings,
    AboutDialog: about,
    WelcomeSheet: welcome,
    ExportSheet: export,
    TextSheet: text,
}
DEFAULTS = {ExportSheet: "Export…", WelcomeSheet: "Close"}
"""What Enter presses from anywhere; nothing elsewhere."""


@pytest.fixture(params=DIALOGS, ids=lambda kind: kind.__name__)
def dialog(request: pytest.FixtureRequest, window: MainWindow) -> Iterator[QDialog]:
    """Each in turn."""
    dialog = DIALOGS[request.param](window)
    dialog.show()
    yield dialog
    dialog.close()


def ours(kind: type[QDialog]) -> Iterator[type[QDialog]]:
    """All kinds that are ours."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("widgets."):
            yield each
        yield from ours(each)


def test_no_dialog_is_forgotten() -> None:
    for module in pkgutil.iter_modules(widgets.__path__):
        importlib.import_module(f"widgets.{module.name}")
    assert set(ours(QDialog)) == {Sheet, *DIALOGS}


def test_enter_presses_nothing_that_was_not_meant(dialog: QDialog) -> None:
    defaults = [each.text() for each in dialog.findChildren(QPushButton) if each.isDefault()]
    wanted = DEFAULTS.get(type(dialog))
    assert defaults == ([wanted] if wanted else [])
    pressed: list[str] = []
    for each in dialog.findChildren(QPushButton):
        assert not each.autoDefault()
        each.clicked.connect(partial(pressed.append, each.text()))
    fields: list[QWidget] = [*dialog.findChildren(QSpinBox), *dialog.findChildren(QLineEdit)]
    for field in fields:
        press(field, Qt.Key.Key_Return)
    assert pressed == []


def test_enter_presses_the_button_that_has_the_keyboard(window: MainWindow) -> None:
    sheet = about(window)
    sheet.show()
    close = next(each for each in sheet.findChildren(QPushButton) if each.text() == "Close")
    close.setFocus()
    press(close, Qt.Key.Key_Return)
    assert not sheet.isVisible()


SCREENS = [(1280, 720), (1024, 700)]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_dialog_fits_small_screens(dialog: QDialog, screen: tuple[int, int]) -> None:
    assert isinstance(dialog, Sheet)
    room = QSize(*screen) - QSize(0, 40)
    dialog.fit(room)
    QApplication.processEvents()
    assert dialog.size().boundedTo(room) == dialog.size()
    assert list(unfit(dialog)) == []
    buttons = [each for each in dialog.findChildren(QPushButton) if each.parent() is dialog]
    assert buttons
    assert all(dialog.rect().contains(each.geometry()) for each in buttons)


@pytest.mark.parametrize("screen", [(1920, 1080), *SCREENS, (700, 500)])
def test_the_keys_scroll_where_there_is_no_room_for_all(
    window: MainWindow, screen: tuple[int, int]
) -> None:
    sections = tuple(
        KeySection(
            f"Menu {menu}",
            tuple(KeyRow(f"Command {row}", ("Ctrl+Shift+A", "F1")) for row in range(10)),
        )
        for menu in range(8)
    )
    room = QSize(*screen) - QSize(0, 40)
    sheet = KeySheet(sections, room, window)
    sheet.show()
    sheet.fit(room)
    QApplication.processEvents()
    assert sheet.size().boundedTo(room) == sheet.size()
    assert list(unfit(sheet)) == []
    scroll = child(sheet, QScrollArea)
    bar = scroll.verticalScrollBar()
    assert bool(bar.maximum()) == (screen != (1920, 1080))
    if bar.maximum():
        assert scroll.hasFocus()
        press(scroll, Qt.Key.Key_Down)
        assert bar.value() > 0
    sheet.close()
