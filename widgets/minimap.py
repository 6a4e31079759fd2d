"""The whole length as a thin strip, with the visible window in it as a frame."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider

from engine.translation import tr
from widgets.accessibility import describe
from widgets.clips import ClipSpec
from widgets.lanes import LaneSpec, Peaks, WaveformSource, is_audible
from widgets.mark_painter import fill
from widgets.marks import Marks
from widgets.theme import Theme
from widgets.time_axis import TimeAxis
from widgets.time_view import TimeView
from widgets.waveform_tiles import waveform_image

HEIGHT_PX = 18
_LEAST_FRAME_PX = 8
_EDGE_PX = 5
_BAND_PX = 2
_BAR_PX = 3
_OUTSIDE_ALPHA = 150
_ZOOM = 1.5
_MS = 1000
_ZOOM_KEYS = {Qt.Key.Key_Up: _ZOOM, Qt.Key.Key_Down: 1 / _ZOOM}
# A slider would go the other way.
_PAGE_KEYS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_SLIDER_KEYS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}
_OWN_KEYS = {*_ZOOM_KEYS, *_PAGE_KEYS, *_SLIDER_KEYS}


class Hold(Enum):
    """What a press takes hold of."""

    START = auto()
    END = auto()
    FRAME = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole length on so many pixels: pure geometry.

    Attributes:
        axis: The visible stretch of time.
        width_px: Width of the strip.
    """

    axis: TimeAxis
    width_px: int

    def x_at(self, time_s: float) -> float:
        """Place of a time; while nothing is open all lies at the left."""
        if not self.axis.duration_s:
            return 0.0
        return time_s / self.axis.duration_s * self.width_px

    def time_at(self, x: float) -> float:
        """Time of a place, kept within the sound."""
        part = min(max(x / self.width_px, 0.0), 1.0)
        return part * self.axis.duration_s

    def frame_px(self) -> tuple[float, float]:
        """Left and right edge of the frame, never too near each other to be seen."""
        end_s = min(self.axis.end_s, self.axis.duration_s)
        left, right = self.x_at(self.axis.start_s), self.x_at(end_s)
        span = max(right - left, float(_LEAST_FRAME_PX))
        left = min(max((left + right - span) / 2, 0.0), self.width_px - span)
        return left, left + span

    def hold_at(self, x: float) -> Hold:
        """What lies at a place."""
        left, right = self.frame_px()
        # Of a narrow frame the edges lie outside, so that its middle can be held, too.
        inside = min(_EDGE_PX, (right - left) / 4)
        if left - _EDGE_PX <= x < left + inside:
            return Hold.START
        if right - inside < x <= right + _EDGE_PX:
            return Hold.END
        return Hold.FRAME if left <= x <= right else Hold.NOTHING


