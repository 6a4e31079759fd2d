"""The sheet of keys, made from the menus, so that it can never say anything else."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from engine.translation import tr
from widgets.accessibility import describe
from widgets.actions import keys_of, plain
from widgets.sheet import Scroll, Sheet
from widgets.styling import button, label

_MOST_COLUMNS = 3
_MARGIN_PX = 24


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What a key does."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeySection:
    """The keys of one menu."""

    title: str
    rows: tuple[KeyRow, ...]


def key_sections(menu_bar: QMenuBar) -> tuple[KeySection, ...]:
    """Read all keys from the menus; a submenu of keys becomes one row: 0 … 9."""
    sections = []
    for top in menu_bar.actions():
        menu = top.menu()
        if isinstance(menu, QMenu):
            rows = tuple(row for action in menu.actions() if (row := _row(action)).keys)
            if rows:
                sections.append(KeySection(plain(top.text()), rows))
    return tuple(sections)


def _row(action: QAction) -> KeyRow:
    menu = action.menu()
    if not isinstance(menu, QMenu):
        return KeyRow(plain(action.text()), keys_of(action))
    keys = [key for child in menu.actions() for key in keys_of(child)]
    return KeyRow(plain(action.text()), (f"{keys[0]} … {keys[-1]}",) if keys else ())


class KeySheet(Sheet):
    """Shows the keys by menu, in as many columns as there is room for; Esc closes it."""

    def __init__(self, sections: tuple[KeySection, ...], room: QSize, parent: QWidget) -> None:
        super().__init__(tr("Keyboard shortcuts"), parent)
        scroll = _scrolled(sections, room.width() - 2 * _MARGIN_PX)
        # Arrows scroll it.
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        describe(scroll, tr("Keyboard shortcuts"))
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN_PX, 20, _MARGIN_PX, 16)
        layout.setSpacing(20)
        layout.addWidget(scroll, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        scroll.setFocus()


def _scrolled(sections: tuple[KeySection, ...], width_px: int) -> Scroll:
    """The sections in as many columns as fit side by side."""
    for num_columns in range(_MOST_COLUMNS, 1, -1):
        scroll = Scroll(_columns(sections, num_columns))
        if scroll.minimumSizeHint().width() <= width_px:
            return scroll
    return Scroll(_columns(sections, 1))


def _columns(sections: tuple[KeySection, ...], num_columns: int) -> QWidget:
    body = QWidget()
    columns = QHBoxLayout(body)
    columns.setContentsMargins(0, 0, 8, 0)
    columns.setSpacing(40)
    for column_index in range(num_columns):
        column = QVBoxLayout()
        column.setSpacing(20)
        for section in sections[column_index::num_columns]:
            column.addLayout(_section_grid(section))
        column.addStretch(1)
        columns.addLayout(column)
    return body


def _section_grid(section: KeySection) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    grid.addWidget(label(section.title, "title"), 0, 0, 1, 2)
    for index, row in enumerate(section.rows, start=1):
        grid.addWidget(label(row.text), index, 0)
        keys = QHBoxLayout()
        keys.setSpacing(4)
        keys.addStretch(1)
        for key in row.keys:
            keys.addWidget(label(key, "key"), 0, Qt.AlignmentFlag.AlignRight)
        grid.addLayout(keys, index, 1)
    grid.setColumnStretch(0, 1)
    return grid
