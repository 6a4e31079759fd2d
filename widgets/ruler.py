"""The ruler: times, marks, and the play head as a slider for keyboards and screen readers."""

import math

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider

from engine.translation import tr
from widgets.accessibility import describe
from widgets.canvas_drags import CanvasDrags
from widgets.mark_painter import fill, paint_line, paint_on_ruler
from widgets.marks import Grip, MarkerSpec, Marks, SelectionEdge, grip_at, snap_points
from widgets.snapping import Snapping
from widgets.theme import Theme, ui_font
from widgets.time_axis import TimeAxis

HEIGHT_PX = 26
_LABEL_SPACING_PX = 64.0
_LABEL_FONT_PX = 11
_HEAD_HALF_PX = 5
_MS = 1000
_PAGE_MS = 5000
_DRAG_PX = 3
"""A click does not move what it hits."""
_TURNS_SNAPPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Ruler(QAbstractSlider):
    """Shows round times; its value is the play head in milliseconds.

    Signals:
        seek_requested: Time the user pointed at or chose with the keyboard.
        selection_dragged: The end of the selection that stays, and where the other one is now.
        marker_dragged: marker_id and where it is now.
        marker_opened: marker_id that the user wants to call something else.
        given_up: All that the drag did is to be taken back; see `CanvasDrags.drag_id`.
        wheel_turned: QWheelEvent, for whoever zooms and pans.

    Attributes:
        axis: The visible stretch of time.
        marks: What is marked.
        position_s: Where the play head is.
        snapping: What drags hold on to; with Ctrl or Alt it is the other way around.
        drags: Who owns a drag on it.
    """

    seek_requested = Signal(float)
    selection_dragged = Signal(float, float)
    marker_dragged = Signal(int, float)
    marker_opened = Signal(int)
    given_up = Signal()
    wheel_turned = Signal(QWheelEvent)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.axis = TimeAxis()
        self.position_s = 0.0
        self.marks = Marks()
        self.snapping = Snapping()
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPageStep(_PAGE_MS)
        self.setFixedHeight(HEIGHT_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.drags = CanvasDrags(self)
        self.drags.add(RulerDrag(self))
        self.actionTriggered.connect(self._on_action)
        self.snapping.guide_changed.connect(self.update)
        describe(self, tr("Play head"), tr("Position in milliseconds."))

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def set_axis(self, axis: TimeAxis) -> None:
        """Show another stretch of time."""
        self.axis = axis
        self.setRange(0, round(axis.duration_s * _MS))
        self.update()

    def set_marks(self, marks: Marks) -> None:
        """Show other marks."""
        self.marks = marks
        self.update()

    def set_playhead(self, position_s: float) -> None:
        """Move the play head."""
        before = self._playhead_x()
        self.position_s = position_s
        self.setValue(round(position_s * _MS))
        after = self._playhead_x()
        if before != after:
            self._update_head(before)
            self._update_head(after)

    def snapped(self, x: float, modifiers: Qt.KeyboardModifier, dragged: object | None) -> float:
        """The time that a drag at a place means, on the ruler or on the lanes below it.

        Args:
            x: The place.
            modifiers: With Ctrl or Alt it is the other way around.
            dragged: What is dragged, which does not hold on to itself; None for the play head.
        """
        others = snap_points(self.marks, self.position_s, dragged)
        is_turned = bool(modifiers & _TURNS_SNAPPING)
        return self.snapping.snapped(x, self.axis, others, is_turned=is_turned)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Repaint for other ranges; a new value repaints only the play head, see above."""
        if change != QAbstractSlider.SliderChange.SliderValueChange:
            super().sliderChange(change)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Hand the wheel on: it moves the view, not the play head."""
        self.wheel_turned.emit(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the times in the part that is asked for, then the play head."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.panel))
        painter.fillRect(event.rect().left(), HEIGHT_PX - 1, event.rect().width(), 1, self._line())
        font = ui_font()
        font.setPixelSize(_LABEL_FONT_PX)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.dim))
        ticks = []
        for tick in self.axis.ticks(_LABEL_SPACING_PX):
            x = round(self.axis.x_at(tick.time_s))
            if x < event.rect().right() + 1 and x + _LABEL_SPACING_PX > event.rect().left():
                ticks.append(QRect(x, HEIGHT_PX - 7, 1, 6))
                painter.drawText(QPointF(x + 4, HEIGHT_PX - 9), tick.label)
        fill(painter, ticks, self._line())
        if self.axis.duration_s:
            paint_on_ruler(painter, self.axis, self.marks, self._theme, HEIGHT_PX)
            self._paint_head(painter)
            if self.snapping.guide is not None:
                x = round(self.axis.x_at(self.snapping.guide.time_s))
                paint_line(painter, x, HEIGHT_PX, self._theme, self._theme.accent)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _paint_head(self, painter: QPainter) -> None:
        x = self._playhead_x() + 0.5
        head = QPolygonF(
            [QPointF(x - _HEAD_HALF_PX, 0), QPointF(x + _HEAD_HALF_PX, 0), QPointF(x, 7)]
        )
        path = QPainterPath()
        path.addPolygon(head)
        color = QColor(self._theme.text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, color)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.fillRect(self._playhead_x(), 6, 1, HEIGHT_PX - 6, color)

    def _line(self) -> QColor:
        return QColor(self._theme.line)

    def _playhead_x(self) -> int:
        return math.floor(self.axis.x_at(self.position_s) + 1e-6)

    def _update_head(self, x: int) -> None:
        self.update(QRect(x - _HEAD_HALF_PX - 1, 0, 2 * _HEAD_HALF_PX + 3, HEIGHT_PX))

    def _on_action(self, _action: int) -> None:
        self.seek_requested.emit(self.sliderPosition() / _MS)


