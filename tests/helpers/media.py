"""Small films and sounds for tests, made with FFmpeg's encoders."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.media.container import open_media, origin
from engine.types import Samples

if TYPE_CHECKING:
    from av.packet import Packet

FRAME_RATE_HZ = 25
VIDEO_CODECS = {".webm": "libvpx", ".avi": "mpeg4"}
AUDIO_CODECS = {".webm": "libopus", ".avi": "pcm_s16le", ".mkv": "flac", ".wav": "pcm_f32le"}
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


@dataclass(frozen=True)
class Track:
    """One sound track of a film.

    Attributes:
        samples: (channels, num_samples) float32.
        sample_rate_hz: Frames a second.
        codec: FFmpeg's encoder name; None takes one that fits the container.
        start_s: When its first sample sounds.
        language: ISO 639-2 code.
    """

    samples: Samples
    sample_rate_hz: int = 48_000
    codec: str | None = None
    start_s: float = 0.0
    language: str = ""


@dataclass(frozen=True)
class Film:
    """What `make_film` writes.

    Attributes:
        seconds: Length of the picture; 0 leaves the picture out.
        tracks: Sound tracks.
        video_codec: FFmpeg's encoder name; None takes one that fits the container.
        frame_times_s: Presentation times for a variable frame rate; None is 25 a second.
        size: Width and height.
        rotation_deg: How far players turn the picture, anticlockwise.
        metadata: Tags of the file.
        chapters: Start, end and title.
        subtitles: Start, end and text.
    """

    seconds: float = 2.0
    tracks: Sequence[Track] = ()
    video_codec: str | None = None
    frame_times_s: Sequence[float] | None = None
    size: tuple[int, int] = (64, 48)
    rotation_deg: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    chapters: Sequence[tuple[float, float, str]] = ()
    subtitles: Sequence[tuple[float, float, str]] = ()


def noise(
    seconds: float, sample_rate_hz: int = 48_000, channels: int = 2, seed: int = 0
) -> Samples:
    """Low-passed noise: survives lossy codecs and correlates with itself at one lag only.

    Returns:
        (channels, num_samples) float32, peak 0.5.
    """
    num_samples = round(seconds * sample_rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((channels, num_samples)))
    hz = np.fft.rfftfreq(num_samples, 1 / sample_rate_hz)
    spectrum[:, (hz < 100) | (hz > min(4000, 0.4 * sample_rate_hz))] = 0
    samples = np.fft.irfft(spectrum, num_samples)
    return (0.5 * samples / max(float(np.abs(samples).max()), 1e-9)).astype(np.float32)


def quiet(seconds: float, seed: int = 0) -> Samples:
    """Noise at 44.1 kHz that leaves room for more of its kind."""
    return np.float32(0.4) * noise(seconds, 44_100, seed=seed)


def picture(index: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """Frame `index` of a test film, (height, width, 3): brightness counts, the corner is red."""
    image = np.full((height, width, 3), 20 + index * 4 % 200, np.uint8)
    image[: height // 4, : width // 4] = (255, 0, 0)
    return image


def lag_samples(reference: Samples, estimate: Samples) -> int:
    """How much later the estimate is, by the peak of the cross-correlation of channel 0."""
    size = 1 << (reference.shape[1] + estimate.shape[1]).bit_length()
    product = np.fft.rfft(estimate[0], size) * np.conj(np.fft.rfft(reference[0], size))
    peak = int(np.argmax(np.fft.irfft(product, size)))
    return peak if peak < size // 2 else peak - size


def snr_db(reference: Samples, estimate: Samples) -> float:
    """Energy of the reference over that of the difference, over the common length."""
    length = min(reference.shape[1], estimate.shape[1])
    error = estimate[:, :length] - reference[:, :length]
    energy = float(np.sum(reference[:, :length].astype(np.float64) ** 2))
    return 10 * float(np.log10(energy / max(float(np.sum(error.astype(np.float64) ** 2)), 1e-20)))


def make_video(
    path: Path,
    seconds: float = 2.0,
    audio: Samples | None = None,
    sample_rate_hz: int = 48_000,
    codec: str | None = None,
) -> Path:
    """Write a film with one sound track or none; `make_film` knows everything else.

    Args:
        path: Where to; the extension names the container.
        seconds: Length of the picture; 0 leaves it out.
        audio: (channels, num_samples) float32.
        sample_rate_hz: Frames a second of `audio`.
        codec: FFmpeg's encoder name for the sound.
    """
    tracks = () if audio is None else (Track(audio, sample_rate_hz, codec),)
    return make_film(path, Film(seconds, tracks))


def make_film(path: Path, film: Film) -> Path:
    """Write `film` to `path`, whose extension names the container."""
    with av.open(str(path), "w") as container:
        container.metadata.update(film.metadata)
        _set_chapters(container, film)
        picture_stream = _add_picture(container, path, film) if film.seconds > 0 else None
        sound_streams = [_add_sound(container, path, track) for track in film.tracks]
        subtitle_stream = _add_subtitles(container, path) if film.subtitles else None
        container.start_encoding()
        packets: list[Packet[Stream]] = []
        if picture_stream is not None:
            packets += _picture_packets(picture_stream, film)
        for stream, track in zip(sound_streams, film.tracks, strict=True):
            packets += _sound_packets(stream, track)
        if subtitle_stream is not None:
            packets += _subtitle_packets(subtitle_stream, film)
        container.mux(sorted(packets, key=lambda p: (p.dts or 0) * p.time_base))
    return path


def _set_chapters(container: OutputContainer, film: Film) -> None:
    container.set_chapters(
        [
            {
                "id": index,
                "start": round(start_s * 1000),
                "end": round(end_s * 1000),
                "time_base": Fraction(1, 1000),
                "metadata": {"title": title},
            }
            for index, (start_s, end_s, title) in enumerate(film.chapters, 1)
        ]
    )


def _add_picture(container: OutputContainer, path: Path, film: Film) -> VideoStream:
    codec = film.video_codec or VIDEO_CODECS.get(path.suffix, "libx264")
    options = {"g": "12"} | ({"preset": "ultrafast", "bf": "2"} if codec == "libx264" else {})
    stream = cast("VideoStream", container.add_stream(codec, FRAME_RATE_HZ, options))
    stream.width, stream.height = film.size
    stream.bit_rate = 2_000_000
    stream.pix_fmt = "yuv420p"
    if film.frame_times_s is not None:
        stream.codec_context.time_base = Fraction(1, 1000)
    if film.rotation_deg:
        stream.set_display_rotation(film.rotation_deg)
    return stream


def _add_sound(container: OutputContainer, path: Path, track: Track) -> AudioStream:
    codec = track.codec or AUDIO_CODECS.get(path.suffix, "aac")
    stream = cast("AudioStream", container.add_stream(codec, track.sample_rate_hz))
    stream.layout = LAYOUTS[track.samples.shape[0]]
    if track.language:
        stream.metadata["language"] = track.language
    return stream


def _add_subtitles(container: OutputContainer, path: Path) -> Stream:
    codec = "subrip" if path.suffix == ".mkv" else "mov_text"
    stream = container.add_mux_stream(codec)
    stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = "fra"
    return stream


def _picture_packets(stream: VideoStream, film: Film) -> "list[Packet[Stream]]":
    count = round(film.seconds * FRAME_RATE_HZ)
    times_s = film.frame_times_s or [index / FRAME_RATE_HZ for index in range(count)]
    packets = []
    for index, time_s in enumerate(times_s):
        frame = av.VideoFrame.from_ndarray(picture(index, *film.size))
        frame.time_base = Fraction(1, 1000)
        frame.pts = round(time_s * 1000)
        packets += stream.encode(frame)
    return cast("list[Packet[Stream]]", packets + stream.encode(None))


def _sound_packets(stream: AudioStream, track: Track) -> "list[Packet[Stream]]":
    rate = track.sample_rate_hz
    packets = []
    for start in range(0, track.samples.shape[1], rate):
        # Packed, because PyAV reads past the end of planar frames of eight channels.
        packed = track.samples[:, start : start + rate].T.reshape(1, -1)
        block = np.ascontiguousarray(packed, np.float32)
        frame = av.AudioFrame.from_ndarray(block, "flt", stream.layout.name)
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        frame.pts = start + round(track.start_s * rate)
        packets += stream.encode(frame)
    return cast("list[Packet[Stream]]", packets + stream.encode(None))


def _subtitle_packets(stream: Stream, film: Film) -> "list[Packet[Stream]]":
    packets = []
    for start_s, end_s, text in film.subtitles:
        data = text.encode()
        if stream.codec_context is None and stream.container.format.name != "matroska":
            data = len(data).to_bytes(2, "big") + data
        packet: Packet[Stream] = av.Packet(data)
        packet.stream = stream
        packet.time_base = Fraction(1, 1000)
        packet.pts = packet.dts = round(start_s * 1000)
        packet.duration = round((end_s - start_s) * 1000)
        packets.append(packet)
    return packets


@dataclass(frozen=True)
class PicturePacket:
    """One packet of a picture: what it holds, when it is shown."""

    digest: str
    time_s: float | None
    is_keyframe: bool


def picture_packets(path: Path) -> list[PicturePacket]:
    """All packets of the picture, with times from the start of the file."""
    with open_media(path) as container:
        start = origin(container)
        return [
            PicturePacket(
                hashlib.sha256(bytes(packet)).hexdigest(),
                None
                if packet.pts is None
                else round(float(packet.pts * packet.time_base - start), 3),
                packet.is_keyframe,
            )
            for packet in container.demux(container.streams.video[0])
            if packet.size
        ]
