"""The same film with a new sound track: everything else is copied packet by packet."""

import heapq
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Disposition

from engine import remarks
from engine.context import Progress, RunContext
from engine.errors import CodecError, OutputError
from engine.media.atomic import atomic_output
from engine.media.container import Damage, open_media, sound_stream, sound_streams
from engine.media.encode import Encoding, Sound, SoundEncoder, add_sound, choose_encoding
from engine.media.remux import (
    CopiedStream,
    copied_packets,
    copy_stream,
    copy_tags,
    demoted,
    first_sound,
    header_options,
    packet_time,
    track_tags,
)
from engine.translation import tr
from engine.types import Region, Samples

if TYPE_CHECKING:
    from av.packet import Packet

STAGE = "mux"
_COMPLETE_SHARE = 0.98
_LONGEST_PACKET_S = 2.0


@dataclass(frozen=True, slots=True)
class MuxRequest:
    """What `mux` is to write.

    Attributes:
        source: The film, never written to.
        output: The new file; its extension names the container.
        blocks: The new sound in order: (channels, any length) float32 each.
        num_samples: Frames of the new sound.
        channels: Its number of channels.
        sample_rate_hz: Its frames a second.
        audio_codec: FFmpeg's name of the codec; None keeps the source's or takes one that fits.
        keep_original_track: Whether the replaced track stays as the second one.
        region: The stretch of the film that is written, which the sound is of; None is all of it.
    """

    source: Path
    output: Path
    blocks: Iterable[Samples]
    num_samples: int
    channels: int
    sample_rate_hz: int
    audio_codec: str | None = None
    keep_original_track: bool = False
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class MuxResult:
    """What `mux` wrote.

    Attributes:
        output: The file; its extension is another than asked for if the container was refused.
        encoder: FFmpeg's name of the encoder of the new track.
        sample_rate_hz: Frames a second of the new track.
        exact_length: Whether the file states the length of the sound to the sample.
        warnings: Plain sentences for the user.
    """

    output: Path
    encoder: str
    sample_rate_hz: int
    exact_length: bool
    warnings: tuple[str, ...]


