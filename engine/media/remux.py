"""Copying what is not encoded anew: pictures, further tracks, subtitles, chapters and tags."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from av import time_base
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import AttachmentStream, Disposition, Stream
from av.video.stream import VideoStream

from engine import remarks
from engine.errors import CodecError
from engine.media.container import Damage, demux, has_decoder, is_cover, open_media, origin
from engine.translation import tr
from engine.types import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet

_MATROSKA = "matroska"
# MP4 takes only some of QuickTime's tags; without these Apple's players refuse the picture.
_MP4_TAGS = frozenset({"hvc1", "dvh1", "avc3"})
# These muxers take packets only as they stand in a broadcast, with the headers among them. That of
# MPEG-TS changes H.264 and H.265 itself.
_BROADCAST_FORMATS = frozenset({"avi", "mpeg", "vcd", "svcd", "dvd", "vob", "mpegts"})
_BROADCAST_FILTERS = {
    "h264": "h264_mp4toannexb",
    "hevc": "hevc_mp4toannexb",
    "mpeg4": "dump_extra",
}
# Written anew by the muxer, or true of the old packets alone.
_FILE_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "duration"})
_TRACK_TAGS = ("encoder", "duration", "bps", "number_of_frames", "number_of_bytes", "_statistics")
# What the MP4 muxer has a place of its own for; any other tag needs the general one.
_MP4_PLAIN_TAGS = frozenset(
    {
        *("title", "artist", "author", "album_artist", "album", "composer", "writer", "comment"),
        *("description", "synopsis", "date", "genre", "grouping", "copyright", "lyrics", "show"),
        *("episode_id", "network", "track", "disc", "keywords", "creation_time", "location"),
        *("make", "model"),
    }
)


@dataclass(frozen=True, slots=True)
class CopiedStream:
    """A stream of the source and its place in the output.

    Attributes:
        source: Where the packets come from.
        target: Where they go.
        filter: Gives packets the form that the container wants; None leaves them as they are.
    """

    source: Stream
    target: Stream
    filter: BitStreamFilterContext | None = None


def header_options(
    container: InputContainer, format_name: str, sample_rate_hz: int
) -> dict[str, str]:
    """Options for the muxer that keep lengths exact and unusual tags alive."""
    if format_name not in ("mp4", "mov", "ipod"):
        return {}
    # Edit lists count in this unit; the default of a millisecond would cut the sound short.
    options = {"movie_timescale": str(sample_rate_hz)}
    # Tags may come a second time with a language, as in "title-eng".
    if {tag.partition("-")[0] for tag in file_tags(container)} - _MP4_PLAIN_TAGS:
        options["movflags"] = "use_metadata_tags"
    return options


def file_tags(container: InputContainer) -> dict[str, str]:
    """Tags of the whole file that are worth copying."""
    return {k: v for k, v in container.metadata.items() if k.lower() not in _FILE_TAGS}


def track_tags(stream: Stream) -> dict[str, str]:
    """Tags of one track that stay true when its packets change."""
    return {k: v for k, v in stream.metadata.items() if not k.lower().startswith(_TRACK_TAGS)}


def copy_tags(
    source: InputContainer, target: OutputContainer, *, with_chapters: bool = True
) -> None:
    """Copy the tags and chapters of the whole file."""
    target.metadata.update(file_tags(source))
    if not with_chapters:
        return
    chapters = source.chapters()
    for chapter in chapters:
        shift = round(origin(source) / (chapter["time_base"] or 1))
        chapter["start"] -= shift
        chapter["end"] -= shift
    target.set_chapters(chapters)


def copy_stream(
    path: Path, stream: Stream, target: OutputContainer, warnings: list[str]
) -> CopiedStream | None:
    """Prepare the output for one stream of the source.

    Args:
        path: The source.
        stream: The stream.
        target: The output, not yet started.
        warnings: Takes a sentence if the stream cannot be kept.

    Raises:
        CodecError: The container cannot hold the picture.
    """
    if isinstance(stream, VideoStream) and is_cover(stream) and target.format.name == _MATROSKA:
        _attach_cover(path, stream, target)
        return None
    if not _is_copyable(stream):
        if stream.type == "video":
            raise CodecError(
                tr("FFmpeg does not know the picture of {path}", path=path), tr("convert it first")
            )
        if not _is_written_anew(stream):
            warnings.append(remarks.NOT_COPIED(kind=stream.type, number=stream.index + 1))
        return None
    try:
        new = target.add_stream_from_template(stream, opaque=True)
    except ValueError as error:
        if isinstance(stream, VideoStream) and not is_cover(stream):
            raise CodecError(
                tr("{format} cannot hold this picture", format=target.format.name)
            ) from error
        warnings.append(
            remarks.DOES_NOT_FIT(
                kind=stream.type, number=stream.index + 1, format=target.format.name
            )
        )
        return None
    if isinstance(stream, VideoStream) and _loses_shape(stream, target):
        warnings.append(remarks.NO_PIXEL_SHAPE(format=target.format.name))
    _copy_traits(stream, new)
    if isinstance(stream, AttachmentStream):
        return None
    return CopiedStream(stream, new, _broadcast_filter(new))


def copied_packets(
    source: InputContainer,
    streams: list[CopiedStream],
    damage: Damage,
    region: Region | None = None,
) -> "Iterator[Packet[Stream]]":
    """The packets of the copied streams, on the timeline that starts at 0, ready to be written.

    Of a region the timeline starts where it does; packets of the picture come from the key frame
    before it on, with times below 0.
    """
    if not streams:
        return
    start = origin(source)
    if region is not None:
        start += Fraction(region.start_s)
        source.seek(round(start * time_base), backward=True)
    by_index = {copied.source.index: copied for copied in streams}
    clocks = {index: _Clock(start) for index in by_index}
    for packet in demux(source, tuple(copied.source for copied in streams), damage):
        if packet.size == 0 and packet.dts is None:
            continue
        copied = by_index[packet.stream_index]
        clocks[packet.stream_index].set_time(packet)
        if region is not None and not _belongs(packet, copied, region):
            continue
        for fitting in _fitting(packet, copied, damage):
            fitting.stream = copied.target
            yield fitting


def _belongs(packet: "Packet[Stream]", copied: CopiedStream, region: Region) -> bool:
    """Whether a packet, timed from the start of a region, is needed to play it."""
    start = packet_time(packet)
    if start >= region.duration_s:
        return False
    # Frames need those before them, back to the last key frame.
    return copied.source.type == "video" or start >= 0


def packet_time(packet: "Packet[Stream]") -> Fraction:
    """When a packet is due, in seconds."""
    return (packet.dts or 0) * packet.time_base


def _broadcast_filter(new: Stream) -> BitStreamFilterContext | None:
    """The filter for the packets of a stream of the output, which learns of the new headers."""
    if not isinstance(new, VideoStream) or new.container.format.name not in _BROADCAST_FORMATS:
        return None
    name = _BROADCAST_FILTERS.get(new.codec_context.codec.canonical_name)
    return BitStreamFilterContext(name, new, new) if name else None


def _fitting(
    packet: "Packet[Stream]", copied: CopiedStream, damage: Damage
) -> "list[Packet[Stream]]":
    if copied.filter is None:
        return [packet]
    time_base = packet.time_base
    try:
        fitting = copied.filter.filter(packet)
    except FFmpegError:
        damage.packets += 1
        return []
    for each in fitting:
        each.time_base = time_base
    return fitting


class _Clock:
    """Moves time stamps to the new origin and keeps them rising, as muxers insist."""

    def __init__(self, start: Fraction) -> None:
        self._start = start
        self._last: int | None = None

    def set_time(self, packet: "Packet[Stream]") -> None:
        shift = round(self._start / packet.time_base)
        if packet.pts is not None:
            packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift
        elif packet.pts is not None:
            packet.dts = packet.pts if self._last is None else min(packet.pts, self._last + 1)
        if packet.dts is not None and self._last is not None and packet.dts <= self._last:
            packet.dts = self._last + 1
            packet.pts = max(packet.pts, packet.dts) if packet.pts is not None else None
        self._last = packet.dts if packet.dts is not None else self._last


def _is_copyable(stream: Stream) -> bool:
    # Data tracks are bound to the container they were made for; some crash its muxer.
    if isinstance(stream, AttachmentStream):
        return True
    return stream.type in ("video", "audio", "subtitle") and has_decoder(stream)


def _loses_shape(stream: VideoStream, target: OutputContainer) -> bool:
    """PyAV cannot hand the shape to these muxers, and these codecs do not carry it themselves."""
    is_square = (stream.sample_aspect_ratio or 1) == 1
    is_mute = stream.codec_context.codec.canonical_name in ("vp8", "vp9", "av1")
    return not is_square and is_mute and target.format.name in ("matroska", "webm")


def _is_written_anew(stream: Stream) -> bool:
    """QuickTime's tracks of chapters and time codes come back from the chapters and tags."""
    return stream.type == "data" and (
        "timecode" in stream.metadata or bool(stream.container.chapters())
    )


