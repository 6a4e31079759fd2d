"""Adds the lanes up, block by block, with gains that never jump.

Pure numpy, no device and no thread of its own: the audio callback calls it, and so do the tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.gain_curves import GainCurve
from engine.types import Samples

RAMP_S = 0.010
_CENTRE = np.sqrt(0.5)
# ITU-R BS.775: centre and surrounds at -3 dB, no low-frequency channel. Rows are the channels in
# FFmpeg's order of the usual layout of that many channels, columns are left and right.
_LEFT, _RIGHT, _BOTH, _NONE = (1.0, 0.0), (0.0, 1.0), (_CENTRE, _CENTRE), (0.0, 0.0)
_SIDE_LEFT, _SIDE_RIGHT = (_CENTRE, 0.0), (0.0, _CENTRE)
_SURROUND = (0.5, 0.5)
_DOWNMIX_ROWS = {
    1: ((1.0, 1.0),),
    2: (_LEFT, _RIGHT),
    3: (_LEFT, _RIGHT, _NONE),
    4: (_LEFT, _RIGHT, _BOTH, _SURROUND),
    5: (_LEFT, _RIGHT, _BOTH, _SIDE_LEFT, _SIDE_RIGHT),
    6: (_LEFT, _RIGHT, _BOTH, _NONE, _SIDE_LEFT, _SIDE_RIGHT),
    7: (_LEFT, _RIGHT, _BOTH, _NONE, _SURROUND, _SIDE_LEFT, _SIDE_RIGHT),
    8: (_LEFT, _RIGHT, _BOTH, _NONE, _SIDE_LEFT, _SIDE_RIGHT, _SIDE_LEFT, _SIDE_RIGHT),
}

Block = NDArray[np.float32]
"""Stereo sound as the device wants it: (num_samples, 2) float32."""


def downmix_matrix(channels: int) -> Block:
    """The matrix (channels, 2) that takes mono to 7.1 down to stereo.

    More channels than eight have no known layout: they go left and right by turns.
    """
    rows = _DOWNMIX_ROWS.get(channels)
    if rows is None:
        sides = np.arange(channels)[:, None] % 2 == (0, 1)
        return np.asarray(sides / sides.sum(axis=0), np.float32)
    return np.array(rows, np.float32)


@dataclass(frozen=True, slots=True)
class Loop:
    """A stretch that repeats, in samples, `end` excluded."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Refuse a loop in which no time passes."""
        if not 0 <= self.start < self.end:
            raise ValueError(f"need 0 <= start < end, got {self.start} and {self.end}")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch without a jump, in samples."""

    start: int
    num_samples: int

    @property
    def end(self) -> int:
        """The sample after the last."""
        return self.start + self.num_samples


def plan_spans(position: int, num_samples: int, loop: Loop | None) -> tuple[Span, ...]:
    """The stretches heard in the `num_samples` from `position` on.

    A position behind the loop is not drawn back into it.
    """
    spans = []
    while num_samples > 0:
        count = num_samples
        if loop is not None and position < loop.end:
            count = min(count, loop.end - position)
        spans.append(Span(position, count))
        position = position_after(spans[-1], loop)
        num_samples -= count
    return tuple(spans)


def position_after(span: Span, loop: Loop | None) -> int:
    """Where playing goes on when `span` has been heard."""
    return loop.start if loop is not None and span.end == loop.end else span.end


@dataclass(frozen=True, slots=True)
class Part:
    """One sound in a lane.

    Attributes:
        samples: (channels, num_samples) float32, usually memory-mapped.
        weight: Linear factor; -1 takes the sound away.
        start: Sample of the lane at which it begins.
        curves: Gains over the samples of the lane, which are multiplied.
    """

    samples: Samples
    weight: float = 1.0
    start: int = 0
    curves: tuple[GainCurve, ...] = ()


@dataclass(frozen=True, slots=True)
class MixerLane:
    """What one lane plays: the weighted sum of its parts."""

    lane_id: str
    parts: tuple[Part, ...]


class Mixer:
    """The lanes of one project, ready to be heard.

    Gains are set from the window's thread by `set_gains`, which replaces one reference; everything
    else belongs to the thread that plays.

    Attributes:
        sample_rate_hz: Rate of all lanes.
        num_samples: Length of what is played, whatever the lanes hold; that of the longest lane
            where nobody says.
    """

    def __init__(
        self,
        lanes: Sequence[MixerLane],
        sample_rate_hz: int,
        gains: Mapping[str, float],
        num_samples: int | None = None,
    ) -> None:
        self.sample_rate_hz = sample_rate_hz
        ends = (part.start + part.samples.shape[1] for lane in lanes for part in lane.parts)
        self.num_samples = max(ends, default=0) if num_samples is None else num_samples
        self._ids = tuple(lane.lane_id for lane in lanes)
        self._lanes = tuple(tuple(_StereoPart(part) for part in lane.parts) for lane in lanes)
        self._ramp_samples = max(1, round(RAMP_S * sample_rate_hz))
        self.set_gains(gains)
        self._current = self._wanted.copy()
        self._target = self._wanted
        self._step = np.zeros_like(self._current)
        self._ramp_left = 0

    def set_gains(self, gains: Mapping[str, float]) -> None:
        """Set the linear gain of every lane, 0 for those not named; reached within the ramp."""
        self._wanted = np.array([gains.get(lane, 0.0) for lane in self._ids], np.float64)

    def advance_gains(self, num_samples: int) -> NDArray[np.float32]:
        """The gains (num_lanes, num_samples) of the next block."""
        wanted = self._wanted
        if wanted is not self._target:
            self._target = wanted
            self._step = (wanted - self._current) / self._ramp_samples
            self._ramp_left = self._ramp_samples
        ramped = min(self._ramp_left, num_samples)
        steps = np.minimum(np.arange(1, num_samples + 1), ramped)
        envelope = self._current[:, None] + self._step[:, None] * steps
        self._ramp_left -= ramped
        if self._ramp_left == 0:
            envelope[:, max(0, ramped - 1) :] = self._target[:, None]
        if num_samples:
            self._current = envelope[:, -1].copy()
        return envelope.astype(np.float32)

    def sum_lanes(self, spans: Sequence[Span], gains: NDArray[np.float32]) -> Block:
        """Add the lanes up over `spans`.

        Args:
            spans: What is heard, in order.
            gains: (num_lanes, total of the spans) float32, from `advance_gains`.
        """
        out = np.zeros((gains.shape[1], 2), np.float32)
        for lane, gain in zip(self._lanes, gains, strict=True):
            if not gain.any():
                continue
            offset = 0
            for span in spans:
                where = slice(offset, offset + span.num_samples)
                for part in lane:
                    part.add_to(out[where], span, gain[where])
                offset += span.num_samples
        return out

    def mix_block(self, position: int, num_samples: int, loop: Loop | None = None) -> Block:
        """The next block (num_samples, 2), not limited; silence before 0 and behind the end."""
        gains = self.advance_gains(num_samples)
        return self.sum_lanes(plan_spans(position, num_samples, loop), gains)


class _StereoPart:
    """A part that reads itself as weighted stereo."""

    def __init__(self, part: Part) -> None:
        # A plain view: slicing an np.memmap costs several microseconds each time.
        self._frames = np.asarray(part.samples).T
        self._matrix = downmix_matrix(part.samples.shape[0]) * np.float32(part.weight)
        self._is_stereo = part.samples.shape[0] == 2
        self._weight = np.float32(part.weight)
        self._start = part.start
        self._readers = [curve.reader() for curve in part.curves]

    def add_to(self, out: Block, span: Span, gain: NDArray[np.float32]) -> None:
        """Add the stretch `span` times `gain` to `out` (span.num_samples, 2)."""
        first = span.start - self._start
        start = min(max(first, 0), len(self._frames))
        end = min(max(first + span.num_samples, 0), len(self._frames))
        if end <= start:
            return
        frames = self._frames[start:end]
        where = slice(start - first, end - first)
        stereo = frames * self._weight if self._is_stereo else frames @ self._matrix
        total_gain = gain[where]
        for read in self._readers:
            total_gain = total_gain * read(np.arange(start, end) + self._start)
        out[where] += stereo * total_gain[:, None]


def limit(block: Block) -> int:
    """Clip a block to full scale in place and count the frames that needed it."""
    over = int(np.count_nonzero(np.abs(block).max(axis=1, initial=0.0) > 1.0))
    if over:
        np.clip(block, -1.0, 1.0, out=block)
    return over
