"""Pictures that follow the sound: decoded ahead in a thread, late ones dropped.

The sound is never touched for the sake of the picture.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError

FRAMES_AHEAD = 8
_JUMP_S = 1.0
_CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame.

    Attributes:
        time_s: When it is shown.
        rgb: (height, width, 3) uint8.
    """

    time_s: float
    rgb: NDArray[np.uint8]


class PictureSource(Protocol):
    """A video that can be read from anywhere; used in one thread only."""

    def frames_from(self, time_s: float, width: int, height: int) -> Iterator[Picture]:
        """The frames from the one shown at `time_s` on, scaled to fit the given size."""

    def close(self) -> None:
        """Close the file."""


class PictureFeed:
    """Gives the picture of each moment; all but the decoding belongs to the window's thread.

    Attributes:
        error: Why no more pictures come.
    """

    def __init__(self, open_source: Callable[[], PictureSource], frame_rate_hz: float) -> None:
        self.error: EngineError | None = None
        self._open_source = open_source
        self._half_frame_s = 0.5 / frame_rate_hz
        self._changed = threading.Condition()
        self._ready: deque[Picture] = deque()
        self._size = (0, 0)
        self._generation = 0
        self._delivered = 0
        self._start_s = 0.0
        self._newest_s = 0.0
        self._shown_s = 0.0
        self._is_at_end = False
        self._is_closed = False
        self._scrubbed: Picture | None = None
        self._thread = threading.Thread(target=self._run, name="picture", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether the thread still has the source."""
        return self._thread.is_alive()

    def resize(self, width: int, height: int) -> None:
        """Decode for another size from now on."""
        with self._changed:
            if (width, height) != self._size and width > 0 and height > 0:
                self._size = (width, height)
                self._seek(self._shown_s)

    def show(self, time_s: float) -> Picture | None:
        """The newest frame due at `time_s`; None while the one shown last stays."""
        with self._changed:
            if self._is_jump(time_s):
                self._seek(time_s)
            due, self._scrubbed = self._scrubbed, None
            while self._ready and self._is_due(self._ready[0], time_s):
                due = self._ready.popleft()
                self._changed.notify()
            if due is not None:
                self._shown_s = time_s
            return due

    def close(self) -> None:
        """Have the thread close its source and end; it may still be busy with a frame."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def join(self) -> None:
        """Wait for the end after `close`, not for ever; for the end of the program only."""
        self._thread.join(_CLOSE_S)

    def _is_due(self, picture: Picture, time_s: float) -> bool:
        # Nothing comes before the first picture after a seek, so it is due at once.
        return picture.time_s <= max(time_s, self._start_s) + self._half_frame_s

    def _is_jump(self, time_s: float) -> bool:
        waiting = self._delivered != self._generation
        lower_s = self._start_s if waiting else self._shown_s
        upper_s = self._start_s if waiting else self._newest_s
        if time_s < lower_s - self._half_frame_s:
            return True
        return time_s > upper_s + _JUMP_S and not self._is_at_end

    def _seek(self, time_s: float) -> None:
        self._generation += 1
        self._start_s = self._shown_s = time_s
        self._is_at_end = False
        self._ready.clear()
        self._changed.notify()

    def _run(self) -> None:
        try:
            source = self._open_source()
        except EngineError as error:
            self.error = error
            return
        try:
            self._decode(source)
        except EngineError as error:
            self.error = error
        finally:
            source.close()

    def _decode(self, source: PictureSource) -> None:
        generation = 0
        frames: Iterator[Picture] = iter(())
        while self._wait_for_work(generation):
            with self._changed:
                begins = generation != self._generation
                generation, start_s, size = self._generation, self._start_s, self._size
            if begins:
                frames = source.frames_from(start_s, *size)
            self._deliver(next(frames, None), generation, is_first=begins)

    def _wait_for_work(self, generation: int) -> bool:
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._is_closed
                    or (generation != self._generation and self._size[0] > 0)
                    or (generation > 0 and len(self._ready) < FRAMES_AHEAD and not self._is_at_end)
                )
            )
            return not self._is_closed

    def _deliver(self, picture: Picture | None, generation: int, *, is_first: bool) -> None:
        with self._changed:
            if generation != self._generation:
                if is_first:
                    # While the user drags, the last place reached is better than none.
                    self._scrubbed = picture
                return
            self._delivered = generation
            if picture is None:
                self._is_at_end = True
                return
            if is_first:
                self._start_s = max(self._start_s, picture.time_s)
            self._newest_s = picture.time_s
            self._ready.append(picture)
