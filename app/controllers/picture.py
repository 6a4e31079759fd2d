"""The picture of the moment -> the stage."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QImage

from app.document import Change, Document
from app.messages import Messages
from app.playback.picture import Picture, PictureFeed, PictureSource
from app.project import Media
from engine.translation import tr
from widgets.video_view import VideoView

OpenPictures = Callable[[Path], PictureSource]
"""Opens a video for reading; called in the picture's own thread."""


class PictureController(QObject):
    """Shows the frame that belongs to a time, decoded at the size of the stage."""

    def __init__(
        self,
        view: VideoView,
        document: Document,
        messages: Messages,
        open_pictures: OpenPictures,
    ) -> None:
        super().__init__()
        self._view, self._messages = view, messages
        self._open_pictures = open_pictures
        self._media: Media | None = None
        self._feed: PictureFeed | None = None
        self._ending: list[PictureFeed] = []
        document.listen(self._on_change)

    def show(self, time_s: float) -> None:
        """Show the picture due at a time, if it is another one."""
        if self._feed is None or self._media is None:
            return
        self._feed.resize(*shown_size(self._media, self._stage_size()))
        picture = self._feed.show(time_s)
        if picture is not None:
            self._view.show_frame(image_of(picture))
        if self._feed.error is not None:
            self._messages.error(self._feed.error)
            self._let_go()

    def close(self) -> None:
        """Close the video and wait until its file is free; for the end of the program only."""
        self._let_go()
        for feed in self._ending:
            feed.join()

    def _let_go(self) -> None:
        """Close the video; its thread may end later, the window does not wait."""
        if self._feed is not None:
            self._feed.close()
            self._ending = [feed for feed in (*self._ending, self._feed) if feed.is_running]
            self._feed = None

    def _stage_size(self) -> QSize:
        return self._view.size() * self._view.devicePixelRatioF()

    def _on_change(self, change: Change) -> None:
        if not change.media:
            return
        self._let_go()
        self._media = media = change.after.media
        if media is None:
            self._view.show_frame(None)
        elif media.has_picture:
            self._feed = PictureFeed(partial(self._open_pictures, media.path), media.frame_rate_hz)
        else:
            self._view.show_text(tr("This file has sound only."))


def shown_size(media: Media, stage: QSize) -> tuple[int, int]:
    """Width and height to decode at: what fits the stage, never more than there is."""
    whole = QSize(media.width, media.height)
    fitted = whole.scaled(stage, Qt.AspectRatioMode.KeepAspectRatio).boundedTo(whole)
    return max(2, fitted.width()), max(2, fitted.height())


def image_of(picture: Picture) -> QImage:
    """A picture as Qt paints it."""
    height, width, _ = picture.rgb.shape
    image = QImage(
        picture.rgb.data, width, height, picture.rgb.strides[0], QImage.Format.Format_RGB888
    )
    # Qt does not keep the array alive.
    return image.copy()
