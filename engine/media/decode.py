"""Any sound track to float32 samples on the file's own timeline."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from engine import remarks
from engine.errors import EmptyMediaError
from engine.media.container import Damage, demux, open_media, origin, sound_stream
from engine.media.probe import container_duration_s, picture_end_s, sound_length
from engine.translation import tr
from engine.types import Samples

BLOCK_S = 1.0
# Time stamps in milliseconds jitter by less; the shortest lost packet of a common codec is longer.
_RESYNC_S = 0.015
# A time stamp that jumps further than the file is long means a new clock, not a pause.
_JUMP_MARGIN_S = 2.0

# 20 dB above floats that are scaled like integers of 32 bits; powers of it still fit in a float32.
_LOUDEST = 2e10
_FULL_SCALES = {"flt": 1, "dbl": 1, "s16": 2**15, "s32": 2**31}
# Formats without a header: FFmpeg guesses a length by the bit rate.
_WITHOUT_LENGTH = frozenset({"aac", "ac3", "amr", "dts", "eac3", "loas", "truehd"})
# PyAV reads past the end of planar frames of so many channels.
_MAX_PLANES = 8


class AudioReader:
    """Reads one sound track from start to end; use it in a `with` block.

    The first sample is at time 0 of the file's timeline: encoder delay and edit lists are applied,
    a track that starts late is preceded by silence, gaps are filled with silence, and the end
    padding is cut where the container states the length.

    Attributes:
        sample_rate_hz: Frames a second, as in the file.
        channels: Number of channels, as in the file.
        num_samples: Frames the container presents. Where it does not state them
            (`exact_length` is false) this is an estimate until `blocks` has been read to its end.
        exact_length: Whether the container states the length to the sample.
        stated_s: Length that the file states; 0 where it states none.
        picture_end_s: When the picture is over, as the file states it; 0 where there is none.
        ended_s: Where the last sound ended that was really there, of what has been read.
    """

    def __init__(self, path: Path, track: int = 0) -> None:
        self._path = path
        self._container = open_media(path)
        try:
            stream = sound_stream(self._container, path, track)
        except BaseException:
            self._container.close()
            raise
        length = sound_length(self._container, stream)
        self._stream = stream
        self._damage = Damage()
        self._notes: list[str] = []
        self._is_read = False
        self.sample_rate_hz = stream.sample_rate
        self.channels = stream.channels
        self.num_samples = length.num_samples
        self.exact_length = length.is_exact
        is_guess = self._container.format.name in _WITHOUT_LENGTH
        self.stated_s = 0.0 if is_guess else length.num_samples / stream.sample_rate
        self.picture_end_s = picture_end_s(self._container)
        self.ended_s = 0.0

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
        return (*self._damage.warnings(), *self._notes)

    def blocks(self, block_s: float = BLOCK_S) -> Iterator[Samples]:
        """The whole track, once.

        Args:
            block_s: Length of a block; the last one may be shorter.

        Yields:
            (channels, num_samples) float32, finite and of a size that sound may have.

        Raises:
            EmptyMediaError: The track holds no samples.
        """
        if self._is_read:
            raise RuntimeError("a track is read once")
        self._is_read = True
        size = max(1, round(block_s * self.sample_rate_hz))
        total = num_bad = 0
        for block in _rechunk(self._presented(), size):
            # False of NaN too.
            sensible = np.abs(block) <= _LOUDEST
            num_bad += block.size - int(np.count_nonzero(sensible))
            total += block.shape[1]
            yield block if sensible.all() else np.where(sensible, block, np.float32(0))
        if total == 0:
            raise EmptyMediaError(tr("the sound track of {path} is empty", path=self._path))
        if num_bad:
            self._notes.append(remarks.NO_NUMBERS(count=num_bad))
        self.num_samples = total

    def _presented(self) -> Iterator[Samples]:
        """Pieces in order, cut or filled to the length the container states."""
        position = 0
        for piece in self._placed():
            kept = piece[:, : self.num_samples - position] if self.exact_length else piece
            yield kept
            position += kept.shape[1]
            self.ended_s = position / self.sample_rate_hz
        missing = self.num_samples - position if self.exact_length and position else 0
        if missing > self.sample_rate_hz * _RESYNC_S:
            seconds = missing / self.sample_rate_hz
            self._notes.append(remarks.TOO_EARLY(seconds=f"{seconds:.2f}"))
        yield from self._silence(missing)

    def _placed(self) -> Iterator[Samples]:
        """Decoded pieces without gap or overlap, the first at time 0."""
        timeline = _Timeline(self._container, self._stream)
        converter = _Converter(self._stream)
        for frame in self._frames(timeline):
            piece = converter.convert(frame)
            if piece.shape[1] == 0:
                continue
            gap = timeline.gap_before(frame)
            piece = piece[:, max(-gap, 0) :]
            yield from self._silence(gap)
            yield piece
            timeline.position += max(gap, 0) + piece.shape[1]

    def _frames(self, timeline: "_Timeline") -> Iterator[AudioFrame]:
        for packet in demux(self._container, (self._stream,), self._damage):
            try:
                yield from self._stream.decode(packet)
            except FFmpegError:
                # The empty packet at the end only flushes: nothing is lost with it.
                self._damage.packets += packet.size > 0
                timeline.is_lost = True

    def _silence(self, num_samples: int) -> Iterator[Samples]:
        while num_samples > 0:
            size = min(num_samples, self.sample_rate_hz)
            yield np.zeros((self.channels, size), np.float32)
            num_samples -= size


class _Timeline:
    """Compares time stamps with the number of samples delivered so far.

    Attributes:
        position: Samples delivered.
        is_lost: Whether packets were dropped, so that only the next time stamp counts.
    """

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self.position = 0
        self.is_lost = True
        self._rate = stream.sample_rate
        self._start_s = float(origin(container))
        self._max_jump = (container_duration_s(container) + _JUMP_MARGIN_S) * self._rate

    def gap_before(self, frame: AudioFrame) -> int:
        """Samples missing before the frame; negative where it overlaps what was delivered."""
        if frame.time is None:
            return 0
        deviation = round((frame.time - self._start_s) * self._rate) - self.position
        if abs(deviation) > self._max_jump:
            self._start_s += deviation / self._rate
            deviation = 0
        if not self.is_lost and abs(deviation) <= _RESYNC_S * self._rate:
            return 0
        self.is_lost = False
        return deviation


class _Converter:
    """Turns frames of any sample format into planar float32 of the track's rate and layout."""

    def __init__(self, stream: AudioStream) -> None:
        self._layout = stream.layout
        self._channels = stream.layout.nb_channels
        self._rate = stream.sample_rate
        self._source: tuple[str, str, int] | None = None
        self._resampler = AudioResampler()

    def convert(self, frame: AudioFrame) -> Samples:
        """(channels, num_samples) float32; full scale at +-1."""
        is_same = (frame.layout.nb_channels, frame.sample_rate) == (self._channels, self._rate)
        is_planar = frame.format.is_planar
        full_scale = _FULL_SCALES.get(frame.format.name.removesuffix("p"))
        if full_scale is None or not is_same or (is_planar and self._channels >= _MAX_PLANES):
            return self._resample(frame, is_same=is_same)
        samples = frame.to_ndarray()
        planar = samples if is_planar else samples.reshape(-1, self._channels).T
        if full_scale == 1:
            # What is too large becomes infinite, and is counted with what is no number.
            with np.errstate(over="ignore"):
                return planar.astype(np.float32, copy=False)
        return planar.astype(np.float32) * np.float32(1 / full_scale)

    def _resample(self, frame: AudioFrame, *, is_same: bool) -> Samples:
        """The way of the rare formats, and of broadcasts that change within a track."""
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if source != self._source:
            self._source = source
            layout = frame.layout if is_same else self._layout
            self._resampler = AudioResampler("flt", layout, self._rate)
        pieces = [piece.to_ndarray() for piece in self._resampler.resample(frame)]
        packed = np.concatenate([np.zeros((1, 0), np.float32), *pieces], axis=1, dtype=np.float32)
        return packed.reshape(-1, self._channels).T


def _rechunk(pieces: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Equal blocks of `size` samples from pieces of any length; the last may be shorter."""
    held: list[Samples] = []
    num_held = 0
    for piece in pieces:
        rest = piece
        while num_held + rest.shape[1] >= size:
            head = rest[:, : size - num_held]
            yield np.concatenate([*held, head], axis=1)
            rest, held, num_held = rest[:, head.shape[1] :], [], 0
        if rest.shape[1]:
            held.append(rest)
            num_held += rest.shape[1]
    if num_held:
        yield np.concatenate(held, axis=1)
