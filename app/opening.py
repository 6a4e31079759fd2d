"""Reads a video for the window: what it holds, its sound into the cache, its waveform."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.document import Media
from app.sounds import sound_of
from app.waveforms import GrowingWaveform, make_waveform, peaks_path
from engine.artifacts import ArtifactStore, artifact_key, content_hash
from engine.context import Progress, RunContext
from engine.errors import NoAudioError
from engine.media.decode import AudioReader
from engine.media.peaks import build_peaks
from engine.media.probe import MediaInfo, probe
from engine.media.raw_audio import RawAudioWriter
from engine.types import AudioRef, Samples

DECODE_STAGE = "decode"
DECODE_VERSION = 1
"""Stage and version as `engine.stages.decode` names them, so that the engine finds the sound."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of a video at once.

    Attributes:
        path: The video.
        info: What it holds.
        waveform: Grows while the sound is read.
    """

    path: Path
    info: MediaInfo
    waveform: GrowingWaveform


@dataclass(frozen=True, slots=True)
class Opened:
    """A video that is ready to be worked on.

    Attributes:
        media: For the document.
        warnings: Plain sentences for the user.
    """

    media: Media
    warnings: tuple[str, ...]


def open_video(
    path: Path, cache: Path, context: RunContext, on_glance: Callable[[Glance], None]
) -> Opened:
    """Read a video; its sound is decoded once and found in the cache ever after.

    Args:
        path: The video.
        cache: Folder of the artifacts.
        context: Of the worker that this runs in.
        on_glance: Told early, in the worker, what can be shown meanwhile.
    """
    info = probe(path)
    if not info.audio:
        raise NoAudioError(f"{path.name} has no sound track", "choose a video with sound")
    waveform = GrowingWaveform(info.audio[0].sample_rate_hz)
    on_glance(Glance(path, info, waveform))
    context.report(Progress(DECODE_STAGE, 0, 1))
    store = ArtifactStore(cache)
    key = artifact_key(DECODE_STAGE, content_hash(path), 0, DECODE_VERSION)
    mix, warnings = store.find(key), info.warnings
    if mix is None:
        warnings += _decode(path, store, key, waveform, context)
        mix = store.published(key)
    make_waveform(sound_of((mix, 1.0)), cache, context)
    return Opened(_media(path, mix, info), warnings)


def _decode(
    path: Path, store: ArtifactStore, key: str, waveform: GrowingWaveform, context: RunContext
) -> tuple[str, ...]:
    """Decode the sound and make its peaks in one go."""
    with AudioReader(path) as reader:
        with store.writer(key, reader.channels, reader.sample_rate_hz) as writer:
            build_peaks(
                _written(reader, writer, waveform, context),
                reader.channels,
                reader.sample_rate_hz,
                peaks_path(((key, 1.0),), store.root),
            )
        return reader.warnings


def _written(
    reader: AudioReader, writer: RawAudioWriter, waveform: GrowingWaveform, context: RunContext
) -> Iterator[Samples]:
    """The blocks of the sound, each written and shown on its way."""
    for block in reader.blocks():
        context.raise_if_cancelled()
        writer.write(block)
        waveform.add(block)
        total = max(reader.num_samples, writer.num_samples)
        context.report(Progress(DECODE_STAGE, writer.num_samples, total))
        yield block


def _media(path: Path, mix: AudioRef, info: MediaInfo) -> Media:
    if info.video is None:
        return Media(path, mix)
    # A rate that the file does not tell only matters for steps from frame to frame.
    rate_hz = info.video.frame_rate or 25.0
    return Media(path, mix, rate_hz, info.video.width, info.video.height)
