"""Opening media files with FFmpeg, and what all readers agree on: origin, tracks, damage."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from engine import remarks
from engine.errors import CodecError, NoAudioError, NotMediaError, NoVideoError
from engine.media.readable import check_readable
from engine.translation import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet

_NOT_MEDIA_FORMATS = frozenset({"tty", "image2", "lrc", "ass", "srt", "webvtt", "ffmetadata"})


def open_media(path: Path) -> InputContainer:
    """Open a local file for reading; nothing outside this file is opened, whatever it refers to.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: FFmpeg does not recognise it.
    """
    check_readable(path)
    try:
        # The prefix keeps FFmpeg from taking a name like "a:b.mp4" for a network address, and
        # surrogate escapes carry tags of any encoding through unchanged.
        container = av.open(
            f"file:{path.absolute()}",
            "r",
            container_options={"protocol_whitelist": "file"},
            metadata_errors="surrogateescape",
        )
    except FFmpegError as error:
        raise NotMediaError(
            tr("{path} cannot be read as media", path=path), _damaged_hint()
        ) from error
    name = container.format.name
    if name in _NOT_MEDIA_FORMATS or name.endswith("_pipe") or not _has_media(container):
        container.close()
        raise NotMediaError(
            tr("{path} holds neither moving pictures nor sound", path=path), _damaged_hint()
        )
    return container


def origin(container: InputContainer) -> Fraction:
    """Time stamp, in seconds, of the first picture or sound: time 0 of the file's timeline."""
    starts = [
        stream.start_time * stream.time_base
        for stream in container.streams
        if isinstance(stream, AudioStream | VideoStream)
        and not is_cover(stream)
        and stream.start_time is not None
        and stream.time_base is not None
    ]
    return min(starts, default=Fraction(0))


def is_cover(stream: Stream) -> bool:
    """Whether a video stream is only an attached still picture."""
    return bool(stream.disposition & Disposition.attached_pic)


def sound_streams(container: InputContainer) -> tuple[AudioStream, ...]:
    """The sound tracks that can be decoded, in the order of the file."""
    return tuple(s for s in container.streams.audio if _is_decodable(s))


def sound_stream(container: InputContainer, path: Path, track: int) -> AudioStream:
    """Sound track number `track`, from 0.

    Raises:
        NoAudioError: There are not so many.
        CodecError: There are some, but FFmpeg cannot decode them.
    """
    streams = sound_streams(container)
    if track < len(streams):
        return streams[track]
    if container.streams.audio and not streams:
        raise CodecError(
            tr("FFmpeg cannot decode the sound of {path}", path=path), tr("convert it first")
        )
    if not streams:
        raise NoAudioError(
            tr("{path} has no sound track", path=path), tr("choose a video with sound")
        )
    raise NoAudioError(
        tr("{path} has no sound track {number}", path=path, number=track + 1),
        tr("choose one from 1 to {last}", last=len(streams)),
    )


def picture_streams(container: InputContainer) -> tuple[VideoStream, ...]:
    """The moving pictures, in the order of the file; cover art is none."""
    return tuple(s for s in container.streams.video if not is_cover(s))


def picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first moving picture.

    Raises:
        NoVideoError: There is none.
        CodecError: FFmpeg cannot decode it.
    """
    streams = picture_streams(container)
    if not streams:
        raise NoVideoError(tr("{path} has no picture", path=path), tr("choose a video"))
    if not has_decoder(streams[0]):
        raise CodecError(
            tr("FFmpeg cannot decode the picture of {path}", path=path), tr("convert it first")
        )
    return streams[0]


def has_decoder(stream: Stream) -> bool:
    """Whether FFmpeg can decode the stream (PyAV's hints do not say that it may not)."""
    return getattr(stream, "codec_context", None) is not None


class Damage:
    """Counts what could not be read, for one sentence in the end.

    Attributes:
        packets: Packets that could not be decoded or copied.
        broke_off: Whether reading ended before the end of the file.
    """

    def __init__(self) -> None:
        self.packets = 0
        self.broke_off = False

    def warnings(self) -> tuple[str, ...]:
        """Sentences for the user; none if all was well."""
        found = []
        if self.packets:
            found.append(remarks.PACKETS_SKIPPED(count=self.packets))
        if self.broke_off:
            found.append(remarks.BREAKS_OFF())
        return tuple(found)


def demux(
    container: InputContainer, streams: tuple[Stream, ...], damage: Damage
) -> "Iterator[Packet[Stream]]":
    """All packets of the streams, and an empty one for each in the end, which flushes decoders.

    A read error ends the iteration early, as the end of the file would.
    """
    packets = container.demux(streams)
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:
            damage.broke_off = True
            return
        except IndexError:
            # PyAV stumbles in the end over streams that showed up behind the header.
            return
        if packet is None:
            return
        yield packet


def _damaged_hint() -> str:
    return tr("the file is damaged or no video or sound file; try to play it in another program")


def _has_media(container: InputContainer) -> bool:
    return bool(container.streams.audio or picture_streams(container))


def _is_decodable(stream: AudioStream) -> bool:
    return has_decoder(stream) and stream.sample_rate > 0 and stream.channels > 0
