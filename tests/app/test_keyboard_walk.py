"""The accessibility walk: Tab reaches every control of every page, and each says what it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor, running_editor
from tests.helpers.library import write_sound
from tests.helpers.projects import noise
from tests.helpers.restore_workload import make_tone_film
from widgets.main_window import MainWindow
from widgets.pages import Page

_CONTROLS = (
    QAbstractButton | QAbstractItemView | QAbstractSlider | QAbstractSpinBox | QComboBox | QLineEdit
)
_MOST_STEPS = 300
_MUTE = {QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane}


@pytest.fixture
def editor(
    qapp: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Editor]:
    """An editor with a restored film, and a song in it."""
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    song = write_sound(tmp_path / "song.wav", noise(3), RATE_HZ)
    with running_editor(tmp_path, qtbot) as editor:
        editor.open(make_tone_film(tmp_path / "film.mkv", 2.0, RATE_HZ))
        editor.restore()
        editor.app.placer.add([song], 0.5)
        editor.settle()
        editor.app.window.activateWindow()
        yield editor


def usable(window: MainWindow) -> set[QWidget]:
    """What can be done something with, by the eye."""
    return {
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, _CONTROLS)
        and not isinstance(widget, QScrollBar)
        and widget.isVisible()
        and widget.isEnabled()
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
    }


def fellows(widget: QWidget) -> set[QWidget]:
    """Itself, and those that it excludes: arrows go from one to the other."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return {widget, *(group.buttons() if group is not None else ())}


def walked(window: MainWindow) -> list[QWidget]:
    """What has the keyboard after each press of Tab, until it comes round."""
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    seen: list[QWidget] = []
    for _ in range(_MOST_STEPS):
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused in seen:
            return seen
        seen.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not come round: {[each.accessibleName() for each in seen]}")


@pytest.mark.parametrize("page", Page)
def test_tab_reaches_everything_and_everything_has_a_name(editor: Editor, page: Page) -> None:
    window = editor.app.window
    window.show_page(page)
    if page is Page.REVIEW:
        editor.qtbot.waitUntil(lambda: editor.app.compare.view().is_measured, timeout=WAIT_MS)
    editor.qtbot.wait(50)
    seen = walked(window)
    missed = {each for each in usable(window) if not fellows(each) & set(seen)}
    assert sorted(f"{type(each).__name__} {each.accessibleName()}" for each in missed) == []
    for widget in seen:
        told = QAccessible.queryAccessibleInterface(widget)
        assert told.text(QAccessible.Text.Name), f"{widget} says nothing"
        assert told.role() not in _MUTE, f"{widget.accessibleName()} does not say what it is"
    names = [each.accessibleName() for each in seen]
    assert len(set(names)) == len(names), "two controls have one name"


def test_shift_tab_goes_back_the_same_way(editor: Editor) -> None:
    window = editor.app.window
    seen = walked(window)
    for expected in reversed(seen[1:]):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert QApplication.focusWidget() is expected
