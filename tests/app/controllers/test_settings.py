"""What is chosen in the settings is kept and takes effect at once."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QTreeWidget

from app.jobs import Awaited
from app.settings import SettingsStore
from engine.artifacts import ArtifactStore
from engine.types import Audio, Quality
from tests.helpers.editor import WAIT_MS, Editor, running_editor
from tests.helpers.projects import noise
from tests.widgets.samples import child, press
from widgets.about_dialog import AboutDialog
from widgets.key_page import KeyPage
from widgets.settings_dialog import SettingsDialog

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def dialog(editor: Editor) -> SettingsDialog:
    """The settings, opened with their key."""
    return open_settings(editor)


def press_in_window(editor: Editor, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """Press a key while the window is the one that is worked in."""
    window = editor.app.window
    window.activateWindow()
    editor.qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    press(window, key, modifiers)


def open_settings(editor: Editor) -> SettingsDialog:
    press_in_window(editor, Qt.Key.Key_Comma, CTRL)
    dialogs = editor.app.window.findChildren(SettingsDialog)
    editor.settle()
    return next(dialog for dialog in dialogs if dialog.isVisible())


def kept(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


def shortcuts(editor: Editor, text: str) -> list[str]:
    """The keys of a menu entry."""
    actions = editor.app.window.findChildren(QAction)
    action = next(a for a in actions if a.text().replace("&", "") == text)
    return [key.toString() for key in action.shortcuts()]


def test_theme_and_quality_follow(editor: Editor, dialog: SettingsDialog, tmp_path: Path) -> None:
    dialog.theme_chosen.emit("light")
    dialog.quality_chosen.emit("draft")
    current = kept(tmp_path).current
    assert (current.theme, current.quality) == ("light", Quality.DRAFT)
    assert editor.app.window.restore_panel._view.quality is Quality.DRAFT
    checked = [a.text() for a in editor.app.window.findChildren(QAction) if a.isChecked()]
    assert "&Light" in checked
    dialog.close()


def test_another_set_changes_menus_and_sheet_at_once(
    editor: Editor, dialog: SettingsDialog, tmp_path: Path
) -> None:
    child(dialog, KeyPage).set_chosen.emit("premiere")
    assert shortcuts(editor, "Show the whole length") == ["\\"]
    assert "(\\)" in child(editor.app.window, QPushButton, "Fit").toolTip()
    assert kept(tmp_path).current.key_set == "premiere"
    dialog.close()
    editor.app.window.transport_bar.set_duration(1.0)
    with running_editor(tmp_path, editor.qtbot) as again:
        assert shortcuts(again, "Show the whole length") == ["\\"]


def test_own_keys_belong_to_their_set(
    editor: Editor, dialog: SettingsDialog, tmp_path: Path
) -> None:
    page = child(dialog, KeyPage)
    page.key_chosen.emit("loop", "M")
    assert shortcuts(editor, "Loop") == ["M"]
    assert shortcuts(editor, "Set a marker here") == []
    page.set_chosen.emit("resolve")
    assert shortcuts(editor, "Loop") == ["Ctrl+/"]
    page.keys_removed.emit("loop")
    assert shortcuts(editor, "Loop") == []
    page.reset_requested.emit("loop")
    assert shortcuts(editor, "Loop") == ["Ctrl+/"]
    page.set_chosen.emit("reprise")
    assert shortcuts(editor, "Loop") == ["M"]
    page.reset_all_requested.emit()
    assert shortcuts(editor, "Loop") == ["Ctrl+L"]
    assert shortcuts(editor, "Set a marker here") == ["M"]
    assert kept(tmp_path).current.own_keys["reprise"] == {}
    dialog.close()


def test_a_changed_key_works(editor: Editor, film: Path, dialog: SettingsDialog) -> None:
    child(dialog, KeyPage).key_chosen.emit("play", "Ctrl+P")
    dialog.close()
    editor.open(film)
    with editor.qtbot.waitSignal(editor.app.window.transport_bar.play_requested):
        press_in_window(editor, Qt.Key.Key_P, CTRL)


def test_nonsense_among_the_kept_keys_harms_nothing(
    qtbot: object, editor: Editor, tmp_path: Path
) -> None:
    nonsense = {"loop": ("nonsense", "", "Ctrl+A, Ctrl+B"), "unknown": ("F5",), "play": ("Alt+F",)}
    editor.app._settings.change(own_keys={"reprise": nonsense, "other": {}})
    with running_editor(tmp_path, editor.qtbot) as again:
        assert shortcuts(again, "Loop") == []
        assert shortcuts(again, "Play or pause") == []
        assert shortcuts(again, "Pause") == ["K"]


def test_device_and_offset_follow(editor: Editor, dialog: SettingsDialog, film: Path) -> None:
    editor.devices.append("USB")
    dialog.close()
    editor.open(film)
    dialog = open_settings(editor)
    dialog.device_chosen.emit("USB")
    dialog.offset_chosen.emit(150)
    editor.qtbot.waitUntil(lambda: editor.app.sound.transport is not None, timeout=WAIT_MS)
    assert editor.outputs[-1].device == "USB"
    assert editor.transport.offset_s == 0.15
    assert dialog._view.devices.offset_ms == 150
    dialog.close()


def test_the_cache_keeps_what_the_project_uses(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film)
    store = ArtifactStore(tmp_path / "cache")
    unused = store.put("unused", Audio(noise(1), 8000))
    dialog = open_settings(editor)
    before = dialog._view.storage
    assert before.unused_bytes >= unused.num_bytes
    dialog.empty_requested.emit()
    editor.settle()
    after = dialog._view.storage
    assert after.unused_bytes == 0
    assert after.used_bytes is not None
    assert 0 < after.used_bytes <= (before.used_bytes or 0) - unused.num_bytes
    assert store.find("unused") is None
    media = editor.app.document.project.media
    assert media is not None
    assert store.find(media.mix.key) is not None
    dialog.close()


def test_a_smaller_cache_is_trimmed_at_once(
    editor: Editor, dialog: SettingsDialog, tmp_path: Path
) -> None:
    dialog.quota_chosen.emit(7)
    assert kept(tmp_path).current.cache_quota_bytes == 7_000_000_000
    assert editor.app._cache_keeper._store.quota_bytes == 7_000_000_000
    editor.settle()
    dialog.close()


def test_nothing_is_emptied_while_something_is_made(
    editor: Editor, dialog: SettingsDialog, tmp_path: Path
) -> None:
    store = ArtifactStore(tmp_path / "cache")
    store.put("needed", Audio(noise(1), 8000))
    done = threading.Event()
    editor.app.jobs.run_in_thread("Export", lambda _: done.wait(10), Awaited.TO_KEEP)
    dialog.empty_requested.emit()
    done.set()
    editor.settle()
    assert store.find("needed") is not None
    dialog.close()


def test_folders_open(editor: Editor, dialog: SettingsDialog, tmp_path: Path) -> None:
    dialog.folder_requested.emit(tmp_path)
    assert editor.answers.opened_folders == [tmp_path]
    assert next(name for name, _ in dialog._view.storage.folders) == "Cache"
    dialog.close()


def test_about_says_what_is_inside(editor: Editor) -> None:
    for _ in range(2):
        press_in_window(editor, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
        dialog = next(d for d in editor.app.window.findChildren(AboutDialog) if d.isVisible())
        editor.settle()
        assert child(dialog, QTreeWidget).topLevelItemCount() > 20
        dialog.close()