class Minimap(QAbstractSlider):
    """Does what a scroll bar does, and zooms; its value is the begin of the view in milliseconds.

    Inside the frame a drag moves it, at its edges it zooms, elsewhere the frame comes along. A
    double click shows everything. Arrows move and zoom.
    """

    def __init__(self, theme: Theme, view: TimeView) -> None:
        super().__init__()
        self._theme, self._view = theme, view
        self._lanes: tuple[LaneSpec, ...] = ()
        self._sources: dict[str, WaveformSource] = {}
        self._marks = Marks()
        self._clips: tuple[ClipSpec, ...] = ()
        self._position_s = 0.0
        self._image = QImage()
        self._drawn: tuple[float, int] | None = None
        self._hold = Hold.NOTHING
        self._held_s = 0.0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(HEIGHT_PX)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.actionTriggered.connect(
            lambda: view.show(view.axis.moved_to(self.sliderPosition() / _MS))
        )
        view.changed.connect(self._show_axis)
        describe(
            self,
            tr("Visible time"),
            tr("Begin of the view in milliseconds. Left and Right move it, Up and Down zoom."),
        )

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        self._redraw()

    def set_lanes(self, lanes: tuple[LaneSpec, ...]) -> None:
        """Show what is heard of these lanes."""
        kept = {lane.lane_id for lane in lanes}
        self._sources = {name: known for name, known in self._sources.items() if name in kept}
        self._lanes = lanes
        self._redraw()

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Take the sound of a lane; None forgets it."""
        self._sources.pop(lane_id, None)
        if source is not None:
            self._sources[lane_id] = source
        self._redraw()

    def set_marks(self, marks: Marks) -> None:
        """Show what is marked."""
        self._marks = marks
        self.update()

    def set_clips(self, clips: tuple[ClipSpec, ...]) -> None:
        """Show where music is placed."""
        self._clips = clips
        self.update()

    def set_playhead(self, position_s: float) -> None:
        """Move the play head."""
        before = self._position_s
        self._position_s = position_s
        places = [math.floor(self._overview().x_at(time_s)) for time_s in (before, position_s)]
        if places[0] != places[1]:
            for x in places:
                self.update(x - 1, 0, 3, HEIGHT_PX)

    def event(self, event: QEvent) -> bool:
        """Take the keys that move the view before the window does something else with them."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and Qt.Key(event.key()) in _OWN_KEYS:
            event.setAccepted(not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
            if event.isAccepted():
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom around the middle, turn the page, or do what sliders do."""
        key, axis = Qt.Key(event.key()), self._view.axis
        if key in _ZOOM_KEYS:
            self._view.show(axis.zoomed(_ZOOM_KEYS[key], axis.width_px / 2))
        elif key in _PAGE_KEYS:
            self._view.turn_page(_PAGE_KEYS[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the frame, or fetch it."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        overview, x = self._overview(), event.position().x()
        self._hold = overview.hold_at(x)
        axis = self._view.axis
        if self._hold is Hold.NOTHING:
            self._hold, self._held_s = Hold.FRAME, (axis.end_s - axis.start_s) / 2
            self._drag(x)
        else:
            self._held_s = overview.time_at(x) - axis.start_s

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held; else show what could be."""
        x = event.position().x()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(x)
            return
        shapes = {
            Hold.NOTHING: Qt.CursorShape.ArrowCursor,
            Hold.FRAME: Qt.CursorShape.OpenHandCursor,
        }
        self.setCursor(shapes.get(self._overview().hold_at(x), Qt.CursorShape.SizeHorCursor))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._hold = Hold.NOTHING

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Show everything."""
        self._view.show(self._view.axis.fitted())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Do what the wheel does over the lanes; it zooms at the time that is pointed at."""
        axis = self._view.axis
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = _ZOOM if event.angleDelta().y() > 0 else 1 / _ZOOM
            self._view.zoom(factor, self._overview().time_at(event.position().x()))
        elif not axis.is_fitted:
            self._view.turn_wheel(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sound, placed music, the marks and the frame."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._theme.panel))
        painter.fillRect(event.rect().left(), 0, event.rect().width(), 1, QColor(self._theme.line))
        if self._view.axis.duration_s:
            painter.drawImage(QPointF(0, 1), self._sound())
            paint_clips(painter, self._overview(), self._clips, self._lanes, self._theme)
            paint_overview(painter, self._overview(), self._marks, self._position_s, self._theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _sound(self) -> QImage:
        ratio, duration_s = self.devicePixelRatioF(), self._view.axis.duration_s
        width, height = round(self.width() * ratio), round((HEIGHT_PX - 1) * ratio)
        if self._drawn != (duration_s, width):
            self._drawn = duration_s, width
            peaks = heard_peaks(self._lanes, self._sources, duration_s, width)
            self._image = waveform_image(peaks, height, QColor(self._theme.dim))
            self._image.setDevicePixelRatio(ratio)
        return self._image

    def _drag(self, x: float) -> None:
        axis, time_s = self._view.axis, self._overview().time_at(x)
        if self._hold is Hold.FRAME:
            self._view.show(axis.moved_to(time_s - self._held_s))
        elif self._hold is Hold.START:
            self._view.show(axis.spanning(time_s, axis.end_s))
        elif self._hold is Hold.END:
            self._view.show(axis.spanning(axis.start_s, time_s))

    def _overview(self) -> Overview:
        return Overview(self._view.axis, max(self.width(), 1))

    def _show_axis(self, axis: TimeAxis) -> None:
        span_s = min(axis.end_s - axis.start_s, axis.duration_s)
        self.setRange(0, round((axis.duration_s - span_s) * _MS))
        self.setPageStep(max(round(span_s * _MS), 1))
        self.setSingleStep(max(round(span_s * _MS / 10), 1))
        self.setValue(round(axis.start_s * _MS))
        self.update()

    def _redraw(self) -> None:
        self._drawn = None
        self.update()


def heard_peaks(
    lanes: tuple[LaneSpec, ...],
    sources: Mapping[str, WaveformSource],
    duration_s: float,
    num_bins: int,
) -> Peaks:
    """About how loud it gets where, as if no two lanes sounded alike: (num_bins, 2) float32."""
    power = np.zeros(num_bins, np.float32)
    for lane in lanes:
        source = sources.get(lane.lane_id)
        if source is not None and is_audible(lane, lanes):
            peaks = source.window(0.0, duration_s, num_bins)
            gain = 10 ** (lane.gain_db / 20)
            power += np.square(np.abs(peaks).max(axis=1) * np.float32(gain))
    loudest = np.minimum(np.sqrt(power), 1)
    return np.stack([-loudest, loudest], axis=1)


def paint_clips(
    painter: QPainter,
    overview: Overview,
    clips: Sequence[ClipSpec],
    lanes: tuple[LaneSpec, ...],
    theme: Theme,
) -> None:
    """Draw placed music as bars along the upper edge; grey is what is not heard."""
    heard = {lane.lane_id for lane in lanes if is_audible(lane, lanes)}
    bars: dict[bool, list[QRect]] = {False: [], True: []}
    for clip in clips:
        left, right = round(overview.x_at(clip.start_s)), round(overview.x_at(clip.end_s))
        # What follows without a pause can still be told apart.
        place = QRect(left, 1, max(right - left - 1, 2), _BAR_PX)
        bars[clip.lane_id in heard and bool(clip.sound_id)].append(place)
    fill(painter, bars[False], QColor(theme.dim))
    fill(painter, bars[True], theme.lane_color("music"))


def paint_overview(
    painter: QPainter, overview: Overview, marks: Marks, position_s: float, theme: Theme
) -> None:
    """Draw marks and play head, shade what is out of sight, and draw the frame around the rest."""
    if marks.selection is not None:
        left, right = (
            round(overview.x_at(time_s))
            for time_s in (marks.selection.start_s, marks.selection.end_s)
        )
        top = HEIGHT_PX - _BAND_PX
        painter.fillRect(left, top, max(right - left, 1), _BAND_PX, QColor(theme.accent))
    places = (round(overview.x_at(marker.time_s)) for marker in marks.markers)
    fill(painter, [QRect(x, 1, 1, HEIGHT_PX) for x in places], QColor(theme.warn))
    left, right = (round(edge) for edge in overview.frame_px())
    shade = QColor(theme.window)
    shade.setAlpha(_OUTSIDE_ALPHA)
    painter.fillRect(0, 1, left, HEIGHT_PX, shade)
    painter.fillRect(right, 1, overview.width_px - right, HEIGHT_PX, shade)
    painter.setPen(QColor(theme.dim))
    painter.drawRect(QRect(left, 1, right - left - 1, HEIGHT_PX - 2))
    head = math.floor(overview.x_at(position_s))
    painter.fillRect(head, 1, 1, HEIGHT_PX, QColor(theme.text))
