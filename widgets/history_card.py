"""The restores that were tried; one of them is heard, the others can be brought back."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from engine.translation import tr
from widgets.accessibility import describe
from widgets.cards import Card, row
from widgets.queue_list import QueueList
from widgets.queue_view import QueueRow, RowKind
from widgets.styling import button, label
from widgets.theme import Theme


class HistoryCard(Card):
    """A short list, the newest first.

    Signals:
        bring_back_requested: Number of the restore that is wanted again.
        log_requested: Number of the restore whose log is wanted.
    """

    bring_back_requested = Signal(int)
    log_requested = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._chosen = 0
        self._list = QueueList(theme, tr("Restores of this project"), tr("Up and down choose one."))
        self._back = button(
            tr("Bring back"), description=tr("Work with this one; Undo takes it back.")
        )
        self._log = button(tr("Log"), description=tr("Read what was done."))
        self._back.clicked.connect(self._on_back)
        self._log.clicked.connect(self._on_log)
        self._list.current_changed.connect(self._show_current)
        self.column.addWidget(label(tr("History"), "strong"))
        self.column.addWidget(self._list)
        self.column.addLayout(row(self._back, self._log, stretch_after=1))
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._list.set_theme(theme)

    def show_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show the restores; hidden when there are none."""
        self.setVisible(bool(rows))
        self._list.show_rows(rows)
        chosen = next((row.file_id for row in rows if row.kind is RowKind.DONE), 0)
        if chosen != self._chosen:
            # What is worked with now is what one looks at; else the user's own row stays.
            self._chosen = chosen
            self._list.make_current(chosen)
        self._show_current()

    def _show_current(self) -> None:
        current = self._list.current
        name = current.name if current is not None else ""
        self._back.setEnabled(current is not None and current.kind is not RowKind.DONE)
        describe(self._back, tr("Bring back: {name}", name=name), self._back.toolTip())
        describe(self._log, tr("Log: {name}", name=name), self._log.toolTip())

    def _on_back(self) -> None:
        current = self._list.current
        if current is not None:
            self.bring_back_requested.emit(current.file_id)

    def _on_log(self) -> None:
        current = self._list.current
        if current is not None:
            self.log_requested.emit(current.file_id)
