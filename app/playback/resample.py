"""Sounds at the device's rate, made once, for devices that refuse the file's rate."""

from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext
from engine.types import AudioRef

STAGE = "resample"


def resampled(ref: AudioRef, sample_rate_hz: int, cache: Path, context: RunContext) -> AudioRef:
    """The same sound at another rate, from the cache or written there; any length."""
    if ref.sample_rate_hz == sample_rate_hz:
        return ref
    store = ArtifactStore(cache)
    key = artifact_key(STAGE, ref.key, sample_rate_hz)
    found = store.find(key)
    if found is not None:
        return found
    # Rarely needed: devices take almost any rate.
    import soxr

    stream = soxr.ResampleStream(ref.sample_rate_hz, sample_rate_hz, ref.channels)
    done = 0
    with store.writer(key, ref.channels, sample_rate_hz) as writer:
        for block in store.blocks(ref):
            context.raise_if_cancelled()
            done += block.shape[1]
            frames = np.ascontiguousarray(block.T)
            writer.write(stream.resample_chunk(frames, last=done == ref.num_samples).T)
            context.report(Progress(STAGE, done, ref.num_samples))
    return store.published(key)
