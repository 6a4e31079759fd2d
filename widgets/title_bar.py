"""The bar at the top: menus, what is open, undo, export."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QMenuBar, QSizePolicy

from engine.translation import tr
from widgets.actions import Command
from widgets.icons import icon
from widgets.key_sets import KeyMap, with_key
from widgets.pages import PageSwitch
from widgets.styling import button, label
from widgets.theme import Theme

HEIGHT_PX = 40
_UNDO_PX = 220
_LEAST_UNDO_PX = 100
_LEAST_TITLE_PX = 200
_LEAST_NAME = "0…0"
"""A shorter one says nothing."""
_UNDO_TEXT = tr("Take the last edit back")


class Title(QLabel):
    """Takes the room that there is; a name that is too long for it loses its middle."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "dim")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._name, self._form = "", "{title}"

    def show_name(self, name: str, form: str = "{title}") -> None:
        """Show a name as far as it fits, and what stands around it in full.

        Args:
            name: Of what is open.
            form: With the field `title`.
        """
        self._name, self._form = name, form
        self.setAccessibleName(form.format(title=name))
        metrics = self.fontMetrics()
        room_px = self.width() - metrics.horizontalAdvance(form.format(title=""))
        if room_px < metrics.horizontalAdvance(_LEAST_NAME):
            form, room_px = "{title}", self.width()
        short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room_px)
        self.setText(form.format(title=short))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more, or less."""
        super().resizeEvent(event)
        self.show_name(self._name, self._form)


class TitleBar(QFrame):
    """One row instead of a menu row and a tool row.

    Attributes:
        menu_bar: The menus.
        pages: Which page is shown.

    Signals:
        undo_requested: Take the last edit back.
    """

    undo_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(HEIGHT_PX)
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.pages = PageSwitch()
        self._document = Title()
        self._undo = button(tr("Undo"), description=_UNDO_TEXT)
        self._undo.clicked.connect(self.undo_requested)
        self._export = button(
            tr("Export…"), "main", tr("Export"), tr("Export the video or the stems.")
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 1)
        layout.setSpacing(8)
        layout.addWidget(label("Reprise", "brand"))
        layout.addWidget(self.menu_bar)
        # Before what grows and shrinks: they are where they were.
        layout.addWidget(self.pages)
        layout.addWidget(self._document, 1)
        layout.addWidget(self._undo)
        layout.addWidget(self._export)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._undo.setIcon(icon("undo", theme.text, theme.off_sign))

    def set_keys(self, keys: KeyMap) -> None:
        """Say these keys beside what the buttons do."""
        self._undo.setToolTip(with_key(_UNDO_TEXT, keys[Command.UNDO]))
        self._undo.setAccessibleDescription(self._undo.toolTip())

    def set_export_actions(self, actions: list[QAction]) -> None:
        """Offer these behind Export."""
        menu = QMenu(self._export)
        menu.addActions(actions)
        self._export.setMenu(menu)

    def show_document(self, title: str, *, edited: bool) -> None:
        """Show what is open."""
        self._document.show_name(title, tr("{title} — edited") if title and edited else "{title}")
        self._document.setToolTip(title)

    def show_undo(self, name: str) -> None:
        """Show what Undo would take back; empty when there is nothing."""
        self._undo.setAccessibleName(tr("Undo: {name}", name=name) if name else tr("Undo"))
        self._undo.setEnabled(bool(name))
        self._fit_undo()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say more, or less, of what Undo takes back."""
        super().resizeEvent(event)
        self._fit_undo()

    def lock_pages(self, *, locked: bool) -> None:
        """Keep the page that is shown, or allow others."""
        self.pages.setEnabled(not locked)

    def show_export(self, *, enabled: bool) -> None:
        """Show whether there is something to export."""
        self._export.setEnabled(enabled)

    def _fit_undo(self) -> None:
        """Name the edit in the room that nothing else needs; names of files may be long."""
        words, metrics = self._undo.accessibleName(), self.fontMetrics()
        self._undo.setText(tr("Undo"))
        spare_px = self.width() - self.sizeHint().width() - _LEAST_TITLE_PX
        room_px = min(metrics.horizontalAdvance(tr("Undo")) + spare_px, _UNDO_PX)
        if room_px >= _LEAST_UNDO_PX:
            middle = Qt.TextElideMode.ElideMiddle
            self._undo.setText(metrics.elidedText(words, middle, room_px))
