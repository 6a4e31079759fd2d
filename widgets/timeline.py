"""The timeline: ruler, pictures, a lane per sound, play head."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QWidget

from engine.translation import tr
from engine.types import Region
from widgets.accessibility import announce
from widgets.clip_drag import ClipDrag
from widgets.envelope_drag import EnvelopeDrag
from widgets.header_column import HeaderColumn
from widgets.lane_canvas import LaneCanvas
from widgets.lanes import LaneSpec, Thumbnail, WaveformSource
from widgets.marks import Marks, snap_points
from widgets.minimap import HEIGHT_PX as MINIMAP_HEIGHT_PX
from widgets.minimap import Minimap
from widgets.region_drag import RegionDrag, edge_points, points_of
from widgets.ruler import HEIGHT_PX as RULER_HEIGHT_PX
from widgets.ruler import Ruler
from widgets.scrubbing import Scrubbing
from widgets.snapping import SnapPoint
from widgets.styling import chain_tab_order, label
from widgets.theme import LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX, TALL_LANE_HEIGHT_PX, Theme
from widgets.time_axis import TimeAxis
from widgets.time_view import TimeView
from widgets.timeline_corner import TimelineCorner
from widgets.track_drop import TrackDrop

_COVER = tr("Waveforms and names stay hidden until the last trial.")
_FEWEST_ROWS_IN_VIEW = 2
_TALLEST_PX = 460
"""Higher lanes scroll instead of taking the room of the picture."""


class Timeline(QWidget):
    """Lanes over time, with their heads at the left.

    Signals:
        seek_requested: Time in seconds that the user pointed at.
        mute_toggled: lane_id, and whether it is to be muted.
        solo_toggled: lane_id, and whether it is to be soloed.
        solo_only_requested: lane_id that alone is to be heard (keys 0 to 9).
        gain_changed: lane_id and the new gain in dB.
        spectrogram_toggled: lane_id, and whether it is to show its frequencies.
        view_changed: First and last visible time in seconds.
        selection_dragged, marker_dragged, marker_opened, marks_given_up: See
            `widgets.ruler.Ruler`.

    Attributes:
        headers: The heads of the lanes; one of them is current.
        view: The visible stretch of time.
        canvas: The lanes themselves.
        clip_drag: What the mouse does to placed music.
        track_drop: Files dropped on the lanes.
        envelope_drag: What it does to gain over time.
        corner: Switches over the heads.
        minimap: The whole length, and what is seen of it.
        snapping: What drags hold on to.
        is_following: The page is turned when the play head leaves the view, as while playing.
        speech: Drags the edges of speech.
    """

    seek_requested = Signal(float)
    mute_toggled = Signal(str, bool)
    solo_toggled = Signal(str, bool)
    solo_only_requested = Signal(str)
    gain_changed = Signal(str, float)
    spectrogram_toggled = Signal(str, bool)
    view_changed = Signal(float, float)
    selection_dragged = Signal(float, float)
    marker_dragged = Signal(int, float)
    marker_opened = Signal(int)
    marks_given_up = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.view = TimeView()
        self._position_s = 0.0
        self.is_following = False
        self._is_tall = False
        self._lanes: tuple[LaneSpec, ...] = ()
        self._wanted: tuple[LaneSpec, ...] = ()
        self._ruler = Ruler(theme)
        self.snapping = self._ruler.snapping
        self.corner = TimelineCorner(RULER_HEIGHT_PX, "bottom")
        self.canvas = LaneCanvas(theme)
        self.clip_drag = ClipDrag(self.canvas.clips, self.snapping)
        self.track_drop = TrackDrop(self.canvas, self.view)
        self.envelope_drag = EnvelopeDrag(self.canvas.envelopes)
        self.speech = RegionDrag("dialogue", self.canvas, self.view, self._ruler, theme)
        self._scrubbing = Scrubbing(self.view, self._ruler, lambda: self._position_s)
        self.canvas.drags.add(self.envelope_drag, self.clip_drag, self.speech)
        self.canvas.drags.add_last(self._scrubbing)
        self.headers = HeaderColumn(theme)
        self.minimap = Minimap(theme, self.view)
        self._area = _scroll_area(self.headers, self.canvas)
        self._cover = label(_COVER, "dim")
        self._cover.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._cover.hide()
        self._foot = TimelineCorner(MINIMAP_HEIGHT_PX, "none")
        _arrange(self, self._ruler, self._area, self._cover, self._foot)
        self._connect()

    @property
    def drag_id(self) -> int:
        """Number of the drag that goes on in the lanes or on the ruler, or was last."""
        return max(self.canvas.drags.drag_id, self._ruler.drags.drag_id)

    def sizeHint(self) -> QSize:
        """All lanes in full height; of tall ones as many as leave room for the picture."""
        frame = RULER_HEIGHT_PX + MINIMAP_HEIGHT_PX
        height = self.canvas.sizeHint().height() + frame
        if self._is_tall:
            height = min(height, max(_TALLEST_PX, (len(self._lanes) + 1) * LANE_HEIGHT_PX + frame))
        return QSize(LANE_HEADER_WIDTH_PX + 400, height)

    def minimumSizeHint(self) -> QSize:
        """Two rows; the rest scrolls."""
        frame = RULER_HEIGHT_PX + MINIMAP_HEIGHT_PX
        return QSize(LANE_HEADER_WIDTH_PX + 200, _FEWEST_ROWS_IN_VIEW * LANE_HEIGHT_PX + frame)

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._ruler.set_theme(theme)
        self.canvas.set_theme(theme)
        self.speech.set_theme(theme)
        self.headers.set_theme(theme)
        self.minimap.set_theme(theme)

    def set_tall(self, *, tall: bool) -> None:
        """Give the lanes more height, in which frequencies can be told apart."""
        self._is_tall = tall
        height_px = TALL_LANE_HEIGHT_PX if tall else LANE_HEIGHT_PX
        self.headers.set_lane_height(height_px)
        self.canvas.set_lane_height(height_px)
        self.updateGeometry()

    def set_lanes(self, lanes: tuple[LaneSpec, ...]) -> None:
        """Show these lanes from top to bottom; waveforms and focus of lanes that stay are kept.

        While a clip is dragged none of them goes, for the mouse may come back to it.
        """
        self._wanted = lanes
        if self.clip_drag.is_holding:
            lanes = _with_those(self._lanes, lanes)
        self._lanes = lanes
        self.headers.set_lanes(lanes)
        self.minimap.set_lanes(lanes)
        self.canvas.set_lanes(lanes)
        self.speech.set_lanes(lanes)
        # The first one stays where it is.
        controls = [self._ruler], self.corner.controls(), self.headers.controls(), [self.minimap]
        chain_tab_order([control for part in controls for control in part])
        self.updateGeometry()

    def set_waveform(self, lane_id: str, source: WaveformSource | None) -> None:
        """Show a sound in a lane; call again when more of its peaks are known."""
        self.canvas.set_waveform(lane_id, source)
        self.minimap.set_waveform(lane_id, source)

    def set_regions(self, lane_id: str, regions: tuple[Region, ...]) -> None:
        """Mark stretches of a lane, such as speech."""
        self.canvas.set_regions(lane_id, regions)
        name = next((lane.name for lane in self._lanes if lane.lane_id == lane_id), lane_id)
        self.snapping.set_points(points_of(lane_id), edge_points(name, regions))
        if lane_id == self.speech.lane_id:
            self.speech.set_regions(regions)

    def set_blind(self, *, blind: bool) -> None:
        """Cover the lanes: in a blind test they would tell what is heard."""
        self._cover.setVisible(blind)
        for hidden in (self._area, self.minimap, self._foot):
            hidden.setVisible(not blind)
        for switch in self.corner.controls():
            switch.setEnabled(not blind)

    def set_thumbnails(self, thumbnails: tuple[Thumbnail, ...]) -> None:
        """Show pictures in the video lane, sorted by time; an empty tuple hides the lane."""
        self.canvas.pictures.set_thumbnails(thumbnails)
        self.headers.show_video(shown=bool(thumbnails))
        self.updateGeometry()

    def set_cuts(self, cuts_s: tuple[float, ...]) -> None:
        """Show when the picture is cut, ascending."""
        self.canvas.pictures.set_cuts(cuts_s)
        self.snapping.set_points("cuts", [SnapPoint(cut_s, tr("Cut")) for cut_s in cuts_s])

    def set_duration(self, duration_s: float) -> None:
        """Set the whole length and show it; 0 means that nothing is open."""
        self.view.show(self.view.axis.with_duration(duration_s))
        ends = SnapPoint(0.0, tr("Start")), SnapPoint(duration_s, tr("End"))
        self.snapping.set_points("ends", ends)

    def set_marks(self, marks: Marks) -> None:
        """Show in and out points and markers."""
        self._ruler.set_marks(marks)
        self.canvas.set_marks(marks)
        self.minimap.set_marks(marks)
        self.snapping.marks = tuple(snap_points(marks, 0.0, None))

    def set_playhead(self, position_s: float) -> None:
        """Move the play head."""
        self._position_s = self.snapping.position_s = position_s
        self._ruler.set_playhead(position_s)
        self.canvas.set_playhead(position_s)
        self.minimap.set_playhead(position_s)
        if self.is_following:
            self.view.show(self.view.axis.revealing(position_s))

    def zoom(self, factor: float) -> None:
        """Zoom around the play head, or the middle when it is out of sight."""
        self.view.zoom(factor, self._position_s)

    def fit(self) -> None:
        """Show the whole length."""
        self.view.show(self.view.axis.fitted())

    def solo_only(self, index: int) -> None:
        """Ask to hear one lane alone, counted from the top; nothing if there is no such lane."""
        if index < len(self._lanes):
            lane = self._lanes[index]
            self.solo_only_requested.emit(lane.lane_id)
            announce(self, tr("{lane} alone", lane=lane.name))

    def _connect(self) -> None:
        self.headers.mute_toggled.connect(self.mute_toggled)
        self.headers.solo_toggled.connect(self.solo_toggled)
        self.headers.gain_changed.connect(self.gain_changed)
        self.headers.spectrogram_toggled.connect(self.spectrogram_toggled)
        self._ruler.seek_requested.connect(self.seek_requested)
        self._ruler.selection_dragged.connect(self.selection_dragged)
        self._ruler.marker_dragged.connect(self.marker_dragged)
        self._ruler.marker_opened.connect(self.marker_opened)
        self._ruler.given_up.connect(self.marks_given_up)
        self.canvas.clips.clips_changed.connect(
            lambda: self.minimap.set_clips(self.canvas.clips.clips)
        )
        self._scrubbing.seek_requested.connect(self.seek_requested)
        self.speech.seek_requested.connect(self.seek_requested)
        self.snapping.guide_changed.connect(lambda: self.canvas.set_guide(self.snapping.guide))
        self._ruler.wheel_turned.connect(self.view.turn_wheel)
        self.canvas.wheel_turned.connect(self.view.turn_wheel)
        self.canvas.pan_requested.connect(self.view.pan)
        self.canvas.width_changed.connect(self.view.resize)
        self.canvas.drags.ended.connect(lambda: self.set_lanes(self._wanted))
        self.view.changed.connect(self._show_axis)

    def _show_axis(self, axis: TimeAxis) -> None:
        self._ruler.set_axis(axis)
        self.canvas.set_axis(axis)
        self.view_changed.emit(axis.start_s, axis.end_s)


def _with_those(shown: tuple[LaneSpec, ...], lanes: tuple[LaneSpec, ...]) -> tuple[LaneSpec, ...]:
    """The lanes that are shown, as they are now, and new ones below them."""
    now = {lane.lane_id: lane for lane in lanes}
    known = {lane.lane_id: now.pop(lane.lane_id, lane) for lane in shown}
    return (*known.values(), *now.values())


def _arrange(
    timeline: Timeline, ruler: QWidget, lanes: QWidget, cover: QWidget, foot: QWidget
) -> None:
    layout = QGridLayout(timeline)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(timeline.corner, 0, 0)
    layout.addWidget(ruler, 0, 1)
    for one_of_two in (lanes, cover):
        layout.addWidget(one_of_two, 1, 0, 1, 2)
    layout.addWidget(foot, 2, 0)
    layout.addWidget(timeline.minimap, 2, 1)
    layout.setColumnStretch(1, 1)
    layout.setRowStretch(1, 1)


def _scroll_area(headers: QWidget, canvas: QWidget) -> QScrollArea:
    body = QWidget()
    layout = QHBoxLayout(body)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(headers)
    layout.addWidget(canvas, 1)
    area = QScrollArea()
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
