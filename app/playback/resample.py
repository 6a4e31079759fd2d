"""Sounds at the device's rate, made once, for devices that refuse the file's rate."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key, made_once
from engine.context import Progress, RunContext, checked_in
from engine.types import AudioRef, Samples

STAGE = "resample"


def resampled(ref: AudioRef, sample_rate_hz: int, cache: Path, context: RunContext) -> AudioRef:
    """The same sound at another rate, from the cache or written there; any length."""
    if ref.sample_rate_hz == sample_rate_hz:
        return ref
    store = ArtifactStore(cache)
    wanted = AudioRef(
        artifact_key(STAGE, ref.key, sample_rate_hz),
        round(ref.num_samples * sample_rate_hz / ref.sample_rate_hz),
        ref.channels,
        sample_rate_hz,
    )
    return made_once(
        store, wanted, lambda: _resampled(ref, store.blocks(ref), sample_rate_hz, context)
    )


def _resampled(
    ref: AudioRef, blocks: Iterable[Samples], sample_rate_hz: int, context: RunContext
) -> Iterator[Samples]:
    # Rarely needed: devices take almost any rate.
    import soxr

    stream = soxr.ResampleStream(ref.sample_rate_hz, sample_rate_hz, ref.channels)
    done = 0
    for block in checked_in(blocks, context):
        done += block.shape[1]
        frames = np.ascontiguousarray(block.T)
        yield stream.resample_chunk(frames, last=done == ref.num_samples).T
        context.report(Progress(STAGE, done, ref.num_samples))
