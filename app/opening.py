"""Reads a video for the window: what it holds, its sound into the cache, its waveform."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.document import Media
from app.sounds import sound_of
from app.waveforms import GrowingWaveform, make_waveform, peaks_path
from engine.artifacts import ArtifactStore
from engine.context import Progress, RunContext
from engine.errors import NoAudioError
from engine.media.decoded import STAGE, decoded
from engine.media.peaks import PeaksBuilder
from engine.media.probe import MediaInfo, probe
from engine.types import AudioRef, Samples


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
    sound = info.audio[0]
    waveform = GrowingWaveform(sound.sample_rate_hz)
    on_glance(Glance(path, info, waveform))
    context.report(Progress(STAGE, 0, 1))
    peaks = PeaksBuilder(sound.channels, sound.sample_rate_hz)

    def on_block(block: Samples) -> None:
        waveform.add(block)
        peaks.add(block)

    found = decoded(path, ArtifactStore(cache), context, on_block=on_block)
    mix = found.mix
    if peaks.num_samples:
        peaks.store(peaks_path(((mix.key, 1.0),), cache))
    make_waveform(sound_of((mix, 1.0)), cache, context)
    return Opened(_media(path, mix, info), (*info.warnings, *found.warnings))


def _media(path: Path, mix: AudioRef, info: MediaInfo) -> Media:
    if info.video is None:
        return Media(path, mix)
    # A rate that the file does not tell only matters for steps from frame to frame.
    rate_hz = info.video.frame_rate or 25.0
    return Media(path, mix, rate_hz, info.video.width, info.video.height)
