"""Stretches of one sound in the place of another's, crossfaded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.stages.excerpt import span
from engine.types import AudioRef, Region, Samples

_VERSION = 2
FADE_S = 0.25
"""A patch comes and goes within so much, unless said otherwise."""


def patched(
    sound: AudioRef,
    patches: Sequence[tuple[Region, AudioRef]],
    store: ArtifactStore,
    context: RunContext,
    fade_s: float = FADE_S,
) -> AudioRef:
    """A sound with other sound in some stretches.

    Args:
        sound: What is heard elsewhere.
        patches: Stretches that do not overlap, in order, and what is heard there: as long as they
            are.
        store: The cache.
        context: Asked once a block.
        fade_s: A patch comes and goes within so much inside of its stretch; not where the sound
            itself begins or ends.
    """
    parts = [(region, ref.key) for region, ref in patches]
    key = artifact_key("patched", _VERSION, sound.key, parts, fade_s)
    found = store.find(key)
    if found is not None or not patches:
        return found or sound
    fade = round(fade_s * sound.sample_rate_hz)
    placed = [_Patch.on(sound, region, store.map(ref), fade) for region, ref in patches]
    blocks = store.blocks(sound)
    shape = sound.channels, sound.sample_rate_hz, sound.num_samples
    with store.writer(key, *shape) as writer:
        first = 0
        for block in checked_in(blocks, context):
            writer.write(_with_patches(block, first, placed))
            first += block.shape[1]
    return store.published(key)


@dataclass(frozen=True, slots=True)
class _Patch:
    """What is heard from a sample on, and over how many samples it comes and goes."""

    start: int
    samples: Samples
    fade_in: int
    fade_out: int

    @classmethod
    def on(cls, sound: AudioRef, region: Region, samples: Samples, fade: int) -> "_Patch":
        """A patch of a sound; where that begins or ends there is nothing to fade from."""
        start = span(region, sound.sample_rate_hz)[0]
        is_last = start + samples.shape[1] >= sound.num_samples
        return cls(start, samples, fade if start > 0 else 0, 0 if is_last else fade)

    def share(self, begin: int, end: int) -> NDArray[np.float32]:
        """How much of it is heard from sample `begin` of its own to before `end`, from 0 to 1."""
        at = np.arange(begin, end)
        coming = (at + 1) / (self.fade_in + 1)
        going = (self.samples.shape[1] - at) / (self.fade_out + 1)
        share: NDArray[np.float32] = np.minimum(np.minimum(coming, going), 1).astype(np.float32)
        return share


def _with_patches(block: Samples, first: int, patches: Sequence[_Patch]) -> Samples:
    """A block of the sound that begins at sample `first`, with what of the patches lies in it."""
    out = block.copy()
    for patch in patches:
        start, length = patch.start, patch.samples.shape[1]
        begin, end = max(start, first), min(start + length, first + block.shape[1])
        if begin >= end:
            continue
        inside, there = slice(begin - first, end - first), slice(begin - start, end - start)
        share = patch.share(begin - start, end - start)
        out[:, inside] += share * (patch.samples[:, there] - block[:, inside])
    return out
