"""Things one under the other, each with a sign and its state in words: files, restores."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from engine.translation import tr
from widgets.accessibility import announce, describe
from widgets.icons import icon
from widgets.queue_view import QueueRow, RowKind
from widgets.theme import SMALL_FONT_PX, Theme

_MOST_SHOWN = 5
_ROW_PX = 44
_PAD_PX = 8
_ICON_PX = 16
_LINE_PX = 16
_BAR_PX = 2
_ROW = Qt.ItemDataRole.UserRole
_ICONS = {
    RowKind.WAITING: "waiting",
    RowKind.RUNNING: "play",
    RowKind.PAUSED: "pause",
    RowKind.DONE: "check",
    RowKind.WARNED: "warning",
    RowKind.FAILED: "error",
    RowKind.CANCELLED: "notice",
}
_TOLD = (RowKind.DONE, RowKind.WARNED, RowKind.FAILED)


class QueueList(QListWidget):
    """Shows each row with its state; one of them is the current one.

    Signals:
        current_changed: Another row is the current one.
    """

    current_changed = Signal()

    def __init__(self, theme: Theme, name: str, description: str) -> None:
        super().__init__()
        self._painter = RowPainter(theme)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        describe(self.verticalScrollBar(), tr("Scroll: {name}", name=name))
        describe(self, name, description)
        self.currentItemChanged.connect(lambda *_: self.current_changed.emit())

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._painter.theme = theme
        self.viewport().update()

    @property
    def current(self) -> QueueRow | None:
        """The file that the buttons are about."""
        item = self.currentItem()
        return _row_of(item) if item is not None else None

    def make_current(self, file_id: int) -> None:
        """Have this row be the current one, if it is there."""
        for item in (self.item(index) for index in range(self.count())):
            if _row_of(item).file_id == file_id:
                self.setCurrentItem(item)

    def show_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show the files; the current one stays the current one as long as it is there."""
        before = self.current
        old = [_row_of(self.item(index)) for index in range(self.count())]
        if [row.file_id for row in old] != [row.file_id for row in rows]:
            self._fill(rows, before.file_id if before is not None else 0)
        for index, row in enumerate(rows):
            self._show_row(self.item(index), row)
        self.setFixedHeight(min(len(rows), _MOST_SHOWN) * _ROW_PX + 2 * self.frameWidth())
        if self.current != before:
            self.current_changed.emit()

    def _fill(self, rows: Sequence[QueueRow], current_id: int) -> None:
        blocker = QSignalBlocker(self)
        self.clear()
        for row in rows:
            item = QListWidgetItem(self)
            item.setData(_ROW, row)
            if row.file_id == current_id:
                self.setCurrentItem(item)
        if rows and self.currentItem() is None:
            self.setCurrentRow(0)
        blocker.unblock()

    def _show_row(self, item: QListWidgetItem, row: QueueRow) -> None:
        before = _row_of(item)
        if item.text() and before == row:
            return
        item.setData(_ROW, row)
        item.setText(f"{row.name}: {row.words}")
        if before.kind is not row.kind and row.kind in _TOLD:
            announce(self, item.text())


class RowPainter(QStyledItemDelegate):
    """Paints a file: sign, name, state below, and how far it is as a line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All rows are alike."""
        return QSize(0, _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint one row."""
        row, place = index.data(_ROW), option.rect
        painter.save()
        painter.setFont(option.font)
        self._paint_ground(painter, option, place)
        left = place.left() + _PAD_PX
        top = place.top() + (place.height() - 2 * _LINE_PX) // 2 - _BAR_PX
        sign = icon(_ICONS[row.kind], self._color(row.kind))
        sign.paint(painter, QRect(left, top + 1, _ICON_PX, _ICON_PX))
        left += _ICON_PX + _PAD_PX
        line = QRect(left, top, place.right() - left - _PAD_PX, _LINE_PX)
        self._paint_words(painter, row, line)
        if row.fraction is not None:
            bar = QRect(left, line.bottom() + _LINE_PX + 3, line.width(), _BAR_PX)
            painter.fillRect(bar, QColor(self.theme.control_line))
            bar.setWidth(round(bar.width() * row.fraction))
            painter.fillRect(bar, QColor(self.theme.accent))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, place: QRect) -> None:
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(self.theme.selected))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(self.theme.accent))
            painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _paint_words(self, painter: QPainter, row: QueueRow, line: QRect) -> None:
        painter.setPen(QColor(self.theme.text))
        _draw_elided(painter, line, row.name, Qt.TextElideMode.ElideMiddle)
        font = painter.font()
        font.setPixelSize(SMALL_FONT_PX)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.dim))
        below = line.translated(0, _LINE_PX)
        _draw_elided(painter, below, row.words, Qt.TextElideMode.ElideRight)

    def _color(self, kind: RowKind) -> str:
        colors = {
            RowKind.RUNNING: self.theme.accent,
            RowKind.DONE: self.theme.ok,
            RowKind.WARNED: self.theme.warn,
            RowKind.FAILED: self.theme.bad,
        }
        return colors.get(kind, self.theme.dim)


def _draw_elided(painter: QPainter, line: QRect, text: str, mode: Qt.TextElideMode) -> None:
    fitting = painter.fontMetrics().elidedText(text, mode, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)


def _row_of(item: QListWidgetItem) -> QueueRow:
    row = item.data(_ROW)
    if not isinstance(row, QueueRow):
        raise TypeError(f"an item of the queue holds {row!r}")
    return row
