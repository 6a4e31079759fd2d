"""Moving pictures at presentation times, on the same timeline as the sound."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import av
import numpy as np
from av.codec.context import ThreadType
from av.error import FFmpegError
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from engine.errors import NotMediaError
from engine.media.container import Damage, demux, open_media, origin, picture_stream
from engine.media.probe import container_duration_s, display_rotation_deg, display_size
from engine.translation import tr

Pixels = NDArray[np.uint8]
"""A picture: (height, width, 3) uint8, RGB."""

# Decoding on is cheaper than a seek for steps shorter than a usual group of pictures.
_SEEK_AHEAD_S = 2.0
# How far before the wanted time to try, one after the other.
_SEEK_MARGINS_S = (0.0, 1.0, 4.0, 16.0)
# Frame times are rounded to the container's clock: a frame due now is not late.
_CLOCK_SLACK_S = 0.001


class TimedPicture(NamedTuple):
    """A picture and the time it is for.

    Attributes:
        time_s: Seconds on the file's timeline.
        pixels: (height, width, 3) uint8, RGB, as shown.
    """

    time_s: float
    pixels: Pixels


class VideoReader:
    """Reads the moving picture of a file; use it in a `with` block, from one thread.

    Attributes:
        width: Pixels as shown, rotation and pixel shape applied.
        height: Pixels as shown.
        rotation_deg: How far the stored picture is turned anticlockwise: 0, 90, 180 or 270.
        frame_rate: Mean number of frames a second.
        duration_s: When the last frame ends, as far as the file tells.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damage = Damage()
        self._open()
        try:
            self._current = self._first()
        except BaseException:
            self._container.close()
            raise
        self._start_s = self._time_s(self._current)
        self._next = next(self._decoded, None)
        self.rotation_deg = display_rotation_deg(self._current)
        self.width, self.height = display_size(self._stream, self.rotation_deg)
        self.frame_rate = float(self._stream.average_rate or self._stream.guessed_rate or 25)
        self.duration_s = container_duration_s(self._container)

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._container.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Plain sentences about what was wrong with what has been read so far."""
        return self._damage.warnings()

    def frame_at(self, time_s: float, width: int, height: int) -> Pixels:
        """The picture that shows at a time: the last frame due by then, else the first one.

        Args:
            time_s: Seconds on the file's timeline.
            width: Pixels as shown.
            height: Pixels as shown.

        Returns:
            (height, width, 3) uint8, RGB.
        """
        self._go_to(time_s)
        return self._pixels(self._current, width, height)

    def play(self, start_s: float, width: int, height: int) -> Iterator[TimedPicture]:
        """The frame that shows at `start_s` and all after it, each with its own time."""
        self._go_to(start_s)
        while True:
            yield TimedPicture(
                self._time_s(self._current), self._pixels(self._current, width, height)
            )
            if self._next is None:
                return
            self._step(self._next)

    def frames(
        self, rate_hz: float, width: int, height: int, start_s: float = 0.0
    ) -> Iterator[TimedPicture]:
        """The picture at a constant rate: at `start_s + k / rate_hz` until it ends."""
        index = 0
        while True:
            time_s = start_s + index / rate_hz
            self._go_to(time_s)
            if self._next is None and index and time_s >= self._end_s(self._current):
                return
            yield TimedPicture(time_s, self._pixels(self._current, width, height))
            index += 1

    def _open(self) -> None:
        self._container = open_media(self._path)
        try:
            self._stream = picture_stream(self._container, self._path)
        except BaseException:
            self._container.close()
            raise
        self._stream.thread_type = ThreadType.AUTO
        self._origin = origin(self._container)
        self._decoded = self._decode()

    def _first(self) -> VideoFrame:
        frame = next(self._decoded, None)
        if frame is None:
            raise NotMediaError(
                tr("no picture of {path} can be decoded", path=self._path), tr("it is damaged")
            )
        return frame

    def _decode(self) -> Iterator[VideoFrame]:
        for packet in demux(self._container, (self._stream,), self._damage):
            try:
                frames = self._stream.decode(packet)
            except FFmpegError:
                self._damage.packets += packet.size > 0
                continue
            yield from (frame for frame in frames if frame.pts is not None)

    def _go_to(self, time_s: float) -> None:
        due_s = max(time_s, self._start_s) + _CLOCK_SLACK_S
        is_behind = due_s < self._time_s(self._current)
        # By the frame that follows: one that stands for long is right until then.
        is_far = self._next is not None and due_s > self._time_s(self._next) + _SEEK_AHEAD_S
        if is_behind or is_far:
            self._seek(due_s)
        while self._next is not None and self._time_s(self._next) <= due_s:
            self._step(self._next)

    def _step(self, following: VideoFrame) -> None:
        self._current = following
        self._next = next(self._decoded, None)

    def _seek(self, time_s: float) -> None:
        """Go to a frame that is due; some containers seek too far, so step back until it is."""
        for margin_s in _SEEK_MARGINS_S:
            target_s = time_s - margin_s
            if target_s <= self._start_s:
                break
            if self._seek_to(target_s) and self._time_s(self._current) <= time_s:
                return
        self._restart()

    def _seek_to(self, time_s: float) -> bool:
        time_base = self._stream.time_base or Fraction(1, av.time_base)
        try:
            time_stamp = int((Fraction(time_s) + self._origin) / time_base)
            self._container.seek(time_stamp, stream=self._stream)
        except FFmpegError:
            return False
        self._decoded = self._decode()
        found = next(self._decoded, None)
        if found is None:
            return False
        self._step(found)
        return True

    def _restart(self) -> None:
        """Read from the start, which works in files that cannot be searched, too."""
        self._container.close()
        self._open()
        self._step(self._first())

    def _time_s(self, frame: VideoFrame) -> float:
        return float((frame.pts or 0) * (frame.time_base or 0) - self._origin)

    def _end_s(self, frame: VideoFrame) -> float:
        lasts_s = float(frame.duration * (frame.time_base or 0)) or 1 / self.frame_rate
        return self._time_s(frame) + lasts_s - _CLOCK_SLACK_S

    def _pixels(self, frame: VideoFrame, width: int, height: int) -> Pixels:
        quarter_turns = self.rotation_deg // 90
        stored = (height, width) if quarter_turns % 2 else (width, height)
        scaled = frame.reformat(*stored, format="rgb24", interpolation="BILINEAR")
        pixels = np.asarray(scaled.to_ndarray(), np.uint8)
        return np.ascontiguousarray(np.rot90(pixels, quarter_turns))
