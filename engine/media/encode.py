"""Encoding the new sound track: which codec, at which rate, and sample-exact timing."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.container import OutputContainer
from av.error import FFmpegError

from engine.errors import CodecError
from engine.translation import tr
from engine.types import Samples

if TYPE_CHECKING:
    from av.packet import Packet

MIN_BIT_RATE = 256_000
_MIN_BIT_RATE_PER_CHANNEL = 96_000
_LOWER_BIT_RATES = (448_000, 384_000, 320_000, 256_000, 192_000, 160_000, 128_000, 64_000, 0)
_RATES_HZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000)
_SAMPLE_FORMATS = ("fltp", "flt", "dblp", "dbl", "s32p", "s32")
# What speech and telephone codecs leave of music is not worth keeping.
_KEPT_CODECS = frozenset(
    {"aac", "mp3", "mp2", "opus", "ac3", "eac3", "wmav2", "flac", "alac", "wavpack", "tta"}
)
_ENCODERS = {"mp3": "libmp3lame", "opus": "libopus"}
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_FALLBACKS = {
    "webm": ("libopus",),
    "mov": ("aac", "alac", "pcm_s24le"),
    "mp4": ("aac", "alac"),
    "ipod": ("aac", "alac"),
    "matroska": ("flac", "pcm_f32le"),
    "avi": ("pcm_s24le",),
    "wav": ("pcm_s24le",),
    "ogg": ("libopus", "flac"),
}
_LAST_RESORTS = ("aac", "libmp3lame", "mp2", "libopus", "flac", "alac", "wmav2", "pcm_s24le")
# The muxer takes any codec, but what is not on its list ends up as private data nobody reads.
_TRANSPORT_CODECS = frozenset({"aac", "libmp3lame", "mp2", "ac3", "eac3", "libopus"})
_SLICE_SAMPLES = 8192
_MOV_FORMATS = frozenset({"mp4", "mov", "ipod", "3gp", "3g2", "psp", "f4v"})
_MATROSKA_FORMATS = frozenset({"matroska", "webm", "ogg", "opus", "oga"})
_DELAY_FORMATS = _MOV_FORMATS | _MATROSKA_FORMATS | {"mp3"}
_LOSSLESS_CODECS = frozenset({"flac", "alac", "wavpack", "tta"})
# FFmpeg's encoders of these mark the padding of the last packet, and Matroska keeps the mark.
_END_MARKING_CODECS = frozenset({"libopus", "libmp3lame"})


@dataclass(frozen=True, slots=True)
class Sound:
    """What is to be encoded.

    Attributes:
        num_samples: Frames.
        channels: Number of channels.
        sample_rate_hz: Frames a second.
        codec: FFmpeg's name of the codec of the source's track, or None.
        layout: FFmpeg's name of the source's channel layout, or None.
        bit_rate: Bits a second of the source's track, or None.
    """

    num_samples: int
    channels: int
    sample_rate_hz: int
    codec: str | None = None
    layout: str | None = None
    bit_rate: int | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the sound is encoded.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        sample_rate_hz: Frames a second of the new track.
        layout: FFmpeg's name of its channel layout.
        bit_rate: Bits a second; 0 for lossless codecs.
        keeps_delay: Whether the container can say that the first samples are encoder delay.
        keeps_length: Whether the container can say where the sound ends within the last packet.
    """

    encoder: str
    sample_rate_hz: int
    layout: str
    bit_rate: int
    keeps_delay: bool
    keeps_length: bool

    @property
    def codec(self) -> Codec:
        """FFmpeg's codec."""
        return Codec(self.encoder, "w")

    @property
    def sample_format(self) -> str:
        """The sample format that loses least."""
        known = [sample_format.name for sample_format in self.codec.audio_formats or []]
        return next((name for name in _SAMPLE_FORMATS if name in known), known[0])

    @property
    def is_clipping(self) -> bool:
        """Whether samples beyond full scale are lost."""
        return "f32" not in self.encoder and "f64" not in self.encoder


