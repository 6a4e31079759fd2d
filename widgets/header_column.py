"""The heads of all lanes, one of which is the current one."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from engine.translation import tr
from widgets.lane_header import LaneHeader, badge
from widgets.lanes import LaneSpec
from widgets.styling import label, restyle
from widgets.theme import LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX, Theme


class HeaderColumn(QFrame):
    """Heads from top to bottom; heads of lanes that stay keep their focus.

    Signals:
        mute_toggled: lane_id, and whether it is to be muted.
        solo_toggled: lane_id, and whether it is to be soloed.
        gain_changed: lane_id and the new gain in dB.
        spectrogram_toggled: lane_id, and whether it is to show its frequencies.
    """

    mute_toggled = Signal(str, bool)
    solo_toggled = Signal(str, bool)
    gain_changed = Signal(str, float)
    spectrogram_toggled = Signal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lane_height_px = LANE_HEIGHT_PX
        self.setFixedWidth(LANE_HEADER_WIDTH_PX)
        self._headers: dict[str, LaneHeader] = {}
        self._current = ""
        self._video = _video_header()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._video)
        self._layout.addStretch(1)
        self._video.hide()

    @property
    def current_lane(self) -> str:
        """lane_id that the keys of lanes act on; empty when there is no lane."""
        return self._current

    def set_lanes(self, lanes: tuple[LaneSpec, ...]) -> None:
        """Show these lanes."""
        wanted = [lane.lane_id for lane in lanes]
        for lane_id in [lane_id for lane_id in self._headers if lane_id not in wanted]:
            header = self._headers.pop(lane_id)
            self._layout.removeWidget(header)
            header.hide()
            header.deleteLater()
        for index, lane in enumerate(lanes):
            header = self._headers.get(lane.lane_id) or self._add(lane.lane_id)
            self._layout.insertWidget(index + 1, header)
            header.show_lane(lane)
        self._headers = {lane_id: self._headers[lane_id] for lane_id in wanted}
        if self._current not in self._headers:
            self._set_current(wanted[0] if wanted else "")

    def set_theme(self, theme: Theme) -> None:
        """Show other colours."""
        self._theme = theme
        for header in self._headers.values():
            header.set_theme(theme)

    def set_lane_height(self, lane_height_px: int) -> None:
        """Give the heads of all lanes of sound another height."""
        self._lane_height_px = lane_height_px
        for header in self._headers.values():
            header.setFixedHeight(lane_height_px)

    def controls(self) -> list[QWidget]:
        """Give what Tab goes through, in order."""
        return [part for header in self._headers.values() for part in header.controls()]

    def show_video(self, *, shown: bool) -> None:
        """Show the head of the picture lane."""
        self._video.setVisible(shown)

    def toggle_mute(self) -> None:
        """Mute or unmute the current lane."""
        if self._current:
            self._headers[self._current].toggle_mute()

    def toggle_solo(self) -> None:
        """Solo the current lane, or take that back."""
        if self._current:
            self._headers[self._current].toggle_solo()

    def toggle_spectrogram(self) -> None:
        """Show the current lane's frequencies, or its waveform again."""
        if self._current:
            self._headers[self._current].toggle_spectrogram()

    def _add(self, lane_id: str) -> LaneHeader:
        header = LaneHeader(self._theme)
        header.setFixedHeight(self._lane_height_px)
        header.mute_toggled.connect(partial(self.mute_toggled.emit, lane_id))
        header.solo_toggled.connect(partial(self.solo_toggled.emit, lane_id))
        header.gain_changed.connect(partial(self.gain_changed.emit, lane_id))
        header.spectrogram_toggled.connect(partial(self.spectrogram_toggled.emit, lane_id))
        header.focused.connect(partial(self._set_current, lane_id))
        header.move_requested.connect(partial(self._move_from, lane_id))
        self._headers[lane_id] = header
        return header

    def _set_current(self, lane_id: str) -> None:
        self._current = lane_id
        for other, header in self._headers.items():
            restyle(header, "current", "yes" if other == lane_id else "no")

    def _move_from(self, lane_id: str, step: int) -> None:
        lane_ids = list(self._headers)
        index = min(max(lane_ids.index(lane_id) + step, 0), len(lane_ids) - 1)
        self._headers[lane_ids[index]].setFocus()


def _video_header() -> QWidget:
    header = QFrame()
    header.setProperty("kind", "lane-head")
    header.setFixedSize(LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX)
    layout = QHBoxLayout(header)
    layout.setContentsMargins(12, 0, 8, 1)
    layout.addWidget(badge("V", "video"))
    layout.addSpacing(2)
    layout.addWidget(label(tr("Video")), 1)
    return header
