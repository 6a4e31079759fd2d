"""A sound track of any file as sound in the artifact cache; window and engine decode through here.

Imports no torch, so that the window can make what the engine will look for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.content import content_hash
from engine.context import Progress, RunContext, checked_in
from engine.media.decode import AudioReader
from engine.types import AudioRef, Samples

STAGE = "decode"
_VERSION = 1
_LEAST_S = 0.1
"""So much shorter than the picture is sound in many files: nobody sees it."""
_MOST_S, _MOST_TIMES = 600.0, 10.0
"""A picture that claims to be longer than the sound by more is a damaged header."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sound track in the cache.

    Attributes:
        mix: The sound, at its own rate and channel count, from time 0 of the file.
        warnings: Plain sentences for the user about what was damaged.
    """

    mix: AudioRef
    warnings: tuple[str, ...]


def decoded(
    path: Path,
    store: ArtifactStore,
    context: RunContext,
    track: int = 0,
    on_block: Callable[[Samples], None] = lambda _: None,
) -> Decoded:
    """Decode a sound track, or find it in the cache.

    Where the picture goes on behind the sound, it is followed by silence: what is placed there can
    be heard.

    Args:
        path: A media file.
        store: The cache.
        context: Asked and told once a block.
        track: Number of the sound track.
        on_block: Shown each block (channels, num_samples) float32 on its way into the cache, if
            the file is really read.

    Raises:
        EngineError: As `AudioReader` says, or the cache cannot be written.
    """
    key = artifact_key(STAGE, content_hash(path, context.raise_if_cancelled), track, _VERSION)
    mix = store.find(key)
    if mix is not None:
        return Decoded(mix, store.find_value(key, tuple[str, ...]) or ())
    with AudioReader(path, track) as reader:
        shape = reader.channels, reader.sample_rate_hz, reader.num_samples
        with store.writer(key, *shape) as writer:
            for block in checked_in(_as_long_as_the_picture(reader), context):
                writer.write(block)
                on_block(block)
                total = max(reader.num_samples, writer.num_samples)
                context.report(Progress(STAGE, writer.num_samples, total))
            if reader.warnings:
                store.put_value(key, reader.warnings)
        return Decoded(store.published(key), reader.warnings)


def _as_long_as_the_picture(reader: AudioReader) -> Iterator[Samples]:
    yield from reader.blocks()
    rate_hz, sound_s = reader.sample_rate_hz, reader.num_samples / reader.sample_rate_hz
    missing_s = reader.picture_end_s - sound_s
    if _LEAST_S < missing_s < _MOST_TIMES * sound_s + _MOST_S:
        block = np.zeros((reader.channels, rate_hz), np.float32)
        missing = round(missing_s * rate_hz)
        for start in range(0, missing, rate_hz):
            yield block[:, : missing - start]
