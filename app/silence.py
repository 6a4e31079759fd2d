"""The sound of a film that has none: silence as long as the picture, that music can be placed in.

Imports PyAV: load it after the first paint, in a worker.
"""

from pathlib import Path

import numpy as np

from engine.artifacts import BLOCK_S, ArtifactStore, artifact_key
from engine.content import content_hash
from engine.context import Progress, RunContext, checked_in
from engine.errors import EmptyMediaError
from engine.media.decoded import STAGE as READING
from engine.translation import tr
from engine.types import AudioRef

STAGE = "silence"
CHANNELS = 2
RATE_HZ = 48_000
_BYTES_A_FRAME = 4 * CHANNELS


def silent_mix(
    path: Path, duration_s: float, store: ArtifactStore, context: RunContext
) -> AudioRef:
    """Make the silence of a film without a sound track, or find it in the cache.

    Args:
        path: The film: another one has a silence of its own, by which a project knows it again.
        duration_s: How long its picture lasts.
        store: The cache.
        context: Asked and told once a block.

    Raises:
        EmptyMediaError: The film does not say how long it is.
        DiskFullError: There is no space for so long a silence, as damaged films may claim.
    """
    num_samples = round(duration_s * RATE_HZ)
    if num_samples <= 0:
        raise EmptyMediaError(
            tr("{file} does not say how long it is", file=path.name), tr("convert it to MP4 first")
        )
    key = artifact_key(STAGE, content_hash(path, context.raise_if_cancelled), num_samples)
    found = store.find(key)
    if found is not None:
        return found
    store.require_space(_BYTES_A_FRAME * num_samples, tr("The sound of {file}", file=path.name))
    block = np.zeros((CHANNELS, round(BLOCK_S * RATE_HZ)), np.float32)
    starts = range(0, num_samples, block.shape[1])
    with store.writer(key, CHANNELS, RATE_HZ, num_samples) as writer:
        for start in checked_in(starts, context):
            writer.write(block[:, : num_samples - start])
            context.report(Progress(READING, writer.num_samples, num_samples))
    return store.published(key)