def mux(request: MuxRequest, context: RunContext) -> MuxResult:
    """Write a copy of the source whose first sound track is the new sound.

    Raises:
        InputNotFoundError: The source does not exist or may not be read.
        NotMediaError: The source is no media file.
        OutputError: The output cannot be written, or is the source.
        DiskFullError: There is not enough space.
        CodecError: FFmpeg cannot write the wanted codec, or the film into that container.
    """
    warnings: list[str] = []
    check_output(request.source, request.output)
    with open_media(request.source) as source:
        plan = _plan(source, request, warnings)
        check_output(request.source, plan.output)
        with atomic_output(plan.output) as part:
            try:
                _write(source, request, plan, part, context, warnings)
            except FFmpegError as error:
                if isinstance(error, OSError):
                    raise
                raise _unwritable(plan.format_name) from error
    encoding = plan.encoding
    return MuxResult(
        output=plan.output,
        encoder=encoding.encoder,
        sample_rate_hz=encoding.sample_rate_hz,
        exact_length=encoding.keeps_length,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def check_output(source: Path, output: Path) -> None:
    """Refuse an output that is the source, by whatever name.

    Raises:
        OutputError: It is.
    """
    try:
        is_same = output.samefile(source)
    except OSError:
        return
    if is_same:
        raise OutputError(
            tr("{output} is the input itself", output=output),
            tr("choose another name for the output"),
        )


def planned_output(
    source: Path,
    output: Path,
    *,
    audio_codec: str | None = None,
    keep_original_track: bool = False,
) -> Path:
    """Where `mux` would write the film asked for at `output`, found out without writing.

    Raises:
        InputNotFoundError: The source does not exist or may not be read.
        NotMediaError: The source is no media file.
        NoAudioError: The source has no sound track.
        CodecError: FFmpeg cannot read the source's sound or write the wanted codec.
        OutputError: The film would get another name than asked for, and that is taken.
    """
    with open_media(source) as film:
        track = sound_stream(film, source, 0)
        request = MuxRequest(
            source=source,
            output=output,
            blocks=(),
            num_samples=0,
            channels=track.channels,
            sample_rate_hz=track.rate,
            audio_codec=audio_codec,
            keep_original_track=keep_original_track,
        )
        return _plan(film, request, []).output


@dataclass(frozen=True, slots=True)
class _Plan:
    output: Path
    format_name: str
    encoding: Encoding
    sound: Sound


@dataclass(frozen=True, slots=True)
class _Film:
    sound: AudioStream
    copied: list[CopiedStream]


def _plan(source: InputContainer, request: MuxRequest, warnings: list[str]) -> _Plan:
    """The container asked for, or Matroska where FFmpeg cannot write that one."""
    sound = _sound(source, request)
    format_name = _format_name(request.output)
    if format_name is not None:
        try:
            encoding = choose_encoding(format_name, sound, request.audio_codec)
            plan = _Plan(request.output, format_name, encoding, sound)
            _try_header(source, request, plan)
        except CodecError:
            if request.audio_codec is not None:
                raise
        else:
            return plan
    output = request.output.with_suffix(".mkv")
    if output != request.output and output.exists():
        raise OutputError(
            tr(
                "FFmpeg cannot write this as {file}, and {other} is taken",
                file=request.output.name,
                other=output.name,
            ),
            tr("choose a name that ends in .mkv"),
        )
    warnings.append(
        remarks.OTHER_CONTAINER(suffix=request.output.suffix, file=output.name)
        if request.output.suffix
        else remarks.NO_CONTAINER(file=output.name)
    )
    encoding = choose_encoding("matroska", sound, request.audio_codec)
    return _Plan(output, "matroska", encoding, sound)


def _sound(source: InputContainer, request: MuxRequest) -> Sound:
    replaced = first_sound(source)
    if replaced is None or replaced not in sound_streams(source):
        return Sound(request.num_samples, request.channels, request.sample_rate_hz)
    return Sound(
        num_samples=request.num_samples,
        channels=request.channels,
        sample_rate_hz=request.sample_rate_hz,
        codec=replaced.codec_context.codec.canonical_name,
        layout=replaced.layout.name,
        bit_rate=replaced.bit_rate,
    )


def _format_name(output: Path) -> str | None:
    try:
        # Opening only guesses the format; a file is not made before the header is written.
        with av.open(f"film{output.suffix}", "w") as container:
            return container.format.name
    except ValueError:
        return None


def _try_header(source: InputContainer, request: MuxRequest, plan: _Plan) -> None:
    try:
        with av.open(io.BytesIO(), "w", format=plan.format_name) as trial:
            _lay_out(source, request, plan, trial, [])
            trial.start_encoding()
    except (FFmpegError, ValueError) as error:
        raise _unwritable(plan.format_name) from error


def _unwritable(format_name: str) -> CodecError:
    return CodecError(
        tr("FFmpeg cannot write this film into {format}", format=format_name),
        tr("choose another codec or another file extension"),
    )


def _lay_out(
    source: InputContainer,
    request: MuxRequest,
    plan: _Plan,
    target: OutputContainer,
    warnings: list[str],
) -> _Film:
    """Prepare all streams of the output, in the order of the source."""
    copy_tags(source, target, with_chapters=request.region is None)
    replaced = first_sound(source)
    sound = None
    copied = []
    for stream in source.streams:
        if stream is replaced:
            sound = add_sound(target, plan.encoding)
            sound.metadata.update(track_tags(stream))
            sound.disposition = stream.disposition
            if not request.keep_original_track:
                continue
        copy = copy_stream(request.source, stream, target, warnings)
        if copy is not None:
            copied.append(copy)
            if stream is replaced:
                copy.target.disposition = demoted(stream)
    if sound is None:
        sound = add_sound(target, plan.encoding)
        sound.disposition = Disposition.default
    return _Film(sound, copied)


def _write(
    source: InputContainer,
    request: MuxRequest,
    plan: _Plan,
    part: Path,
    context: RunContext,
    warnings: list[str],
) -> None:
    options = header_options(source, plan.format_name, plan.encoding.sample_rate_hz)
    damage = Damage()
    with av.open(
        f"file:{part.absolute()}",
        "w",
        format=plan.format_name,
        container_options=options,
        metadata_errors="surrogateescape",
    ) as target:
        film = _lay_out(source, request, plan, target, warnings)
        encoder = SoundEncoder(film.sound, plan.encoding, plan.sound)
        target.start_encoding()
        copied: Iterator[Packet[Any]] = copied_packets(source, film.copied, damage, request.region)
        encoded: Iterator[Packet[Any]] = encoder.packets(request.blocks)
        reached_s = Fraction(0)
        for packet in heapq.merge(copied, encoded, key=packet_time):
            context.raise_if_cancelled()
            context.report(Progress(STAGE, encoder.num_encoded, request.num_samples))
            reached_s = max(reached_s, packet_time(packet))
            _mux_packet(target, packet, film, damage)
    damage.broke_off |= request.region is None and _ends_early(source, reached_s)
    warnings += [*damage.warnings(), *_sound_warnings(plan, encoder)]


def _ends_early(source: InputContainer, reached_s: Fraction) -> bool:
    """Whether the last packet lies well before the end that the container announces."""
    announced_s = ((source.start_time or 0) + (source.duration or 0)) / av.time_base
    return reached_s < _COMPLETE_SHARE * announced_s - _LONGEST_PACKET_S


def _mux_packet(
    target: OutputContainer, packet: "Packet[Any]", film: _Film, damage: Damage
) -> None:
    try:
        target.mux(packet)
    except FFmpegError as error:
        # What the system refuses concerns the output, all else a packet of a damaged source.
        if isinstance(error, OSError) or packet.stream is film.sound:
            raise
        damage.packets += 1


def _sound_warnings(plan: _Plan, encoder: SoundEncoder) -> list[str]:
    encoding = plan.encoding
    warnings = []
    if encoding.sample_rate_hz != plan.sound.sample_rate_hz:
        warnings.append(
            remarks.OTHER_RATE(
                encoder=encoding.encoder,
                wanted=plan.sound.sample_rate_hz,
                rate=encoding.sample_rate_hz,
            )
        )
    if not encoding.keeps_length:
        warnings.append(remarks.INEXACT_LENGTH(format=plan.format_name, encoder=encoding.encoder))
    if encoder.num_clipped:
        warnings.append(remarks.CLIPPED(count=encoder.num_clipped))
    return warnings
