"""Sums and differences of sounds in the cache, block by block."""

from collections.abc import Sequence

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.types import AudioRef

_VERSION = 1


def subtract(store: ArtifactStore, sound: AudioRef, *others: AudioRef) -> AudioRef:
    """The sound without the others."""
    return combine(store, [(sound, 1.0), *((other, -1.0) for other in others)])


def combine(store: ArtifactStore, terms: Sequence[tuple[AudioRef, float]]) -> AudioRef:
    """A weighted sum of sounds of equal length, rate and channels; added up in float64.

    Args:
        store: The cache.
        terms: Sounds and their gains (linear).
    """
    first = terms[0][0]
    shapes = {(ref.num_samples, ref.channels, ref.sample_rate_hz) for ref, _ in terms}
    if len(shapes) != 1:
        raise ValueError(f"sounds differ in length, channels or rate: {sorted(shapes)}")
    key = artifact_key("sum", _VERSION, [(ref.key, gain) for ref, gain in terms])
    found = store.find(key)
    if found is not None:
        return found
    with store.writer(key, first.channels, first.sample_rate_hz) as writer:
        for blocks in zip(*(store.blocks(ref) for ref, _ in terms), strict=True):
            total = np.zeros(blocks[0].shape)
            for block, (_, gain) in zip(blocks, terms, strict=True):
                total += gain * block.astype(np.float64)
            writer.write(total.astype(np.float32))
    return store.published(key)
