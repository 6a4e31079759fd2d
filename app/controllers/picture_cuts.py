"""A video that was opened -> when its picture is cut, shown and to be gone to."""

from bisect import bisect_left, bisect_right

from PySide6.QtCore import QObject

from app.controllers.playback import PlaybackController
from app.document import Change, Document
from app.jobs import Job, JobRunner
from engine.translation import tr
from engine.types import PictureCutsRequest, PictureCutsResult
from engine.urgency import Urgency
from widgets.main_window import MainWindow

_SAME_PLACE_S = 0.0005
"""The play head rests between two samples: so near is at a cut."""


class PictureCutsController(QObject):
    """Has the engine look for cuts behind everything else it does."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        jobs: JobRunner,
        playback: PlaybackController,
    ) -> None:
        super().__init__()
        self._timeline, self._jobs, self._playback = window.timeline, jobs, playback
        self._cuts_s: tuple[float, ...] = ()
        self._job: Job | None = None
        window.cut_requested.connect(self._go)
        document.listen(self._on_change)

    def _on_change(self, change: Change) -> None:
        if not change.media:
            return
        if self._job is not None:
            self._job.cancel()
        self._show(())
        media = change.after.media
        if media is not None and media.has_picture:
            request = PictureCutsRequest(media.path)
            self._job = job = self._jobs.submit(tr("Looking for cuts"), Urgency.BACKGROUND, request)
            # A failure is in the log: nobody asked for them, and everything else works without.
            job.succeeded.connect(self._on_succeeded)

    def _on_succeeded(self, result: PictureCutsResult) -> None:
        self._show(result.cuts_s)

    def _show(self, cuts_s: tuple[float, ...]) -> None:
        self._cuts_s = cuts_s
        self._timeline.set_cuts(cuts_s)

    def _go(self, way: int) -> None:
        here_s, cuts_s = self._playback.position_s, self._cuts_s
        if way > 0:
            index = bisect_right(cuts_s, here_s + _SAME_PLACE_S)
        else:
            index = bisect_left(cuts_s, here_s - _SAME_PLACE_S) - 1
        if 0 <= index < len(cuts_s):
            self._playback.seek(cuts_s[index])
