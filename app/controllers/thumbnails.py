"""Small pictures of the video -> the timeline."""

from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.picture import OpenPictures, image_of
from app.document import Change, Document
from app.jobs import Job, JobRunner
from app.playback.picture import Picture
from app.project import Media
from engine.context import Progress, RunContext
from engine.translation import tr
from widgets.lanes import Thumbnail
from widgets.timeline import Timeline

HEIGHT_PX = 90
MAX_COUNT = 48
MIN_STEP_S = 0.5
STAGE = "thumbnails"


class ThumbnailsController(QObject):
    """Fills the picture lane, coarse first, while the video is already usable."""

    def __init__(
        self, timeline: Timeline, document: Document, jobs: JobRunner, open_pictures: OpenPictures
    ) -> None:
        super().__init__()
        self._timeline, self._jobs, self._open_pictures = timeline, jobs, open_pictures
        self._job: Job | None = None
        self._pictures: list[Picture] = []
        self._thumbnails: dict[float, Thumbnail] = {}
        document.listen(self._on_change)

    def _on_change(self, change: Change) -> None:
        if not change.media:
            return
        if self._job is not None:
            self._job.cancel()
        self._pictures, self._thumbnails, self._job = [], {}, None
        self._timeline.set_thumbnails(())
        media = change.after.media
        if media is not None and media.has_picture:
            self._start(media, self._pictures)

    def _start(self, media: Media, pictures: list[Picture]) -> None:
        times_s = thumbnail_times(media.mix.duration_s)
        width = max(2, round(HEIGHT_PX * media.width / media.height))

        def work(context: RunContext) -> None:
            self._read(media.path, times_s, width, pictures, context)

        self._job = job = self._jobs.run_in_thread(tr("Making thumbnails"), work)
        job.progressed.connect(self._show)
        job.finished.connect(self._show)

    def _read(
        self,
        path: Path,
        times_s: tuple[float, ...],
        width: int,
        pictures: list[Picture],
        context: RunContext,
    ) -> None:
        source = self._open_pictures(path)
        try:
            for index, time_s in enumerate(times_s, 1):
                context.raise_if_cancelled()
                picture = next(source.frames_from(time_s, width, HEIGHT_PX), None)
                if picture is not None:
                    pictures.append(Picture(time_s, picture.rgb))
                context.report(Progress(STAGE, index, len(times_s)))
        finally:
            source.close()

    def _show(self) -> None:
        # The worker only appends, so what is there stays as it is.
        fresh = self._pictures[len(self._thumbnails) :]
        for picture in fresh:
            thumbnail = Thumbnail(picture.time_s, image_of(picture))
            self._thumbnails[picture.time_s] = thumbnail
        if fresh:
            in_order = sorted(self._thumbnails.values(), key=lambda t: t.time_s)
            self._timeline.set_thumbnails(tuple(in_order))


def thumbnail_times(duration_s: float) -> tuple[float, ...]:
    """Times spread over the whole, ordered so that any first part of them is spread as well."""
    count = max(1, min(MAX_COUNT, int(duration_s / MIN_STEP_S)))
    order = sorted(range(count), key=lambda index: _reversed_bits(index, count.bit_length()))
    return tuple((index + 0.5) * duration_s / count for index in order)


def _reversed_bits(number: int, num_bits: int) -> int:
    return int(f"{number:0{num_bits}b}"[::-1], 2)
