"""A video file as a source of pictures. Imports PyAV: load it after the first paint."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from app.playback.picture import Picture
from engine.media.frames import VideoReader


class FilmPictures:
    """The pictures of one file: an `app.playback.picture.PictureSource`."""

    def __init__(self, path: Path) -> None:
        self._open_files = ExitStack()
        self._reader = self._open_files.enter_context(VideoReader(path))

    def frames_from(self, time_s: float, width: int, height: int) -> Iterator[Picture]:
        """The frames from the one shown at `time_s` on."""
        for frame in self._reader.play(time_s, width, height):
            yield Picture(frame.time_s, frame.pixels)

    def close(self) -> None:
        """Close the file."""
        self._open_files.close()
