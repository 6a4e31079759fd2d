"""Placed music under the mouse: move, trim, slip, fade."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from widgets.clip_layer import ClipLayer
from widgets.clips import ClipGrip, ClipPart, snap_points
from widgets.snapping import Snapping

_DRAG_PX = 3
"""A click does not move what it hits."""

_GROUP = "clips"
_CURSORS = {
    ClipPart.BODY: Qt.CursorShape.OpenHandCursor,
    ClipPart.START: Qt.CursorShape.SizeHorCursor,
    ClipPart.END: Qt.CursorShape.SizeHorCursor,
    ClipPart.FADE_IN: Qt.CursorShape.PointingHandCursor,
    ClipPart.FADE_OUT: Qt.CursorShape.PointingHandCursor,
}


class ClipDrag(QObject):
    """A `widgets.canvas_drags.CanvasDrag`. With Alt a clip slips; with Ctrl nothing snaps.

    Signals:
        clip_pressed: clip_id that the user took hold of.
        clip_opened: clip_id that was clicked twice.
        moved: clip_id, where it begins now, and the lane that is pointed at (empty for its own).
        trimmed: clip_id, "in" or "out", and where that end is now.
        slipped: clip_id, and the time of the track that it begins with now.
        faded: clip_id, "in" or "out", and how long the fade is now.
        given_up: All that the drag did is to be taken back; see `CanvasDrags.drag_id`.
    """

    clip_pressed = Signal(int)
    clip_opened = Signal(int)
    moved = Signal(int, float, str)
    trimmed = Signal(int, str, float)
    slipped = Signal(int, float)
    faded = Signal(int, str, float)
    given_up = Signal()

    def __init__(self, layer: ClipLayer, snapping: Snapping) -> None:
        super().__init__(layer)
        self._layer, self._snapping = layer, snapping
        self._grip: ClipGrip | None = None
        self._anchors_s: tuple[float, ...] = ()
        self._pressed = QPointF()
        self._is_moving = False
        layer.clips_changed.connect(self._on_clips)

    @property
    def is_holding(self) -> bool:
        """Whether a clip is being dragged."""
        return self._grip is not None

    def hover(self, place: QPointF | None) -> Qt.CursorShape | None:
        """Show the handles of the clip at a place."""
        grip = self._layer.grip_at(place) if place is not None else None
        self._layer.show_grip(grip)
        return _CURSORS[grip.part] if grip is not None else None

    def press(self, event: QMouseEvent) -> bool:
        """Take hold of a clip and select it."""
        self._grip = grip = self._layer.grip_at(event.position())
        self._pressed, self._is_moving = event.position(), False
        if grip is None:
            return False
        clip = grip.clip
        self._anchors_s = clip.start_s, clip.end_s, *clip.heard_beats_s
        # Nothing holds on to itself.
        self._show_points(without=clip.clip_id)
        self.clip_pressed.emit(grip.clip.clip_id)
        if event.type() == event.Type.MouseButtonDblClick:
            self.clip_opened.emit(grip.clip.clip_id)
        return True

    def move(self, event: QMouseEvent) -> None:
        """Do to the clip what its part means."""
        grip, way = self._grip, event.position() - self._pressed
        if grip is None:
            return
        self._is_moving = self._is_moving or way.manhattanLength() >= _DRAG_PX
        if self._is_moving:
            self._drag(grip, way.x() / self._layer.axis.px_per_s, event)

    def release(self, event: QMouseEvent) -> None:
        """Leave the clip where the mouse is now."""
        self.move(event)
        self._end()

    def cancel(self) -> None:
        """Have it back as it was."""
        self.given_up.emit()
        self._end()

    def _on_clips(self) -> None:
        # A drag moves its own clip alone, and is told of it all the time.
        if self._grip is None:
            self._show_points()

    def _show_points(self, without: int | None = None) -> None:
        self._snapping.set_points(_GROUP, snap_points(self._layer.clips, without))

    def _end(self) -> None:
        self._grip = None
        self._show_points()
        self._snapping.let_go()

    def _drag(self, grip: ClipGrip, way_s: float, event: QMouseEvent) -> None:
        clip, clip_id = grip.clip, grip.clip.clip_id
        is_slip = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        match grip.part:
            case ClipPart.START:
                way_s = self._snapped(event, way_s, (clip.start_s,))
                self.trimmed.emit(clip_id, "in", clip.start_s + way_s)
            case ClipPart.END:
                way_s = self._snapped(event, way_s, (clip.end_s,))
                self.trimmed.emit(clip_id, "out", clip.end_s + way_s)
            case ClipPart.FADE_IN:
                self.faded.emit(clip_id, "in", clip.fade_in.duration_s + way_s)
            case ClipPart.FADE_OUT:
                self.faded.emit(clip_id, "out", clip.fade_out.duration_s - way_s)
            case ClipPart.BODY if is_slip:
                self.slipped.emit(clip_id, clip.track_start_s - way_s)
            case ClipPart.BODY:
                start_s = clip.start_s + self._snapped(event, way_s, self._anchors_s)
                self.moved.emit(clip_id, start_s, self._layer.lane_at(event.position().y()))

    def _snapped(self, event: QMouseEvent, way_s: float, anchors_s: Sequence[float]) -> float:
        """How far the clip goes for the way of the mouse."""
        is_turned = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return self._snapping.snapped_shift(way_s, anchors_s, self._layer.axis, is_turned=is_turned)
