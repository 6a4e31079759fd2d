"""Draws placed music over the lanes of the canvas, and knows which clip is selected."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from engine.translation import tr
from widgets.clips import ClipGrip, ClipPart, ClipSpec, clip_rect, fade_handles, grip_at
from widgets.lane_view import LaneView
from widgets.lanes import LaneSpec, WaveformSource
from widgets.theme import Theme, ui_font
from widgets.tile_painting import paint_tile, waveform_tiles
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TileCache

_RADIUS_PX = 4.0
_NAME_PX = 11
_NAME_MARGIN_PX = 6
_GROUND_ALPHA = 40
_NAME_ALPHA = 200
_FADED_ALPHA = 110
_LEAST_NAMED_PX = 40


class ClipLayer(QObject):
    """The clips of all lanes. What can be grabbed is what was drawn last.

    Signals:
        changed: There is something else to see.
        clips_changed: `clips` are others.

    Attributes:
        clips: As they are drawn, those on top last.
        selected: clip_id that the keys act on; None for none.
    """

    changed = Signal()
    clips_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.clips: tuple[ClipSpec, ...] = ()
        self.selected: int | None = None
        self._sources: dict[str, WaveformSource] = {}
        self._tiles = TileCache(96)
        self._grip: ClipGrip | None = None
        self._axis = TimeAxis()
        self._rows: dict[str, QRect] = {}

    def set_clips(self, clips: tuple[ClipSpec, ...]) -> None:
        """Show these clips."""
        self.clips = clips
        for sound_id in self._sources.keys() - {clip.sound_id for clip in clips}:
            del self._sources[sound_id]
            self._tiles.forget(sound_id)
        self.clips_changed.emit()
        self.changed.emit()

    def show_lanes(self, lanes: Iterable[LaneSpec]) -> None:
        """Know the rows of these lanes only, also while nothing lies in one."""
        lane_ids = {lane.lane_id for lane in lanes}
        self._rows = {lane_id: row for lane_id, row in self._rows.items() if lane_id in lane_ids}

    def set_sound(self, sound_id: str, source: WaveformSource) -> None:
        """Show a track's waveform in its clips."""
        self._tiles.forget(sound_id)
        self._sources[sound_id] = source
        self.changed.emit()

    def select(self, clip_id: int | None) -> None:
        """Show which clip is selected."""
        if clip_id != self.selected:
            self.selected = clip_id
            self.changed.emit()

    def show_grip(self, grip: ClipGrip | None) -> None:
        """Show what the mouse would take hold of."""
        if grip != self._grip:
            self._grip = grip
            self.changed.emit()

    def grip_at(self, place: QPointF) -> ClipGrip | None:
        """What of a clip lies at a place of the canvas."""
        return grip_at(place, self.clips, self._axis, self._rows)

    def rect_of(self, clip: ClipSpec) -> QRectF:
        """Where a clip was drawn on the canvas; empty before it was."""
        row = self._rows.get(clip.lane_id)
        return clip_rect(clip, self._axis, row) if row is not None else QRectF()

    def lane_at(self, y: float) -> str:
        """The lane of music at a height; empty where there is none."""
        rows = self._rows.items()
        return next((lane for lane, row in rows if row.top() <= y <= row.bottom()), "")

    def time_at(self, x: float) -> float:
        """The time at a place of the canvas."""
        return self._axis.time_at(x)

    @property
    def axis(self) -> TimeAxis:
        """The stretch of time that was drawn."""
        return self._axis

    def paint(
        self, painter: QPainter, view: LaneView, lane: LaneSpec, row: QRect, visible: QRect
    ) -> None:
        """Draw the clips of a lane; over its frequencies they are frames.

        Args:
            painter: On the canvas, in logical pixels.
            view: Colours and the visible stretch of time.
            lane: Which lane.
            row: Where it lies.
            visible: The part of the row that has to be drawn.
        """
        self._axis = view.axis
        if lane.lane_id in self._rows:
            self._rows[lane.lane_id] = row
        for clip in self.clips:
            if clip.lane_id != lane.lane_id:
                continue
            self._rows[lane.lane_id] = row
            rect = clip_rect(clip, view.axis, row)
            if rect.intersects(QRectF(visible)):
                if not lane.as_spectrogram:
                    self._paint_ground(painter, view, clip, rect, visible)
                self._paint_frame(painter, view, clip, rect, visible)
                if self._shows_handles(clip):
                    _paint_handles(painter, view.theme, fade_handles(clip, view.axis, row))

    def _shows_handles(self, clip: ClipSpec) -> bool:
        is_hovered = self._grip is not None and self._grip.clip.clip_id == clip.clip_id
        return is_hovered or clip.clip_id == self.selected

    def _paint_ground(
        self, painter: QPainter, view: LaneView, clip: ClipSpec, rect: QRectF, visible: QRect
    ) -> None:
        painter.save()
        painter.setClipRect(rect.intersected(QRectF(visible)))
        ground = view.theme.lane_color("music")
        ground.setAlpha(_GROUND_ALPHA)
        painter.fillRect(rect, ground)
        if clip.sound_id in self._sources:
            self._paint_waveform(painter, view, clip, rect, visible)
        if not clip.sound_id:
            painter.fillRect(rect, QBrush(QColor(view.theme.warn), Qt.BrushStyle.BDiagPattern))
        painter.restore()

    def _paint_frame(
        self, painter: QPainter, view: LaneView, clip: ClipSpec, rect: QRectF, visible: QRect
    ) -> None:
        theme, is_selected = view.theme, clip.clip_id == self.selected
        painter.save()
        painter.setClipRect(visible)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_fades(painter, theme, clip, rect, view.axis)
        _paint_name(painter, theme, clip, rect)
        edge = QColor(theme.accent) if is_selected else theme.lane_color("music")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(edge, 2 if is_selected else 1))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX, _RADIUS_PX)
        painter.restore()

    def _paint_waveform(
        self, painter: QPainter, view: LaneView, clip: ClipSpec, rect: QRectF, visible: QRect
    ) -> None:
        track = view.of_sound(clip.origin_s, clip.track_duration_s)
        source, color = self._sources[clip.sound_id], view.theme.lane_color("music")
        seen = rect.toAlignedRect().intersected(visible)
        for key in waveform_tiles(track, clip.sound_id, rect.height(), color, seen):
            image = self._tiles.tile(key, source, clip.track_duration_s)
            paint_tile(painter, track, key.index, image, rect.top())


