"""Stretches of one sound in the place of another's, crossfaded."""

from collections.abc import Sequence

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.stages.excerpt import span
from engine.types import AudioRef, Region, Samples

_VERSION = 1
_FADE_S = 0.25


def patched(
    sound: AudioRef,
    patches: Sequence[tuple[Region, AudioRef]],
    store: ArtifactStore,
    context: RunContext,
) -> AudioRef:
    """A sound with other sound in some stretches.

    Args:
        sound: What is heard elsewhere.
        patches: Stretches that do not overlap, in order, and what is heard there: as long as they
            are. It comes and goes within a quarter of a second inside of them.
        store: The cache.
        context: Asked once a block.
    """
    parts = [(region, ref.key) for region, ref in patches]
    key = artifact_key("patched", _VERSION, sound.key, parts)
    found = store.find(key)
    if found is not None or not patches:
        return found or sound
    placed = [(span(r, sound.sample_rate_hz)[0], store.map(ref)) for r, ref in patches]
    fade = round(_FADE_S * sound.sample_rate_hz)
    blocks = store.blocks(sound)
    shape = sound.channels, sound.sample_rate_hz, sound.num_samples
    with store.writer(key, *shape) as writer:
        first = 0
        for block in checked_in(blocks, context):
            writer.write(_with_patches(block, first, placed, fade))
            first += block.shape[1]
    return store.published(key)


def _with_patches(
    block: Samples, first: int, placed: Sequence[tuple[int, Samples]], fade: int
) -> Samples:
    """A block of the sound that begins at sample `first`, with what of the patches lies in it."""
    out = block.copy()
    for start, patch in placed:
        begin, end = max(start, first), min(start + patch.shape[1], first + block.shape[1])
        if begin >= end:
            continue
        inside, there = slice(begin - first, end - first), slice(begin - start, end - start)
        at = np.arange(begin - start, end - start)
        share = np.minimum(at, patch.shape[1] - 1 - at) / fade
        share = np.clip(share, 0, 1).astype(np.float32)
        out[:, inside] += share * (patch[:, there] - block[:, inside])
    return out
