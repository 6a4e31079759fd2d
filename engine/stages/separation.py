"""Runs a separating network over a sound in the cache; both separators of a restore lean on it.

The network has its own rate and channels; the sound may have any. Loudspeakers go through in the
pairs they belong to (a single one doubled), side by side in the batch, and come out again at the
sound's own rate and length.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext, checked_in
from engine.devices import Runner
from engine.dsp.overlap_add import Chunking, Stems, overlap_add
from engine.dsp.resample import resample_blocks, resampled_length
from engine.models.separation import SeparationModel
from engine.types import AudioRef, Quality, Samples

OVERLAP = {Quality.DRAFT: 0.1, Quality.STANDARD: 0.25, Quality.BEST: 0.5}
"""Part of a chunk that the next one covers again."""

_VERSION = 1
_SILENCE = 1e-6
_ENVELOPE_SAMPLES = 1024

# FFmpeg's order of loudspeakers by their number; singles are centres and the subwoofer.
_PAIRS: dict[int, tuple[tuple[int, ...], ...]] = {
    1: ((0,),),
    2: ((0, 1),),
    3: ((0, 1), (2,)),
    4: ((0, 1), (2, 3)),
    5: ((0, 1), (2,), (3, 4)),
    6: ((0, 1), (2,), (3,), (4, 5)),
    7: ((0, 1), (2,), (3,), (4,), (5, 6)),
    8: ((0, 1), (2,), (3,), (4, 5), (6, 7)),
}


def channel_pairs(channels: int) -> tuple[tuple[int, ...], ...]:
    """Which channels go through a stereo network together."""
    return _PAIRS.get(channels) or tuple((channel,) for channel in range(channels))


@dataclass(frozen=True, slots=True)
class SeparationRequest:
    """What to separate.

    Attributes:
        sound: The mix.
        quality: How much the chunks overlap.
        keep: Names of the stems that are wanted; the others are not written.
        progress_name: Stage name in the progress.
    """

    sound: AudioRef
    quality: Quality
    keep: tuple[str, ...]
    progress_name: str


class NetworkSeparation:
    """A network, its device and the cache.

    Attributes:
        model: The network and what it says about itself.
    """

    def __init__(self, model: SeparationModel, runner: Runner, store: ArtifactStore) -> None:
        self.model = model
        self._runner = runner
        self._store = store

    def __call__(
        self, request: SeparationRequest, context: RunContext, *, ordered: bool = True
    ) -> dict[str, AudioRef]:
        """Separate a sound.

        Args:
            request: What to separate.
            context: Asked and told once a batch.
            ordered: Whether the network keeps the order of its stems; if not, it is kept here
                from chunk to chunk and pair to pair.

        Returns:
            Sound by the names in `keep`, of the request's length, rate and channels.
        """
        sound = request.sound
        self._runner.restart()
        keys = {
            name: artifact_key(
                "separation",
                _VERSION,
                sound.key,
                request.quality,
                ordered,
                self.model.fingerprint,
                self._runner.device.kind,
                name,
            )
            for name in request.keep
        }
        found = {name: self._store.find(key) for name, key in keys.items()}
        cached = {name: ref for name, ref in found.items() if ref is not None}
        if len(cached) == len(keys):
            return cached
        at_network_rate = self._at_network_rate(sound, context)
        stems = self._stems(at_network_rate, request, context, ordered=ordered)
        self._write(stems, keys, sound)
        return {name: self._store.published(key) for name, key in keys.items()}

    def _at_network_rate(self, sound: AudioRef, context: RunContext) -> AudioRef:
        rate_hz = self.model.sample_rate_hz
        if sound.sample_rate_hz == rate_hz:
            return sound
        key = artifact_key("resampled", _VERSION, sound.key, rate_hz)
        found = self._store.find(key)
        if found is not None:
            return found
        length = resampled_length(sound.num_samples, sound.sample_rate_hz, rate_hz)
        blocks = checked_in(self._store.blocks(sound), context)
        with self._store.writer(key, sound.channels, rate_hz) as writer:
            for block in resample_blocks(blocks, sound.sample_rate_hz, rate_hz, length):
                writer.write(block)
        return self._store.published(key)

    def _stems(
        self, sound: AudioRef, request: SeparationRequest, context: RunContext, *, ordered: bool
    ) -> Iterator[Stems]:
        """Blocks (stems, channels, n) at the network's rate."""
        pairs = channel_pairs(sound.channels)
        batches = _BatchedPairs(self.model, self._runner, pairs, aligned=not ordered)
        chunk = self.model.chunk_samples
        hop = round(chunk * (1 - OVERLAP[request.quality]))
        chunking = Chunking(chunk, hop)
        total = len(chunking.starts(sound.num_samples))
        done = 0

        def network(batch: NDArray[np.float32]) -> NDArray[np.float32]:
            nonlocal done
            context.raise_if_cancelled()
            out = batches(batch)
            done += len(batch)
            context.report(Progress(request.progress_name, done, total))
            return out

        order = None if ordered else most_alike
        yield from overlap_add(self._store.map(sound), network, chunking, order)

    def _write(self, stems: Iterator[Stems], keys: dict[str, str], sound: AudioRef) -> None:
        """Write the stems that have a key by name at the sound's own rate and length."""
        rate_hz = sound.sample_rate_hz
        kept = [self.model.stem_names.index(name) for name in keys]
        with ExitStack() as stack:
            writers = [
                stack.enter_context(self._store.writer(key, sound.channels, rate_hz))
                for key in keys.values()
            ]
            # All stems go through one resampler as channels of one sound.
            together = (block[kept].reshape(-1, block.shape[-1]) for block in stems)
            blocks = resample_blocks(
                together, self.model.sample_rate_hz, rate_hz, sound.num_samples
            )
            for block in blocks:
                for writer, stem in zip(writers, np.split(block, len(keys)), strict=True):
                    writer.write(stem)


