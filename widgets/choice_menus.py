"""Menus whose entries are choices: files that were open before, themes."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine.translation import tr
from widgets.theme import THEMES, Theme

_THEME_NAMES = {"dark": tr("&Dark"), "light": tr("&Light"), "contrast": tr("&High contrast")}


class RecentMenu(QMenu):
    """Files that were open before.

    Signals:
        chosen: pathlib.Path of one of them.
    """

    chosen = Signal(Path)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Open &recent"), parent)
        self.setToolTipsVisible(True)
        self.show_files(())

    def show_files(self, files: tuple[Path, ...]) -> None:
        """Offer these, newest first."""
        self.clear()
        self.setEnabled(bool(files))
        for number, file in enumerate(files, 1):
            # An ampersand would be taken for the mark of a key.
            name = file.name.replace("&", "&&")
            action = self.addAction(f"&{number % 10} {name}")
            action.setToolTip(str(file))
            action.triggered.connect(partial(self.chosen.emit, file))


class ThemeMenu(QMenu):
    """The themes, one of them checked.

    Signals:
        chosen: Name of the theme that the user wants.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget, current: Theme) -> None:
        super().__init__(tr("&Theme"), parent)
        group = QActionGroup(self)
        self._themes: dict[str, QAction] = {}
        for theme in THEMES:
            action = self.addAction(_THEME_NAMES[theme.name])
            action.setCheckable(True)
            group.addAction(action)
            self._themes[theme.name] = action
            action.triggered.connect(partial(self.chosen.emit, theme.name))
        self.show_theme(current)

    def show_theme(self, theme: Theme) -> None:
        """Show which one is on."""
        self._themes[theme.name].setChecked(True)