def _copy_traits(stream: Stream, new: Stream) -> None:
    if isinstance(stream, AttachmentStream):
        return
    new.metadata.update(track_tags(stream))
    new.disposition = stream.disposition
    if isinstance(stream, VideoStream):
        tag = _tag(stream)
        format_name = new.container.format.name
        is_mov = format_name == "mov" and "mov" in stream.container.format.name.split(",")
        if tag is not None and (tag in _MP4_TAGS if format_name == "mp4" else is_mov):
            new.codec_context.codec_tag = tag


def _tag(stream: VideoStream) -> str | None:
    try:
        return stream.codec_context.codec_tag
    except UnicodeDecodeError:
        return None


def _attach_cover(path: Path, stream: VideoStream, target: OutputContainer) -> None:
    """Matroska keeps covers as attachments."""
    with open_media(path) as container:
        packets = container.demux(container.streams[stream.index])
        data = bytes(next(packets))
    is_png = stream.codec_context.name == "png"
    name = stream.metadata.get("filename", "cover.png" if is_png else "cover.jpg")
    mimetype = stream.metadata.get("mimetype", "image/png" if is_png else "image/jpeg")
    target.add_attachment(name, mimetype, data)


def first_sound(source: InputContainer) -> AudioStream | None:
    """The sound track that a new one replaces."""
    return next(iter(source.streams.audio), None)


def demoted(stream: Stream) -> Disposition:
    """Disposition of a track that is no longer the one to play."""
    return stream.disposition & ~Disposition.default
