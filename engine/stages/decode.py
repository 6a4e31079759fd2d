"""Stage "decode": a sound track of any file becomes sound in the artifact cache."""

from dataclasses import dataclass
from pathlib import Path

from engine.artifacts import ArtifactStore, artifact_key, content_hash
from engine.context import Progress, RunContext
from engine.media.decode import AudioReader
from engine.media.probe import MediaInfo, probe
from engine.types import AudioRef

STAGE = "decode"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class DecodeResult:
    """What was decoded.

    Attributes:
        mix: The sound, at its own rate and channel count, from time 0 of the file.
        info: What the file holds.
        warnings: Plain sentences for the user. Damage is only told when the file is really read:
            sound from the cache comes without.
    """

    mix: AudioRef
    info: MediaInfo
    warnings: tuple[str, ...]


def decode(path: Path, store: ArtifactStore, context: RunContext, track: int = 0) -> DecodeResult:
    """Decode a sound track, or find it in the cache.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: FFmpeg does not recognise it.
        NoAudioError: It has no such sound track.
        EmptyMediaError: The track holds no samples.
        DiskFullError: The cache has no space.
    """
    info = probe(path)
    key = artifact_key(STAGE, content_hash(path), track, _VERSION)
    mix = store.find(key)
    if mix is not None:
        return DecodeResult(mix, info, info.warnings)
    with AudioReader(path, track) as reader:
        with store.writer(key, reader.channels, reader.sample_rate_hz) as writer:
            for block in reader.blocks():
                context.raise_if_cancelled()
                writer.write(block)
                total = max(reader.num_samples, writer.num_samples)
                context.report(Progress(STAGE, writer.num_samples, total))
        return DecodeResult(store.published(key), info, (*info.warnings, *reader.warnings))
