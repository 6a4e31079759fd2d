"""When a track has its beats, so that clips and cuts can be put on them."""

from collections.abc import Iterable, Iterator

import numpy as np

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext, checked_in
from engine.dsp.beats import find_beats, tempo_of
from engine.dsp.onsets import ONSET_RATE_HZ, SILENCE_RMS, Curve, band_powers, onset_strength
from engine.dsp.resample import resample_freely
from engine.stages.decode import decode
from engine.types import BeatsRequest, BeatsResult, Samples

STAGE = "beats"
_VERSION = 1
_RATE_HZ = 16_000
_FRAME_SAMPLES = _RATE_HZ // ONSET_RATE_HZ
_CHUNK_FRAMES = 20 * ONSET_RATE_HZ
_MARGIN_FRAMES = 8
"""So far a window and the frames that an onset is told by reach."""
_LEAST_RISE = 0.01
"""A rise by less, of the mean amplitude, is no onset: tones that are held are never quite even."""


def find_track_beats(
    request: BeatsRequest, store: ArtifactStore, context: RunContext
) -> BeatsResult:
    """Say when the beats of a track are; computed once and found in the cache ever after.

    Args:
        request: Which track.
        store: The cache.
        context: Asked and told once a block.

    Raises:
        EngineError: As `decode` says.
    """
    sound = decode(request.track, store, context).mix
    key = artifact_key(STAGE, _VERSION, sound.key)
    beats_s = store.find_value(key, tuple[float, ...])
    if beats_s is None:

        def told() -> Iterator[Samples]:
            done = 0
            for block in checked_in(store.blocks(sound), context):
                yield block
                done += block.shape[1]
                context.report(Progress(STAGE, done, sound.num_samples))

        onsets = track_onsets(told(), sound.sample_rate_hz)
        beats_s = find_beats(onsets, context.raise_if_cancelled)
        store.put_value(key, beats_s)
    return BeatsResult(request.track, beats_s, tempo_of(beats_s))


def track_onsets(blocks: Iterable[Samples], sample_rate_hz: int) -> Curve:
    """Onset strength of sound of any length, at `ONSET_RATE_HZ`; all 0 if it is silent.

    Args:
        blocks: (channels, n) float32, in order.
        sample_rate_hz: Their rate.
    """
    mono = (block.mean(0, keepdims=True) for block in blocks)
    at_rate = (block[0] for block in resample_freely(mono, sample_rate_hz, _RATE_HZ))
    pieces = [_chunk_onsets(chunk) for chunk in _chunks(at_rate)]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _chunks(blocks: Iterable[Samples]) -> Iterator[Curve]:
    """Pieces of `_CHUNK_FRAMES` frames with a margin at both ends, silence around all."""
    margin, step = _MARGIN_FRAMES * _FRAME_SAMPLES, _CHUNK_FRAMES * _FRAME_SAMPLES
    held = np.zeros(margin)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= step + 2 * margin:
            yield held[: step + 2 * margin]
            held = held[step:]
    if len(held) > margin:
        yield np.concatenate([held, np.zeros(margin + -len(held) % _FRAME_SAMPLES)])


def _chunk_onsets(chunk: Curve) -> Curve:
    if np.sqrt(np.mean(chunk**2)) < SILENCE_RMS:
        num_frames = len(chunk) // _FRAME_SAMPLES
        return np.zeros(num_frames - 2 * _MARGIN_FRAMES)
    powers = band_powers(chunk, _RATE_HZ)
    least = _LEAST_RISE * float(np.sqrt(powers).mean())
    return np.maximum(onset_strength(powers) - least, 0.0)[_MARGIN_FRAMES:-_MARGIN_FRAMES]
