"""The settings: what can be chosen, by subject. Every choice is told at once; there is no OK."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.translation import LANGUAGES, tr
from engine.types import Quality
from widgets.accessibility import describe
from widgets.control_manners import mind_manners
from widgets.key_page import KeyPage, KeysView
from widgets.path_field import PathField
from widgets.sheet import Sheet
from widgets.sound_menu import DevicesView
from widgets.styling import button, label
from widgets.theme import THEMES
from widgets.wording import QUALITY_NAMES, file_size, quality_in_words

THEME_TITLES = {"dark": tr("Dark"), "light": tr("Light"), "contrast": tr("High contrast")}
_MAX_OFFSET_MS = 1000
_OFFSET_STEP_MS = 10
_BYTES_PER_GB = 1_000_000_000
_MAX_QUOTA_GB = 10_000
_OFFSET_HINT = tr(
    "Wireless headphones are heard later than they say. If speech comes after the lips, make this "
    "larger until both go together; below zero if it comes before."
)
_MOTIONS = {"system": tr("As the system"), "reduced": tr("Reduced"), "full": tr("Full")}
_MOTION_HINT = tr("Reduced: nothing blinks or fades, and numbers change twice a second.")
_LANGUAGE_HINT = tr("It is spoken from the next start on.")
_BUSY_HINT = tr("Something is being worked on; the cache can be emptied when it is done.")
_QUOTA_HINT = tr(
    "The oldest goes first, never what an open project uses. All of it can be made again."
)


@dataclass(frozen=True, slots=True)
class StorageView:
    """What lies where.

    Attributes:
        quota_bytes: Size that the cache is kept to.
        used_bytes: Size of the cache; None while it is counted.
        unused_bytes: What of it no open project uses.
        folders: Names and places of the program's own folders.
        is_busy: Something is being made that the cache must not lose.
    """

    quota_bytes: int = 0
    used_bytes: int | None = None
    unused_bytes: int = 0
    folders: tuple[tuple[str, Path], ...] = ()
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class SettingsView:
    """Everything that the dialog shows."""

    theme: str = "dark"
    quality: Quality = Quality.STANDARD
    devices: DevicesView = field(default_factory=DevicesView)
    keys: KeysView = field(default_factory=KeysView)
    storage: StorageView = field(default_factory=StorageView)
    language: str = ""
    motion: str = "system"


class SettingsDialog(Sheet):
    """Shows the settings until it is closed; Esc closes it.

    Attributes:
        key_page: The page of keys, with signals of its own.

    Signals:
        theme_chosen: Name of a theme.
        motion_chosen: How much is to move: `system`, `reduced` or `full`.
        language_chosen: Code of a language; empty is the system's.
        quality_chosen: Value of `engine.types.Quality`.
        device_chosen: Name of a sound device; empty is the system's default.
        offset_chosen: How much later than it says its sound is heard, in ms.
        quota_chosen: Size that the cache is to be kept to, in GB.
        empty_requested: Remove what no open project uses from the cache.
        folder_requested: pathlib.Path of a folder to be shown.
    """

    theme_chosen = Signal(str)
    motion_chosen = Signal(str)
    language_chosen = Signal(str)
    quality_chosen = Signal(str)
    device_chosen = Signal(str)
    offset_chosen = Signal(int)
    quota_chosen = Signal(int)
    empty_requested = Signal()
    folder_requested = Signal(Path)

    def __init__(self, view: SettingsView, parent: QWidget) -> None:
        super().__init__(tr("Settings"), parent)
        self.key_page = KeyPage()
        self._view = view
        self._make_fields()
        self._pages = QListWidget()
        self._stack = QStackedWidget()
        for title, page in (
            (tr("General"), self._general_page()),
            (tr("Sound"), self._sound_page()),
            (tr("Keys"), self.key_page),
            (tr("Storage"), self._storage_page()),
        ):
            self._pages.addItem(title)
            self._stack.addWidget(page)
        self._arrange()
        self.show_view(view)

    def show_view(self, view: SettingsView) -> None:
        """Show these settings."""
        self._view = view
        _choose(self._theme, view.theme)
        _choose(self._language, view.language)
        _choose(self._motion, view.motion)
        _choose(self._quality, view.quality.value)
        words = quality_in_words(view.quality, None)
        self._quality_words.setText(tr("{words} It counts from the next restore on.", words=words))
        self._show_devices(view.devices)
        self._show_storage(view.storage)
        if view.keys != self.key_page.view:
            self.key_page.show_view(view.keys)

    def _make_fields(self) -> None:
        self._theme = _combo(tr("Theme"), [(t.name, THEME_TITLES[t.name]) for t in THEMES])
        languages = [("", tr("Language of the system")), *LANGUAGES.items()]
        self._language = _combo(tr("Language"), languages)
        self._motion = _combo(tr("Motion"), list(_MOTIONS.items()))
        qualities = [(quality.value, title) for quality, title in QUALITY_NAMES.items()]
        self._quality = _combo(tr("Quality of a blind restore"), qualities)
        self._quality_words = label("", "dim", wrap=True)
        self._device = _combo(tr("Sound device"), [])
        self._offset = _spin(tr("Offset of the sound"), " ms", -_MAX_OFFSET_MS, _MAX_OFFSET_MS)
        self._offset.setSingleStep(_OFFSET_STEP_MS)
        self._quota = _spin(tr("Size of the cache"), " GB", 1, _MAX_QUOTA_GB)
        self._used = label("", "dim", wrap=True)
        self._busy = label("", "dim", wrap=True)
        self._empty = button(
            tr("Empty the cache"), description=tr("Removes what no open project uses.")
        )
        _on_choice(self._theme, self.theme_chosen.emit)
        _on_choice(self._motion, self.motion_chosen.emit)
        _on_choice(self._language, self.language_chosen.emit)
        _on_choice(self._quality, self.quality_chosen.emit)
        _on_choice(self._device, self.device_chosen.emit)
        self._offset.valueChanged.connect(self.offset_chosen)
        self._quota.valueChanged.connect(self.quota_chosen)
        self._empty.clicked.connect(self.empty_requested)

    def _general_page(self) -> QWidget:
        page, form = _form()
        form.addRow(tr("Theme"), self._theme)
        form.addRow(tr("Language"), self._language)
        form.addRow("", label(_LANGUAGE_HINT, "dim", wrap=True))
        form.addRow(tr("Motion"), self._motion)
        form.addRow("", label(_MOTION_HINT, "dim", wrap=True))
        form.addRow(tr("Quality of a blind restore"), self._quality)
        form.addRow("", self._quality_words)
        return page

    def _sound_page(self) -> QWidget:
        page, form = _form()
        form.addRow(tr("Device"), self._device)
        form.addRow(tr("Sound is late by"), self._offset)
        form.addRow("", label(_OFFSET_HINT, "dim", wrap=True))
        return page

    def _storage_page(self) -> QWidget:
        page, form = _form()
        form.addRow(tr("Keep the cache to"), self._quota)
        form.addRow("", label(_QUOTA_HINT, "dim", wrap=True))
        form.addRow(tr("In it now"), self._used)
        form.addRow("", _left(self._empty))
        form.addRow("", self._busy)
        for name, folder in self._view.storage.folders:
            show = button(
                tr("Open folder"),
                name=tr("Open folder of {name}", name=name),
                description=str(folder),
            )
            show.clicked.connect(partial(self.folder_requested.emit, folder))
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(PathField(tr("Place of {name}", name=name), folder), 1)
            line.addWidget(show)
            form.addRow(name, line)
        return page

    def _arrange(self) -> None:
        self._pages.setFixedWidth(140)
        self._pages.setCurrentRow(0)
        self._pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        describe(self._pages, tr("Subjects"), tr("Up and Down choose a page."))
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        body = QHBoxLayout()
        body.setSpacing(20)
        body.addWidget(self._pages)
        body.addWidget(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(16)
        layout.addLayout(body, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(780, 540)
        self._pages.setFocus()

    def _show_devices(self, view: DevicesView) -> None:
        self._device.clear()
        for name, words in view.choices:
            self._device.addItem(words, name)
        _choose(self._device, view.chosen)
        _set_silently(self._offset, view.offset_ms)

    def _show_storage(self, view: StorageView) -> None:
        _set_silently(self._quota, round(view.quota_bytes / _BYTES_PER_GB))
        if view.used_bytes is None:
            self._used.setText(tr("Being counted."))
        else:
            unused = tr("{size} of it used by no open project", size=file_size(view.unused_bytes))
            self._used.setText(f"{file_size(view.used_bytes)}, {unused}.")
        self._empty.setEnabled(view.unused_bytes > 0 and not view.is_busy)
        self._busy.setText(_BUSY_HINT if view.is_busy else "")


def _combo(name: str, choices: list[tuple[str, str]]) -> QComboBox:
    result = QComboBox()
    for value, title in choices:
        result.addItem(title, value)
    describe(result, name)
    mind_manners(result)
    return result


def _spin(name: str, suffix: str, least: int, most: int) -> QSpinBox:
    result = QSpinBox()
    result.setRange(least, most)
    result.setSuffix(suffix)
    # What is typed counts when it is complete.
    result.setKeyboardTracking(False)
    result.lineEdit().setTextMargins(6, 0, 0, 0)
    describe(result, name)
    mind_manners(result)
    return result


def _form() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 0, 0, 0)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return page, form


def _left(widget: QWidget) -> QHBoxLayout:
    result = QHBoxLayout()
    result.addWidget(widget)
    result.addStretch(1)
    return result


def _choose(combo: QComboBox, value: str) -> None:
    combo.setCurrentIndex(combo.findData(value))


def _on_choice(combo: QComboBox, tell: Callable[[str], None]) -> None:
    # Only what the user chooses is told, not what is shown.
    combo.activated.connect(lambda index: tell(combo.itemData(index)))


def _set_silently(spin: QSpinBox, value: int) -> None:
    with QSignalBlocker(spin):
        spin.setValue(value)
