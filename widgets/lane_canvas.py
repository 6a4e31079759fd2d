"""The lanes of the timeline: pictures, waveforms, marked stretches, play head."""

import math

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from engine.types import Region
from widgets.accessibility import describe
from widgets.lane_painter import LanePainter, LaneView
from widgets.lanes import LaneSpec, Thumbnail, WaveformSource, is_audible
from widgets.mark_painter import paint_on_lanes
from widgets.marks import Marks
from widgets.theme import LANE_HEIGHT_PX, Theme
from widgets.thumbnail_strip import ThumbnailStrip
from widgets.time_axis import TimeAxis

_SILENT_OPACITY = 0.38
_STRIP_MARGIN_PX = 3
_EMPTY = "The lanes of the sound appear here."


class LaneCanvas(QWidget):
    """Paints the lanes; knows nothing of the heads beside it.

    Waveforms are image tiles; moving the play head repaints two narrow strips from these.

    Signals:
        seek_requested: Time the user pointed at.
        wheel_turned: QWheelEvent, for whoever zooms and pans.
        pan_requested: Distance in pixels, positive shows later times.
        width_changed: New width in pixels.
    """

    seek_requested = Signal(float)
    wheel_turned = Signal(QWheelEvent)
    pan_requested = Signal(float)
    width_changed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._axis = TimeAxis()
        self._lanes: tuple[LaneSpec, ...] = ()
        self._painter = LanePainter()
        self._thumbnails: tuple[Thumbnail, ...] = ()
        self._strip: ThumbnailStrip | None = None
        self._position_s = 0.0
        self._marks = Marks()
        self._pan_from_x: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        describe(self, "Waveforms", "Pictures and waveforms; the ruler above moves the play head.")

    @property
    def top_px(self) -> int:
        """Where the first lane of sound begins."""
        return LANE_HEIGHT_PX if self._thumbnails else 0

    def sizeHint(self) -> QSize:
        """All lanes in full height."""
        return QSize(400, self.top_px + max(len(self._lanes), 1) * LANE_HEIGHT_PX)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.update()

    def set_axis(self, axis: TimeAxis) -> None:
        """Show another stretch of time."""
        self._axis = axis
        self.update()

    def set_lanes(self, lanes: tuple[LaneSpec, ...]) -> None:
        """Show these lanes; what belongs to lanes that are gone is forgotten."""
        kept = {lane.lane_id for lane in lanes}
        for lane in self._lanes:
            if lane.lane_id not in kept:
                self._painter.forget(lane.lane_id)
        self._lanes = lanes
        self.updateGeometry()
        self.update()

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Show a sound in a lane."""
        self._painter.set_waveform(lane_id, source)
        self._update_lane(lane_id)

    def set_regions(self, lane_id: str, regions: tuple[Region, ...]) -> None:
        """Mark stretches of a lane."""
        self._painter.set_regions(lane_id, regions)
        self._update_lane(lane_id)

    def set_thumbnails(self, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Show pictures above the lanes."""
        self._thumbnails = thumbnails
        self._strip = None
        self.updateGeometry()
        self.update()

    def set_marks(self, marks: Marks) -> None:
        """Show what is marked; what is not selected is shaded."""
        self._marks = marks
        self.update()

    def set_playhead(self, position_s: float) -> None:
        """Move the play head, repainting only where it was and where it is."""
        before = self._playhead_x()
        self._position_s = position_s
        after = self._playhead_x()
        if before != after:
            self.update(before - 1, 0, 3, self.height())
            self.update(after - 1, 0, 3, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek with the left button, begin to pan with the middle one."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.seek_requested.emit(self._axis.time_at(event.position().x()))
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from_x = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub or pan."""
        x = event.position().x()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.seek_requested.emit(self._axis.time_at(x))
        elif self._pan_from_x is not None and event.buttons() & Qt.MouseButton.MiddleButton:
            self.pan_requested.emit(self._pan_from_x - x)
            self._pan_from_x = x

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Hand the wheel on."""
        self.wheel_turned.emit(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the new width."""
        self.width_changed.emit(event.size().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the part that is asked for."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.window))
        view = LaneView(self._theme, self._axis, self.devicePixelRatioF())
        if self._thumbnails:
            self._paint_pictures(painter, view, event.rect())
        for index, lane in enumerate(self._lanes):
            row = QRect(0, self.top_px + index * LANE_HEIGHT_PX, self.width(), LANE_HEIGHT_PX - 1)
            visible = row.intersected(event.rect())
            if not visible.isEmpty():
                painter.setOpacity(1.0 if is_audible(lane, self._lanes) else _SILENT_OPACITY)
                self._painter.paint(painter, view, lane, row, visible)
        painter.setOpacity(1.0)
        if self._lanes:
            self._paint_lines(painter, event.rect())
        else:
            painter.setPen(QColor(self._theme.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _EMPTY)
        if self._axis.duration_s:
            paint_on_lanes(painter, self._axis, self._marks, self._theme, event.rect())
            painter.fillRect(self._playhead_x(), 0, 1, self.height(), QColor(self._theme.text))

    def _paint_pictures(self, painter: QPainter, view: LaneView, dirty: QRect) -> None:
        height = LANE_HEIGHT_PX - 1 - 2 * _STRIP_MARGIN_PX
        if self._strip is None or self._strip.pixel_ratio != view.pixel_ratio:
            self._strip = ThumbnailStrip(self._thumbnails, height, view.pixel_ratio)
        visible = QRect(dirty.left(), _STRIP_MARGIN_PX, dirty.width(), height)
        end_x = math.ceil(self._axis.x_at(self._axis.duration_s))
        painter.save()
        painter.setClipRect(visible.intersected(QRect(0, 0, end_x, LANE_HEIGHT_PX)))
        self._strip.paint(painter, visible, view.origin / view.pixel_ratio, self._axis.px_per_s)
        painter.restore()

    def _paint_lines(self, painter: QPainter, dirty: QRect) -> None:
        color = QColor(self._theme.line)
        for y in range(LANE_HEIGHT_PX - 1, self.height(), LANE_HEIGHT_PX):
            painter.fillRect(dirty.left(), y, dirty.width(), 1, color)

    def _playhead_x(self) -> int:
        return math.floor(self._axis.x_at(self._position_s) + 1e-6)

    def _update_lane(self, lane_id: str) -> None:
        for index, lane in enumerate(self._lanes):
            if lane.lane_id == lane_id:
                top = self.top_px + index * LANE_HEIGHT_PX
                self.update(0, top, self.width(), LANE_HEIGHT_PX)
