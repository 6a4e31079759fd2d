"""What a media file holds, without decoding it."""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from engine import remarks
from engine.media.container import (
    Damage,
    demux,
    has_decoder,
    open_media,
    origin,
    picture_streams,
    sound_streams,
)

_EXACT_FORMATS = frozenset({"wav", "w64", "aiff", "flac", "au", "caf"})
_DELAYED_CODECS = frozenset({"mp3", "aac"})


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One sound track.

    Attributes:
        index: Number of the stream in the file.
        codec: FFmpeg's name of the codec.
        sample_rate_hz: Frames a second.
        channels: Number of channels.
        layout: FFmpeg's name of the channel layout.
        language: ISO 639 code, or None.
        bit_rate: Bits a second, or None if the file does not say.
        num_samples: Frames from the start of the file's timeline to the end of the track.
        exact_length: Whether the container states `num_samples`; else it is an estimate.
    """

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    language: str | None
    bit_rate: int | None
    num_samples: int
    exact_length: bool


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The moving picture.

    Attributes:
        index: Number of the stream in the file.
        codec: FFmpeg's name of the codec.
        width: Pixels as shown, rotation and pixel shape applied.
        height: Pixels as shown.
        rotation_deg: How far players turn the stored picture anticlockwise: 0, 90, 180 or 270.
        frame_rate: Mean number of frames a second, 0 if unknown.
        start_s: When the first frame shows.
        duration_s: How long the picture lasts.
    """

    index: int
    codec: str
    width: int
    height: int
    rotation_deg: int
    frame_rate: float
    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A media file.

    Attributes:
        container: FFmpeg's name of the format.
        duration_s: Length of the whole.
        audio: Sound tracks that can be decoded, in order.
        video: The first moving picture, or None; cover art is none.
        warnings: Plain sentences for the user.
        num_undecodable: Sound tracks that cannot be decoded.
    """

    container: str
    duration_s: float
    audio: tuple[AudioTrack, ...]
    video: VideoTrack | None
    warnings: tuple[str, ...]
    num_undecodable: int = 0


@dataclass(frozen=True, slots=True)
class Length:
    """How long a sound track is, counted from the start of the file's timeline.

    Attributes:
        num_samples: Frames.
        is_exact: Whether the container states it to the sample.
    """

    num_samples: int
    is_exact: bool


def probe(path: Path) -> MediaInfo:
    """Describe a media file.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: It holds neither moving pictures nor sound.
    """
    with open_media(path) as container:
        duration_s = container_duration_s(container)
        pictures = [stream for stream in picture_streams(container) if has_decoder(stream)]
        sounds = sound_streams(container)
        unknown = len(container.streams.audio) - len(sounds)
        warnings = (remarks.UNDECODABLE(count=unknown),) if unknown else ()
        audio = tuple(_audio_track(container, stream) for stream in sounds)
        video = _video_track(container, pictures[0], duration_s) if pictures else None
        return MediaInfo(container.format.name, duration_s, audio, video, warnings, unknown)


def sound_length(container: InputContainer, stream: AudioStream) -> Length:
    """Length of a sound track as the container presents it."""
    time_base = stream.time_base or Fraction(1, stream.sample_rate)
    if stream.duration is None:
        return Length(round(container_duration_s(container) * stream.sample_rate), is_exact=False)
    start = (stream.start_time or 0) * time_base - origin(container)
    num_samples = round((start + stream.duration * time_base) * stream.sample_rate)
    names = set(container.format.name.split(","))
    # A fragmented file states no number of packets, and a length only of what has been read.
    is_exact = bool(names & _EXACT_FORMATS) or ("mp4" in names and stream.frames > 0)
    return Length(max(num_samples, 0), is_exact)


def encoder_delay_s(container: InputContainer) -> float:
    """How much of the first sound track its encoder put before the sound, if the file says so.

    Our decoding leaves it out, as FFmpeg and libsndfile do. Some editors do not: of MP3 and AAC
    they play it (1105 samples by LAME, 1024 by FFmpeg, 2112 by Apple), or guess. Where a file does
    not say, as MP3 without a LAME tag and bare AAC, everybody plays it. Codecs that define it
    themselves, as Vorbis and Opus, have none here. Reads the first packet.
    """
    stream = next(iter(sound_streams(container)), None)
    if stream is None or stream.codec_context.codec.canonical_name not in _DELAYED_CODECS:
        return 0.0
    packet = next(demux(container, (stream,), Damage()), None)
    if packet is None or packet.pts is None or stream.time_base is None:
        return 0.0
    return max(0.0, float(((stream.start_time or 0) - packet.pts) * stream.time_base))


def container_duration_s(container: InputContainer) -> float:
    """Length of the whole file in seconds; 0 if nothing tells it."""
    if container.duration is not None:
        return max(container.duration / av.time_base, 0.0)
    ends = [
        float(stream.duration * stream.time_base)
        for stream in container.streams
        if stream.duration is not None and stream.time_base is not None
    ]
    return max(ends, default=0.0)


def display_rotation_deg(frame: av.VideoFrame) -> int:
    """Anticlockwise rotation for display, to the quarter turn: 0, 90, 180 or 270."""
    return round(frame.rotation / 90) * 90 % 360


def display_size(stream: VideoStream, rotation_deg: int) -> tuple[int, int]:
    """Width and height as shown: pixel shape and rotation applied."""
    aspect = float(stream.sample_aspect_ratio or 1)
    width = max(round(stream.width * aspect), 1)
    return (stream.height, width) if rotation_deg % 180 else (width, stream.height)


def _audio_track(container: InputContainer, stream: AudioStream) -> AudioTrack:
    length = sound_length(container, stream)
    return AudioTrack(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        sample_rate_hz=stream.sample_rate,
        channels=stream.channels,
        layout=stream.layout.name,
        language=stream.language,
        bit_rate=stream.bit_rate or None,
        num_samples=length.num_samples,
        exact_length=length.is_exact,
    )


def _video_track(container: InputContainer, stream: VideoStream, whole_s: float) -> VideoTrack:
    start_s, duration_s = _picture_span_s(container, stream, whole_s)
    rotation_deg = _first_rotation_deg(container, stream)
    width, height = display_size(stream, rotation_deg)
    return VideoTrack(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        width=width,
        height=height,
        rotation_deg=rotation_deg,
        frame_rate=_finite(stream.average_rate or stream.guessed_rate),
        start_s=start_s,
        duration_s=duration_s,
    )


def picture_end_s(container: InputContainer) -> float:
    """When the moving picture is over, without decoding it; 0 where there is none."""
    spans_s = (
        _picture_span_s(container, stream, container_duration_s(container))
        for stream in picture_streams(container)[:1]
    )
    return max((start_s + duration_s for start_s, duration_s in spans_s), default=0.0)


def _picture_span_s(
    container: InputContainer, stream: VideoStream, whole_s: float
) -> tuple[float, float]:
    """When the picture begins, and how long it lasts."""
    time_base = stream.time_base or Fraction(1, av.time_base)
    start_s = float((stream.start_time or 0) * time_base - origin(container))
    duration_s = float(stream.duration * time_base) if stream.duration else whole_s - start_s
    return start_s, max(duration_s, 0.0)


def _first_rotation_deg(container: InputContainer, stream: VideoStream) -> int:
    """PyAV shows the display matrix only on frames, so the first one is decoded."""
    try:
        frame = next(container.decode(stream), None)
    except FFmpegError:
        return 0
    return display_rotation_deg(frame) if frame is not None else 0


def _finite(rate: Fraction | None) -> float:
    value = float(rate or 0)
    return value if math.isfinite(value) else 0.0
