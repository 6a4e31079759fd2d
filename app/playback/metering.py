"""How loud what is heard is, measured beside the thread that plays.

The audio callback only appends blocks to a queue; PyAV comes along with the first of them.
"""

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from app.playback.mixer import Block

if TYPE_CHECKING:
    from engine.media.loudness import Loudness, LoudnessMeter

_POLL_S = 0.05
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
        self._meter: LoudnessMeter | None = None
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
        while not self._closed.wait(_POLL_S):
            blocks = self._take()
            if blocks:
                self._measure(np.concatenate(blocks))

    def _take(self) -> list[Block]:
        """All that waits, from the last beginning on."""
        blocks: list[Block] = []
        while self._waiting:
            block = self._waiting.popleft()
            if block is None:
                blocks.clear()
                self._meter = self.reading = None
            else:
                blocks.append(block)
        return blocks

    def _measure(self, block: Block) -> None:
        if self._meter is None:
            from engine.media.loudness import LoudnessMeter

            self._meter = LoudnessMeter(self._sample_rate_hz, block.shape[1])
        self._meter.add(block.T)
        self.reading = self._meter.reading
