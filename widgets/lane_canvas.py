"""The lanes of the timeline: pictures, waveforms, marked stretches, play head."""

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from engine.translation import ntr, tr
from engine.types import Region
from widgets.accessibility import describe
from widgets.canvas_drags import CanvasDrags
from widgets.clip_layer import ClipLayer
from widgets.envelope_layer import EnvelopeLayer
from widgets.lane_painter import LanePainter
from widgets.lane_rows import LaneRows
from widgets.lane_view import LaneView
from widgets.lanes import Doubt, LaneSpec, WaveformSource, is_audible
from widgets.mark_painter import paint_guide, paint_line, paint_on_lanes
from widgets.marks import Marks
from widgets.picture_lane import PictureLane
from widgets.snapping import SnapPoint
from widgets.spectrogram_tiles import tiles_in
from widgets.theme import Theme
from widgets.time_axis import TimeAxis

_SILENT_OPACITY = 0.38
_NEXT_FRAME_MS = 10
_PENDING = tr("This is being separated again; until then the old sound goes on.")
_EMPTY = tr("The lanes of the sound appear here.")


class LaneCanvas(QWidget):
    """Paints the lanes; knows nothing of the heads beside it.

    Waveforms and spectrograms are image tiles; moving the play head repaints two narrow strips
    from these.

    Signals:
        wheel_turned: QWheelEvent, for whoever zooms and pans.
        pan_requested: Distance in pixels, positive shows later times.
        width_changed: New width in pixels.

    Attributes:
        rows: Where the lanes lie.
        pictures: What is above the lanes of sound.
        spectrograms: Asks for what it shows and does not know.
        drags: What is dragged with the left button.
    """

    wheel_turned = Signal(QWheelEvent)
    pan_requested = Signal(float)
    width_changed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._axis = TimeAxis()
        self._lanes: tuple[LaneSpec, ...] = ()
        self.rows = LaneRows()
        self.pictures = PictureLane()
        self._painter = LanePainter()
        self.spectrograms = self._painter.spectrograms
        self.clips, self.envelopes = ClipLayer(), EnvelopeLayer()
        self._position_s = 0.0
        self._marks = Marks()
        self._guide: SnapPoint | None = None
        self._pan_from_x: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.drags = CanvasDrags(self)
        self._next_frame = QTimer(self)
        self._next_frame.setSingleShot(True)
        self._next_frame.setInterval(_NEXT_FRAME_MS)
        self._next_frame.timeout.connect(self.update)
        self.spectrograms.changed.connect(self._update_lane)
        self.pictures.changed.connect(self._on_pictures)
        self.clips.changed.connect(self.update)
        self.envelopes.changed.connect(self.update)
        self._on_pictures()

    def sizeHint(self) -> QSize:
        """All lanes in full height."""
        return QSize(400, self.rows.height_px)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self.spectrograms.recolor()
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
        self.clips.show_lanes(lanes)
        self.envelopes.show_lanes(lanes)
        self._set_rows(replace(self.rows, num_lanes=len(lanes)))

    def set_lane_height(self, lane_height_px: int) -> None:
        """Give all lanes of sound another height."""
        self._set_rows(replace(self.rows, lane_height_px=lane_height_px))

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Show a sound in a lane."""
        self._painter.set_waveform(lane_id, source)
        self._update_lane(lane_id)

    def set_regions(self, lane_id: str, regions: tuple[Region, ...]) -> None:
        """Mark stretches of a lane."""
        self._painter.set_regions(lane_id, regions)
        self._update_lane(lane_id)

    def set_marks(self, marks: Marks) -> None:
        """Show what is marked; what is not selected is shaded."""
        self._marks = marks
        self.update()

    def set_guide(self, guide: SnapPoint | None) -> None:
        """Show what a drag holds on to."""
        self._guide = guide
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
        """Begin to pan with the middle button."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from_x = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan; without a button say why what is pointed at is marked."""
        x = event.position().x()
        if self._pan_from_x is not None and event.buttons() & Qt.MouseButton.MiddleButton:
            self.pan_requested.emit(self._pan_from_x - x)
            self._pan_from_x = x
        elif not event.buttons():
            place = event.position().toPoint()
            self.setToolTip(doubts_at(place, self._lanes, self.rows, self._axis))

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
        self._painter.begin_frame()
        self.pictures.paint(painter, view, event.rect())
        for index, lane in enumerate(self._lanes):
            row = self.rows.row(index, self.width())
            visible = row.intersected(event.rect())
            if not visible.isEmpty():
                painter.setOpacity(1.0 if is_audible(lane, self._lanes) else _SILENT_OPACITY)
                self._painter.paint(painter, view, lane, row, visible)
                self.clips.paint(painter, view, lane, row, visible)
                self.envelopes.paint(painter, view, lane, row)
        painter.setOpacity(1.0)
        line = QColor(self._theme.line)
        if self._lanes:
            for y in self.rows.feet_px(self.height()):
                painter.fillRect(event.rect().left(), y, event.rect().width(), 1, line)
        else:
            painter.setPen(QColor(self._theme.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _EMPTY)
        if self._axis.duration_s:
            paint_on_lanes(painter, self._axis, self._marks, self._theme, event.rect())
            paint_line(painter, self._playhead_x(), self.height(), self._theme, self._theme.text)
            if self._guide is not None:
                paint_guide(painter, self._axis, self._guide, self._theme, self.height())
        if self._painter.is_behind:
            self._next_frame.start()
        # All that is seen, not only what is being painted.
        self.spectrograms.look_at(
            tile
            for index, lane in enumerate(self._lanes)
            if lane.as_spectrogram and view.axis.duration_s
            for tile in tiles_in(view, lane.lane_id, self.rows.row(index, self.width()))
        )

    def _playhead_x(self) -> int:
        return math.floor(self._axis.x_at(self._position_s) + 1e-6)

    def _on_pictures(self) -> None:
        cuts = (
            ntr(
                "The picture is cut {count} time.",
                "The picture is cut {count} times.",
                self.pictures.num_cuts,
            )
            if self.pictures.num_cuts
            else ""
        )
        words = tr("Pictures and the sound of each lane; the ruler above moves the play head.")
        describe(self, tr("Waveforms"), f"{cuts} {words}".strip())
        self._set_rows(replace(self.rows, has_pictures=self.pictures.is_shown))

    def _set_rows(self, rows: LaneRows) -> None:
        self.rows = rows
        self.updateGeometry()
        self.update()

    def _update_lane(self, lane_id: str) -> None:
        for index, lane in enumerate(self._lanes):
            if lane.lane_id == lane_id:
                self.update(self.rows.row(index, self.width()))


def doubts_at(place: QPoint, lanes: Sequence[LaneSpec], rows: LaneRows, axis: TimeAxis) -> str:
    """Why a place is marked: what to listen for, or what is being done; empty where it is not."""
    time_s = axis.time_at(place.x())
    return "\n".join(
        mark.words
        for index, lane in enumerate(lanes)
        if rows.row(index, axis.width_px).contains(place)
        for mark in (*lane.doubts, *(Doubt(region, _PENDING) for region in lane.pending))
        if mark.region.start_s <= time_s < mark.region.end_s
    )
