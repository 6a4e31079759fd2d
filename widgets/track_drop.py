"""Files dropped on the lanes: music is placed where it is dropped, everything else is opened."""

from pathlib import Path

from PySide6.QtCore import QObject, QPointF, Signal

from widgets.file_dialogs import SOUND_SUFFIXES
from widgets.file_drop import FileDrop
from widgets.lane_canvas import LaneCanvas
from widgets.time_view import TimeView


class TrackDrop(QObject):
    """Tells sound files from others.

    Attributes:
        drop: The drops themselves.

    Signals:
        tracks_dropped: list of pathlib.Path of sound files, the time they were dropped at, and the
            lane of music there (empty where there is none).
        files_dropped: list of pathlib.Path of other files.
    """

    tracks_dropped = Signal(list, float, str)
    files_dropped = Signal(list)

    def __init__(self, canvas: LaneCanvas, view: TimeView) -> None:
        super().__init__(canvas)
        self._clips, self._view = canvas.clips, view
        self.drop = FileDrop(canvas)
        self.drop.dropped_at.connect(self._on_dropped)

    def _on_dropped(self, paths: list[Path], place: QPointF) -> None:
        axis = self._view.axis
        are_sounds = all(path.suffix.lower() in SOUND_SUFFIXES for path in paths)
        if axis.duration_s and are_sounds:
            time_s = max(0.0, axis.time_at(place.x()))
            self.tracks_dropped.emit(paths, time_s, self._clips.lane_at(place.y()))
        else:
            self.files_dropped.emit(paths)