class RulerDrag:
    """A `widgets.canvas_drags.CanvasDrag` of marks; where there are none the play head follows."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self._grip: Grip | None = None
        self._pressed_x = 0.0
        self._before_s = 0.0

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        """Show where a mark can be taken hold of."""
        is_grip = place is not None and self._grip_at(place.x()) is not None
        return Qt.CursorShape.SizeHorCursor if is_grip else None

    def press(self, event: QMouseEvent) -> bool:
        """Seek, or take hold of a mark; with Shift a new selection begins."""
        self._pressed_x = x = event.position().x()
        self._before_s = self._ruler.position_s
        time_s = self._ruler.axis.time_at(x)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grip = SelectionEdge(time_s)
            return True
        self._grip = grip = self._grip_at(x)
        if isinstance(grip, MarkerSpec) and event.type() == event.Type.MouseButtonDblClick:
            self._grip = None
            self._ruler.marker_opened.emit(grip.marker_id)
            return False
        if not isinstance(grip, SelectionEdge):
            self._ruler.seek_requested.emit(time_s if grip is None else grip.time_s)
        return True

    def move(self, event: QMouseEvent) -> None:
        """Scrub, or drag what was taken hold of."""
        x, grip = event.position().x(), self._grip
        if abs(x - self._pressed_x) < _DRAG_PX:
            return
        self._pressed_x = -math.inf
        time_s = self._ruler.snapped(x, event.modifiers(), grip)
        if grip is None:
            self._ruler.seek_requested.emit(time_s)
        elif isinstance(grip, MarkerSpec):
            self._ruler.marker_dragged.emit(grip.marker_id, time_s)
        else:
            self._ruler.selection_dragged.emit(grip.other_s, time_s)

    def release(self, event: QMouseEvent) -> None:
        """Let go; a click on an end of the selection goes there like any other."""
        if isinstance(self._grip, SelectionEdge) and self._pressed_x > -math.inf:
            self._ruler.seek_requested.emit(self._ruler.axis.time_at(event.position().x()))
        self._end()

    def cancel(self) -> None:
        """Have the marks and the play head where they were."""
        self._ruler.given_up.emit()
        if not isinstance(self._grip, SelectionEdge):
            self._ruler.seek_requested.emit(self._before_s)
        self._end()

    def _grip_at(self, x: float) -> Grip | None:
        return grip_at(x, self._ruler.axis, self._ruler.marks)

    def _end(self) -> None:
        self._grip = None
        self._ruler.snapping.let_go()
