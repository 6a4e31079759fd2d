"""The dialog says what is inside, as soon as that is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, press
from widgets.about_dialog import AboutDialog, AboutView, PartView
from widgets.main_window import MainWindow


@pytest.fixture
def dialog(window: MainWindow) -> Iterator[AboutDialog]:
    dialog = AboutDialog(AboutView("1.2", "MIT", Path("/source")), window)
    dialog.open()
    yield dialog
    dialog.close()


def test_tab_goes_round_and_everything_has_a_name(dialog: AboutDialog) -> None:
    seen = []
    child(dialog, QTreeWidget).setFocus()
    for _ in range(3):
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(QAccessible.queryAccessibleInterface(focus).text(QAccessible.Text.Name))
        press(focus, Qt.Key.Key_Tab)
    assert sorted(seen) == ["Close", "Open folder of the source", "What is inside"]


def test_what_is_inside_is_listed_when_it_has_been_read(dialog: AboutDialog, qtbot: QtBot) -> None:
    def words() -> str:
        return "\n".join(w.text() for w in dialog.findChildren(QLabel) if w.isVisible())

    assert "Reprise 1.2" in words()
    assert "MIT" in words()
    assert "/source" in words()
    assert "being read" in words()
    parts = (PartView("av", "18", "BSD", "https://a"), PartView("numpy", "2", "BSD"))
    dialog.show_view(AboutView("1.2", "MIT", Path("/source"), ("It holds x264.",), parts))
    assert "It holds x264." in words()
    assert "being read" not in words()
    listed = child(dialog, QTreeWidget, "What is inside")
    rows = [listed.topLevelItem(row) for row in range(listed.topLevelItemCount())]
    assert [r.text(0) for r in rows if r is not None] == ["av", "numpy"]
    with qtbot.waitSignal(dialog.folder_requested) as told:
        click(child(dialog, QPushButton, "Open folder of the source"))
    assert told.args == [Path("/source")]
    press(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
