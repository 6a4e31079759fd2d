"""What came of a file of the queue -> its folder, its log, the editor."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.controllers.queue_words import file_log
from app.document import Document
from app.history import restored
from app.queue import QueuedFile
from engine.artifacts import ArtifactStore, holds
from engine.translation import tr


@dataclass(frozen=True, slots=True)
class QueueDoors:
    """Ways out of the queue.

    Attributes:
        ask_videos: Asks the user for more videos, beginning in a folder.
        open_video: Opens one in the editor, and calls back when it is open.
        open_folder: Shows a folder.
        show_text: Shows text under a title.
    """

    ask_videos: Callable[[Path | None], tuple[Path, ...]]
    open_video: Callable[[Path, Callable[[], None]], object]
    open_folder: Callable[[Path], object]
    show_text: Callable[[str, str], object]


class QueueResults(QObject):
    """Shows what was done to a file."""

    def __init__(self, document: Document, store: ArtifactStore, doors: QueueDoors) -> None:
        super().__init__()
        self._document, self._store, self._doors = document, store, doors

    def open(self, file: QueuedFile) -> None:
        """Open it in the editor, with what was done to it."""
        self._doors.open_video(file.video, partial(self._take_in, file))

    def open_folder(self, file: QueuedFile) -> None:
        """Show where the result lies."""
        self._doors.open_folder(file.video.parent)

    def show_log(self, file: QueuedFile) -> None:
        """Show everything that is known of it."""
        self._doors.show_text(tr("Log of {file}", file=file.video.name), file_log(file))

    def _take_in(self, file: QueuedFile) -> None:
        """Take in what was done to the video that is open now, while its sounds last."""
        written = file.written
        if written is None:
            return
        if holds(self._store, written.result.stems.values()):
            self._document.do(restored(written.result, written.quality, time.time(), written.ost))
