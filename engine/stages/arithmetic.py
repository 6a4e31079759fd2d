"""Sums and differences of sounds in the cache, block by block."""

from collections.abc import Sequence
from dataclasses import replace

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
    total = combined(terms)
    heard = _heard(terms)
    if total == heard[0][0] or store.find(total.key) is not None:
        return total
    together = zip(*(store.blocks(ref) for ref, _ in heard), strict=True)
    shape = total.channels, total.sample_rate_hz, total.num_samples
    with store.writer(total.key, *shape) as writer:
        for blocks in checked_in(together, context):
            block_total = np.zeros(blocks[0].shape)
            for block, (_, gain) in zip(blocks, heard, strict=True):
                block_total += gain * block.astype(np.float64)
            writer.write(block_total.astype(np.float32))
    return store.published(total.key)


def combined(terms: Sequence[tuple[AudioRef, float]]) -> AudioRef:
    """What `combine` will give, without making it; a sound that nothing changes is itself."""
    first = terms[0][0]
    shapes = {(ref.num_samples, ref.channels, ref.sample_rate_hz) for ref, _ in terms}
    if len(shapes) != 1:
        raise ValueError(f"sounds differ in length, channels or rate: {sorted(shapes)}")
    heard = _heard(terms)
    if len(heard) == 1 and heard[0][1] == 1.0:
        return heard[0][0]
    return replace(first, key=artifact_key("sum", _VERSION, [(r.key, gain) for r, gain in heard]))


def _heard(terms: Sequence[tuple[AudioRef, float]]) -> Sequence[tuple[AudioRef, float]]:
    """Those with a gain, or the first one if none has."""
    return [term for term in terms if term[1]] or terms[:1]