def _paint_fades(
    painter: QPainter, theme: Theme, clip: ClipSpec, rect: QRectF, axis: TimeAxis
) -> None:
    """Darken what the fades take away, with a line along them."""
    ends = (
        (clip.fade_in, clip.start_s, 1.0),
        (clip.fade_out, clip.end_s, -1.0),
    )
    for fade, from_s, way in ends:
        if fade.duration_s <= 0:
            continue
        steps = len(fade.gains) - 1
        line = [
            QPointF(
                axis.x_at(from_s + way * fade.duration_s * number / steps),
                rect.bottom() - gain * rect.height(),
            )
            for number, gain in enumerate(fade.gains)
        ]
        shade = QColor(theme.window)
        shade.setAlpha(_FADED_ALPHA)
        area = QPainterPath()
        corners = [QPointF(end.x(), rect.top()) for end in (line[-1], line[0])]
        area.addPolygon(QPolygonF([*line, *corners]))
        painter.fillPath(area, shade)
        painter.setPen(QPen(QColor(theme.text), 1))
        painter.drawPolyline(QPolygonF(line))


def _paint_name(painter: QPainter, theme: Theme, clip: ClipSpec, rect: QRectF) -> None:
    if rect.width() < _LEAST_NAMED_PX:
        return
    font = ui_font()
    font.setPixelSize(_NAME_PX)
    painter.setFont(font)
    # In sight as long as any of the clip is.
    left = max(rect.left(), 0.0) + _NAME_MARGIN_PX
    room = rect.right() - _NAME_MARGIN_PX - left
    words = clip.name if clip.sound_id else tr("{clip} is missing", clip=clip.name)
    text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room))
    width = painter.fontMetrics().horizontalAdvance(text)
    ground = QColor(theme.lane)
    ground.setAlpha(_NAME_ALPHA)
    plate = QRectF(left - 2, rect.top() + 2, width + 4, _NAME_PX + 3)
    painter.fillRect(plate, ground)
    painter.setPen(QColor(theme.text))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _paint_handles(painter: QPainter, theme: Theme, handles: Mapping[ClipPart, QPointF]) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.window), 1))
    painter.setBrush(QColor(theme.text))
    for place in handles.values():
        painter.drawRect(QRectF(place.x() - 3, place.y() - 3, 6, 6))
    painter.restore()
