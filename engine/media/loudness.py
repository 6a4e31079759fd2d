"""Loudness and true peak of sound as it comes, measured with FFmpeg.

Sources: ITU-R BS.1770-4 (loudness, true peak), EBU R 128 and Tech 3341 (momentary and short-term).
The networks' data have their own, whole at a time and with scipy: `engine/dsp/loudness.py`.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as EndError

from engine.types import Samples

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_OVERSAMPLING = 4
# What the filter says when it has heard nothing: rounding noise, and the absolute gate.
_NOTHING_LUFS = -120.0
_GATE_LUFS = -70.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """What has been measured so far; minus infinity where there is nothing to say yet.

    Attributes:
        momentary_lufs: Of the last 0.4 s.
        short_term_lufs: Of the last 3 s.
        integrated_lufs: Of everything, what is silent or much quieter than the rest left out.
        true_peak_db: Largest amplitude between the samples too, in dB of full scale.
    """

    momentary_lufs: float = -math.inf
    short_term_lufs: float = -math.inf
    integrated_lufs: float = -math.inf
    true_peak_db: float = -math.inf


class LoudnessMeter:
    """Measures sound block by block; of any length, in memory that does not grow.

    Loudness moves on every 0.1 s; what does not fill that any more at the end does not count in
    it, so sound shorter than 0.4 s has a true peak alone. Channels of 5.1 and the like are weighted
    by their places, the deep one (LFE) is left out.

    Args:
        sample_rate_hz: Rate of the sound.
        channels: Its channels, in FFmpeg's order; more than 8 all count the same.
    """

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._layout = _LAYOUTS.get(channels, f"{channels} channels")
        self._graph, self._num_samples = av.filter.Graph(), 0
        self._source = self._graph.add_abuffer(
            sample_rate=sample_rate_hz, format="flt", layout=self._layout
        )
        # The filter's own true peak comes in thousandths of full scale: too coarse below -40 dB.
        meter = self._graph.add("ebur128", "metadata=1:framelog=quiet:peak=none")
        self._sink = self._graph.add("abuffersink")
        self._source.link_to(meter)
        meter.link_to(self._sink)
        self._graph.configure()
        self._oversampler = AudioResampler("flt", self._layout, _OVERSAMPLING * sample_rate_hz)
        self._peak = 0.0
        self._lufs = (-math.inf, -math.inf, -math.inf)

    @property
    def reading(self) -> Loudness:
        """What has been measured so far."""
        peak_db = 20 * math.log10(self._peak) if self._peak > 0 else -math.inf
        return Loudness(*self._lufs, true_peak_db=peak_db)

    def add(self, block: Samples) -> None:
        """Take in what comes next.

        Args:
            block: (channels, num_samples) float32, finite, of any length.
        """
        if not block.size:
            return
        packed = np.ascontiguousarray(block.T, np.float32).reshape(1, -1)
        self._source.push(self._frame(packed, self._num_samples))
        self._num_samples += block.shape[1]
        for frame in self._measured():
            self._read(frame.metadata)
        # The oversampler is late by some samples: the last ones count as they are.
        between = (f.to_ndarray() for f in self._oversampler.resample(self._frame(packed)))
        self._peak = max(self._peak, *(float(np.abs(s).max()) for s in (packed, *between)))

    def _frame(self, packed: Samples, position: int | None = None) -> AudioFrame:
        frame = AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate, frame.pts = self._sample_rate_hz, position
        return frame

    def _measured(self) -> Iterator[AudioFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (NothingYetError, EndError):
                return
            if isinstance(frame, AudioFrame):
                yield frame

    def _read(self, said: dict[str, str]) -> None:
        momentary, short_term, integrated = (float(said[f"lavfi.r128.{key}"]) for key in "MSI")
        self._lufs = (
            _above(momentary, _NOTHING_LUFS),
            _above(short_term, _NOTHING_LUFS),
            _above(integrated, _GATE_LUFS),
        )


def measure(blocks: Iterable[Samples], sample_rate_hz: int, channels: int) -> Loudness:
    """Measure a whole sound.

    Args:
        blocks: (channels, num_samples) float32 each, in order.
        sample_rate_hz: Rate of the sound.
        channels: Its channels, in FFmpeg's order.
    """
    meter = LoudnessMeter(sample_rate_hz, channels)
    for block in blocks:
        meter.add(block)
    return meter.reading


def _above(lufs: float, floor_lufs: float) -> float:
    return lufs if lufs > floor_lufs else -math.inf
