"""Tracks as they can be placed in a film: at its rate, with its channels.

Imports PyAV: load it after the first paint, in a worker.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.playback.mixer import Block, downmix_matrix
from app.playback.resample import resampled
from engine.artifacts import ArtifactStore, artifact_key, made_once
from engine.context import RunContext, checked_in
from engine.errors import NoAudioError
from engine.media.decoded import decoded
from engine.media.probe import probe
from engine.translation import tr
from engine.types import AudioRef

STAGE = "channels"


def read_track(path: Path, film: AudioRef, cache: Path, context: RunContext) -> AudioRef:
    """Read a track so that it can be added to the sound of a film; found in the cache ever after.

    Args:
        path: Its file.
        film: The sound of the film.
        cache: Folder of the artifacts.
        context: Of the worker that this runs in.

    Raises:
        EngineError: It cannot be read, or has no sound.
    """
    if not probe(path).audio:
        raise NoAudioError(
            tr("{file} has no sound track", file=path.name), tr("choose a file with music")
        )
    sound = decoded(path, ArtifactStore(cache), context).mix
    return _rematrixed(
        resampled(sound, film.sample_rate_hz, cache, context), film.channels, cache, context
    )


def exceeds(path: Path, film: AudioRef) -> bool:
    """Whether a track has more channels than a film, or a higher rate, and so is not all heard."""
    sound = probe(path).audio[0]
    return sound.channels > film.channels or sound.sample_rate_hz > film.sample_rate_hz


def channel_matrix(channels: int, wanted: int) -> Block:
    """The matrix (channels, wanted) that takes a track to the channels of a film.

    A film of more than two channels has the music at its front left and right.
    """
    if channels == wanted:
        return np.eye(channels, dtype=np.float32)
    stereo = downmix_matrix(channels)
    if wanted == 1:
        return np.asarray(stereo.mean(axis=1, keepdims=True), np.float32)
    return np.pad(stereo, ((0, 0), (0, wanted - 2)))


def _rematrixed(ref: AudioRef, channels: int, cache: Path, context: RunContext) -> AudioRef:
    if ref.channels == channels:
        return ref
    store, matrix = ArtifactStore(cache), channel_matrix(ref.channels, channels)
    wanted = replace(ref, key=artifact_key(STAGE, ref.key, channels), channels=channels)
    return made_once(
        store,
        wanted,
        lambda: (matrix.T @ block for block in checked_in(store.blocks(ref), context)),
    )