def choose_encoding(format_name: str, sound: Sound, wanted: str | None) -> Encoding:
    """The first encoding that FFmpeg can write into the container.

    The user's codec if one is wanted; else the source's, then what suits the container, each at
    the sound's rate and, if none can do that, at the nearest rate that a codec knows.

    Args:
        format_name: FFmpeg's name of the muxer.
        sound: What is to be encoded.
        wanted: FFmpeg's name of a codec or an encoder, or None.

    Raises:
        CodecError: There is none.
    """
    rate_hz = sound.sample_rate_hz
    other_rates = sorted(_RATES_HZ, key=lambda other: (other < rate_hz, abs(other - rate_hz)))
    encoders = _candidates(format_name, sound, wanted)
    for rates in ((rate_hz,), other_rates):
        for encoder in encoders:
            for rate in rates:
                encoding = _fitting(format_name, encoder, rate, sound)
                if encoding is not None:
                    return encoding
    if wanted:
        words = tr("FFmpeg cannot write {codec} into {format}", codec=wanted, format=format_name)
    else:
        words = tr("FFmpeg cannot write this sound into {format}", format=format_name)
    raise CodecError(words, tr("choose another codec or another file extension"))


def add_sound(container: OutputContainer, encoding: Encoding) -> AudioStream:
    """A new sound stream in a container that has not been started."""
    stream = cast("AudioStream", container.add_stream(encoding.encoder, encoding.sample_rate_hz))
    stream.codec_context.layout = encoding.layout
    stream.codec_context.format = encoding.sample_format
    stream.codec_context.bit_rate = encoding.bit_rate
    if encoding.encoder == "libmp3lame" and not encoding.keeps_delay:
        # Without the bit reservoir a decoder can start at any packet.
        stream.codec_context.options = {"reservoir": "0"}
    return stream


class SoundEncoder:
    """Encodes blocks into packets whose first sample is at time 0 and whose last is the last one.

    Where a container cannot say how much of the first packet is encoder delay, the sound is
    shifted so that the delay fills whole packets, and those are left out.

    Attributes:
        num_encoded: Samples taken so far, at the sound's rate.
        num_clipped: Samples beyond full scale that the codec may have cut.
    """

    def __init__(self, stream: AudioStream, encoding: Encoding, sound: Sound) -> None:
        self.num_encoded = 0
        self.num_clipped = 0
        self._stream = stream
        self._sound = sound
        self._is_clipping = encoding.is_clipping
        self._layout = encoding.layout
        self._lead = 0 if encoding.keeps_delay else _lead_samples(encoding)
        self._has_delay = encoding.keeps_delay
        self._end = round(sound.num_samples * encoding.sample_rate_hz / sound.sample_rate_hz)

    def packets(self, blocks: Iterable[Samples]) -> "Iterator[Packet[AudioStream]]":
        """Encode blocks (channels, any length) float32, lazily."""
        for frame in self._frames(blocks):
            yield from self._timed(self._stream.encode(frame))
        yield from self._timed(self._stream.encode(None))
        if self.num_encoded != self._sound.num_samples:
            raise ValueError(f"expected {self._sound.num_samples} samples, got {self.num_encoded}")

    def _frames(self, blocks: Iterable[Samples]) -> Iterator[AudioFrame]:
        rate = self._sound.sample_rate_hz
        lead = -(-self._lead * rate // self._stream.sample_rate)
        if lead:
            silence = np.zeros((self._sound.channels, lead), np.float32)
            yield _frame(silence, self._layout, rate, -lead)
        for block in blocks:
            for start in range(0, block.shape[1], _SLICE_SAMPLES):
                piece = block[:, start : start + _SLICE_SAMPLES]
                if self._is_clipping:
                    self.num_clipped += int(np.count_nonzero(np.abs(piece) > 1))
                yield _frame(piece, self._layout, rate, self.num_encoded)
                self.num_encoded += piece.shape[1]

    def _timed(self, packets: "list[Packet[AudioStream]]") -> "Iterator[Packet[AudioStream]]":
        """Leave out what is only delay or padding, and shorten the last packet to the sound."""
        for packet in packets:
            start, duration = packet.pts or 0, packet.duration or 0
            is_whole = self._has_delay or (start >= 0 and duration > 0)
            if start >= self._end or not is_whole:
                continue
            packet.duration = min(duration, self._end - start)
            yield packet


def _frame(samples: Samples, layout: str, sample_rate_hz: int, position: int) -> AudioFrame:
    # Packed, because PyAV reads past the end of planar frames of eight channels.
    packed = np.ascontiguousarray(samples.T, np.float32).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, "flt", layout)
    frame.sample_rate = sample_rate_hz
    frame.time_base = Fraction(1, sample_rate_hz)
    frame.pts = position
    return frame


