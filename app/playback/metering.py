"""How loud what is heard is, measured beside the thread that plays.

The audio callback only appends blocks to a queue. PyAV comes along with the thread, before anything
plays: whatever takes the interpreter while it does may cost a block of sound.
"""

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from app.playback.devices import CHANNELS
from app.playback.mixer import Block

if TYPE_CHECKING:
    from engine.media.loudness import Loudness, LoudnessMeter

# Loudness moves on ten times a second.
_POLL_S = 0.1
_WAITING_BLOCKS = 1024
"""Ten seconds of them: who is later than that has lost the oldest."""


class LoudnessWatch:
    """Measures rendered blocks, from when play began, in a thread of its own.

    Attributes:
        reading: The newest values; None before there were any.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        self.reading: Loudness | None = None
        self._sample_rate_hz = sample_rate_hz
        # None stands for the moment at which play begins.
        self._waiting: deque[Block | None] = deque(maxlen=_WAITING_BLOCKS)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loudness", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Measure anew from here on; called from the audio thread."""
        self._waiting.append(None)

    def hear(self, block: Block) -> None:
        """Measure a block (num_samples, 2), which nobody changes any more; from there, too."""
        self._waiting.append(block)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        meter = self._new_meter()
        while not self._closed.wait(_POLL_S):
            begins, blocks = self._take()
            if begins:
                meter, self.reading = self._new_meter(), None
            if blocks:
                meter.add(np.concatenate(blocks).T)
                self.reading = meter.reading

    def _take(self) -> tuple[bool, list[Block]]:
        """Whether play began, and all that waits from there on."""
        begins, blocks = False, list[Block]()
        while self._waiting:
            block = self._waiting.popleft()
            if block is None:
                begins, blocks = True, []
            else:
                blocks.append(block)
        return begins, blocks

    def _new_meter(self) -> "LoudnessMeter":
        from engine.media.loudness import LoudnessMeter

        return LoudnessMeter(self._sample_rate_hz, CHANNELS)
