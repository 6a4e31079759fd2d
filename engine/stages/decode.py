"""Stage "decode": a sound track of any file becomes sound in the artifact cache."""

from pathlib import Path

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.media.decoded import Decoded, decoded
from engine.media.probe import probe


def decode(path: Path, store: ArtifactStore, context: RunContext, track: int = 0) -> Decoded:
    """Decode a sound track, or find it in the cache.

    Returns:
        The sound, and everything about the file that the user should know.

    Raises:
        InputNotFoundError: There is no such file, or it may not be read.
        NotMediaError: FFmpeg does not recognise it.
        NoAudioError: It has no such sound track.
        EmptyMediaError: The track holds no samples.
        DiskFullError: The cache has no space.
    """
    info = probe(path)
    found = decoded(path, store, context, track)
    return Decoded(found.mix, (*info.warnings, *found.warnings))