class _BatchedPairs:
    """Takes chunks of any number of channels through a network of one or two."""

    def __init__(
        self,
        model: SeparationModel,
        runner: Runner,
        pairs: tuple[tuple[int, ...], ...],
        *,
        aligned: bool,
    ) -> None:
        self._model, self._runner, self._pairs, self._aligned = model, runner, pairs, aligned

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(batch, channels, samples) -> (batch, stems, channels, samples)."""
        return np.stack([self._chunk(chunk) for chunk in batch])

    def _chunk(self, chunk: Samples) -> Stems:
        stems = np.zeros((len(self._model.stem_names), *chunk.shape), np.float32)
        inputs = [_widened(chunk[list(pair)], self._model.channels) for pair in self._pairs]
        audible = [i for i, sound in enumerate(inputs) if np.abs(sound).max() > _SILENCE]
        if not audible:
            return stems
        outputs = self._runner.infer(np.stack([inputs[i] for i in audible]))
        for i, output in zip(audible, outputs, strict=True):
            if self._aligned and i != audible[0]:
                output = output[list(most_alike(outputs[0], output))]
            stems[:, list(self._pairs[i])] = _narrowed(output, len(self._pairs[i]))
        return stems


def _widened(sound: Samples, channels: int) -> Samples:
    """A pair or a single as the network wants it: (channels, samples)."""
    if sound.shape[0] == channels:
        return sound
    return np.broadcast_to(sound.mean(0), (channels, sound.shape[1]))


def _narrowed(stems: Stems, channels: int) -> Stems:
    """(stems, network channels, samples) -> (stems, channels, samples)."""
    if stems.shape[1] == channels:
        return stems
    return np.repeat(stems.mean(1, keepdims=True), channels, axis=1)


def most_alike(there: Stems, coming: Stems) -> tuple[int, ...]:
    """The order of `coming` in which its stems are most like those that are there.

    Alike are stems whose level rises and falls together; where the samples themselves agree, as in
    the overlap of two chunks, that decides as well.

    Args:
        there: (stems, channels, samples).
        coming: Same shape.
    """
    likeness = _correlation(there.mean(1), coming.mean(1))
    likeness = likeness + _correlation(_envelopes(there), _envelopes(coming))
    orders = list(permutations(range(len(there))))
    return max(orders, key=lambda order: sum(likeness[i, j] for i, j in enumerate(order)))


def _envelopes(stems: Stems) -> NDArray[np.float32]:
    """(stems, frames) mean level, without its own mean."""
    level = np.abs(stems).mean(1)
    frames = max(1, level.shape[-1] // _ENVELOPE_SAMPLES)
    cut = level[:, : frames * (level.shape[-1] // frames)]
    envelope: NDArray[np.float32] = cut.reshape(len(level), frames, -1).mean(-1)
    envelope -= envelope.mean(-1, keepdims=True)
    return envelope


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """(stems, samples) twice -> normalised correlation of each with each (stems, stems)."""
    norms = np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    likeness: NDArray[np.float64] = (a @ b.T) / (norms + 1e-9)
    return likeness
