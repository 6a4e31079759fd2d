"""Sums and differences of sounds in the cache, block by block."""

from collections.abc import Sequence

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.types import AudioRef

_VERSION = 1


def subtract(
    sound: AudioRef, others: Sequence[AudioRef], store: ArtifactStore, context: RunContext
) -> AudioRef:
    """The sound without the others."""
    return combine([(sound, 1.0), *((other, -1.0) for other in others)], store, context)


def combine(
    terms: Sequence[tuple[AudioRef, float]], store: ArtifactStore, context: RunContext
) -> AudioRef:
    """A weighted sum of sounds of equal length, rate and channels; added up in float64.

    Args:
        terms: Sounds and their gains (linear).
        store: The cache.
        context: Asked once a block.
    """
    first = terms[0][0]
    shapes = {(ref.num_samples, ref.channels, ref.sample_rate_hz) for ref, _ in terms}
    if len(shapes) != 1:
        raise ValueError(f"sounds differ in length, channels or rate: {sorted(shapes)}")
    heard = [term for term in terms if term[1]] or terms[:1]
    if len(heard) == 1 and heard[0][1] == 1.0:
        return heard[0][0]
    key = artifact_key("sum", _VERSION, [(ref.key, gain) for ref, gain in heard])
    found = store.find(key)
    if found is not None:
        return found
    together = zip(*(store.blocks(ref) for ref, _ in heard), strict=True)
    with store.writer(key, first.channels, first.sample_rate_hz) as writer:
        for blocks in checked_in(together, context):
            total = np.zeros(blocks[0].shape)
            for block, (_, gain) in zip(blocks, heard, strict=True):
                total += gain * block.astype(np.float64)
            writer.write(total.astype(np.float32))
    return store.published(key)