def _lead_samples(encoding: Encoding) -> int:
    """Zeros to put before the sound so that the encoder's delay is a whole number of packets."""
    context = encoding.codec.create("audio")
    context.sample_rate = encoding.sample_rate_hz
    context.layout = encoding.layout
    context.format = encoding.sample_format
    context.bit_rate = encoding.bit_rate
    context.open()
    size = context.frame_size
    if not size:
        return 0
    silence = np.zeros((context.channels, size), np.float32)
    frame = _frame(silence, encoding.layout, encoding.sample_rate_hz, 0)
    packets = context.encode(frame) + context.encode(None)
    return (packets[0].pts or 0) % size


def _candidates(format_name: str, sound: Sound, wanted: str | None) -> list[str]:
    codec = sound.codec or ""
    source = (codec,) if codec in _KEPT_CODECS or codec.startswith("pcm_") else ()
    names = (
        (wanted,)
        if wanted is not None
        else (*source, *_FALLBACKS.get(format_name, ()), *_LAST_RESORTS)
    )
    encoders = [_ENCODERS.get(name, name) for name in names]
    return [encoder for encoder in dict.fromkeys(encoders) if _is_encoder(encoder)]


def _is_encoder(name: str) -> bool:
    try:
        codec = Codec(name, "w")
    except UnknownCodecError:
        return False
    return codec.type == "audio" and not codec.experimental


def _fitting(format_name: str, encoder: str, rate_hz: int, sound: Sound) -> Encoding | None:
    """The encoder's setting at that rate, tried out; None if FFmpeg refuses it."""
    if format_name == "mpegts" and encoder not in _TRANSPORT_CODECS:
        return None
    codec = Codec(encoder, "w")
    # Opus takes other rates, but its decoder always gives 48 kHz.
    rates = (48_000,) if encoder == "libopus" else codec.audio_rates
    if rates and rate_hz not in rates:
        return None
    is_pcm = encoder.startswith("pcm_")
    keeps_length = (
        is_pcm
        or encoder in _LOSSLESS_CODECS
        or format_name in _MOV_FORMATS
        or (format_name in _DELAY_FORMATS and encoder in _END_MARKING_CODECS)
    )
    keeps_delay = format_name in _DELAY_FORMATS or is_pcm or encoder in _LOSSLESS_CODECS
    encoding = Encoding(encoder, rate_hz, "", 0, keeps_delay, keeps_length)
    layouts = dict.fromkeys((sound.layout, _LAYOUTS.get(sound.channels)))
    for layout in layouts:
        if layout is None or av.AudioLayout(layout).nb_channels != sound.channels:
            continue
        for bit_rate in _bit_rates(codec, sound):
            tried = replace(encoding, layout=layout, bit_rate=bit_rate)
            if _can_write(format_name, tried):
                return tried
    return None


def _bit_rates(codec: Codec, sound: Sound) -> tuple[int, ...]:
    if not codec.lossy:
        return (0,)
    best = max(MIN_BIT_RATE, _MIN_BIT_RATE_PER_CHANNEL * sound.channels, sound.bit_rate or 0)
    return (best, *(rate for rate in _LOWER_BIT_RATES if rate < best))


def _can_write(format_name: str, encoding: Encoding) -> bool:
    """Whether FFmpeg writes a header for this; no table is as right as a try."""
    try:
        with av.open(io.BytesIO(), "w", format=format_name) as container:
            add_sound(container, encoding)
            container.start_encoding()
    except (FFmpegError, ValueError):
        return False
    return True
