"""Runs a separating network over a sound in the cache; both separators of a restore lean on it.

The network has its own rate and channels; the sound may have any. Loudspeakers go through in the
pairs they belong to (a single one doubled), side by side in the batch, and come out again at the
sound's own rate and length.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext, checked_in
from engine.devices import Batch, Inference, Limits, Runner, compiling_pays
from engine.dsp.overlap_add import Chunking, Finished, Order, Stems, overlap_add
from engine.dsp.resample import resample_blocks, resampled_length
from engine.media.chunk_log import ChunkLog
from engine.models.separation import SeparationModel
from engine.stages.arithmetic import combine, combined
from engine.types import AudioRef, Quality, Samples

OVERLAP = {Quality.DRAFT: 0.1, Quality.STANDARD: 0.25, Quality.BEST: 0.5}
"""Part of a chunk that the next one covers again."""

_VERSION = 2
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
        without: What is taken out of it first.
        quality: How much the chunks overlap.
        keep: Names of the stems that are wanted; the others are not written.
        progress_name: Stage name in the progress.
    """

    sound: AudioRef
    quality: Quality
    keep: tuple[str, ...]
    progress_name: str
    without: tuple[AudioRef, ...] = ()

    @property
    def terms(self) -> list[tuple[AudioRef, float]]:
        """The sound that goes into the network, as a sum."""
        return [(self.sound, 1.0), *((ref, -1.0) for ref in self.without)]


@dataclass(frozen=True, slots=True)
class Separated:
    """What came out of the network.

    Attributes:
        stems: Sound by the names in `keep`, of the request's length, rate and channels.
        shortages: What the user should know of memory that was short. What can be heard of it is
            kept beside the stems, and told again whenever they come from the cache.
    """

    stems: dict[str, AudioRef]
    shortages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """One sound on its way.

    Attributes:
        request: What to separate.
        ordered: Whether the network keeps the order of its stems.
        inference: What takes it through the network.
        chunks: What is finished.
        key: Name of that.
        context: Asked and told.
    """

    request: SeparationRequest
    ordered: bool
    inference: Inference
    chunks: ChunkLog
    key: str
    context: RunContext


@dataclass(frozen=True, slots=True)
class _Course:
    """How unfinished work is run, so that whoever goes on with it does so alike.

    Attributes:
        limits: What memory and precision allowed.
        losses: What of it is heard, by kind.
    """

    limits: Limits
    losses: dict[str, str]


class NetworkSeparation:
    """A network, its device and the cache; a call may begin while another one is suspended.

    Chunks are kept as they are finished (`engine.media.chunk_log`), at the network's rate: work
    that was killed, cancelled or ran out of space goes on from there when it is asked for again,
    and ends bit for bit as if nothing had happened.

    Attributes:
        model: The network and what it says about itself.
    """

    def __init__(self, model: SeparationModel, runner: Runner, store: ArtifactStore) -> None:
        self.model = model
        self._runner = runner
        self._store = store

    def chunking(self, quality: Quality) -> Chunking:
        """How a sound is cut, at the network's rate."""
        chunk_samples = self.model.chunk_samples
        return Chunking(chunk_samples, round(chunk_samples * (1 - OVERLAP[quality])))

    def __call__(
        self, request: SeparationRequest, context: RunContext, *, ordered: bool = True
    ) -> Separated:
        """Separate a sound.

        Args:
            request: What to separate.
            context: Asked and told once a batch; on the processor asked much more often.
            ordered: Whether the network keeps the order of its stems; if not, all stems have to be
                kept, and the order is kept here from chunk to chunk and pair to pair.
        """
        sound, inference = combined(request.terms), self._runner.begin()
        parts = self._parts(sound, request.quality, ordered=ordered)
        keys = {name: artifact_key("separation", *parts, name) for name in request.keep}
        cached = self._cached(keys)
        if cached is not None:
            return cached
        key = artifact_key("chunks", *parts, request.keep)
        with self._store.chunk_log(key, len(keys), sound.channels) as chunks:
            work = _Work(request, ordered, inference, chunks, key, context)
            with self._input(request, context) as at_network_rate:
                self._separate(at_network_rate, work)
            self._publish(work, list(keys.values()), sound)
        self._store.discard_value(key)
        stems = {name: self._store.published(key) for name, key in keys.items()}
        return Separated(stems, tuple(inference.shortages.values()))

    def finished(self, request: SeparationRequest) -> Separated | None:
        """What is in the cache of an ordered separation; None if any of it has to be made."""
        self._runner.begin()
        parts = self._parts(combined(request.terms), request.quality, ordered=True)
        return self._cached(
            {name: artifact_key("separation", *parts, name) for name in request.keep}
        )

    def _cached(self, keys: Mapping[str, str]) -> Separated | None:
        found = {name: self._store.find(key) for name, key in keys.items()}
        cached = {name: ref for name, ref in found.items() if ref is not None}
        if len(cached) < len(keys):
            return None
        told = [words for key in keys.values() for words in self._losses(key).values()]
        return Separated(cached, tuple(dict.fromkeys(told)))

    def _losses(self, key: str) -> dict[str, str]:
        """What is heard of short memory in what is called `key`, by kind."""
        return self._store.find_value(key, dict[str, str]) or {}

    def _keep_losses(self, key: str, losses: dict[str, str]) -> None:
        if losses != self._losses(key):
            self._store.put_value(key, losses)

    def _parts(self, sound: AudioRef, quality: Quality, *, ordered: bool) -> tuple[object, ...]:
        """All that the samples depend on."""
        device = self._runner.device
        return (
            _VERSION,
            sound.key,
            quality,
            ordered,
            self.model.chunk_samples,
            self.model.fingerprint,
            device.kind,
            str(device.dtype),
        )

    @contextmanager
    def _input(self, request: SeparationRequest, context: RunContext) -> Iterator[AudioRef]:
        """What goes into the network, at its rate; what is made for that goes in the end."""
        rate_hz, sound = self.model.sample_rate_hz, combined(request.terms)
        resampled = replace(
            sound,
            key=artifact_key("resampled", _VERSION, sound.key, rate_hz),
            num_samples=resampled_length(sound.num_samples, sound.sample_rate_hz, rate_hz),
            sample_rate_hz=rate_hz,
        )
        wanted = sound if sound.sample_rate_hz == rate_hz else resampled
        # A sum may be somebody's stem, if it was there before.
        made = [resampled] if self._store.find(sound.key) else [resampled, sound]
        if self._store.find(wanted.key) is None:
            combine(request.terms, self._store, context)
            self._resample(sound, wanted, context)
        yield wanted
        for ref in made:
            self._store.discard(ref)

    def _resample(self, sound: AudioRef, wanted: AudioRef, context: RunContext) -> None:
        if wanted == sound:
            return
        rates_hz = sound.sample_rate_hz, wanted.sample_rate_hz
        blocks = checked_in(self._store.blocks(sound), context)
        shape = wanted.channels, wanted.sample_rate_hz, wanted.num_samples
        with self._store.writer(wanted.key, *shape) as writer:
            for block in resample_blocks(blocks, *rates_hz, wanted.num_samples):
                writer.write(block)

    def _separate(self, sound: AudioRef, work: _Work) -> None:
        """Bring the chunks to the end of the sound, all at the network's rate."""
        model, pairs, chunks = self.model, channel_pairs(sound.channels), work.chunks
        chunking = self._begin(sound, work, len(pairs))
        total = len(chunking.starts(sound.num_samples))
        kept = [model.stem_names.index(name) for name in work.request.keep]
        through_network = _Pairwise(model, work.inference, pairs, aligned=not work.ordered)
        check_in = work.context.raise_if_cancelled

        def network(batch: Batch) -> NDArray[np.float32]:
            check_in()
            return through_network(batch, check_in)[:, kept]

        steps = overlap_add(
            self._store.map(sound),
            network,
            chunking,
            None if work.ordered else most_alike,
            Finished(chunks.num_samples, chunks.orders),
        )
        for step in steps:
            if step.orders:
                self._keep_course(work)
                self._store.make_room(step.stems.nbytes)
                chunks.append(step.stems, step.orders)
            work.context.report(Progress(work.request.progress_name, len(chunks.orders), total))

    def _begin(self, sound: AudioRef, work: _Work, num_pairs: int) -> Chunking:
        """Choose batch and chunks, or go on with those of an earlier process."""
        model, inference, chunks = self.model, work.inference, work.chunks
        course = None
        if chunks.resume(work.context.raise_if_cancelled):
            course = self._store.find_value(work.key, _Course)
        else:
            chunks.begin(inference.choose_batch_size(model.channels, model.chunk_samples))
        if course is not None:
            inference.shortages.update(course.losses)
        inference.use(course.limits if course is not None else Limits(chunks.batch_size))
        batch_size = max(1, chunks.batch_size // num_pairs)
        chunking = replace(self.chunking(work.request.quality), batch_size=batch_size)
        total = len(chunking.starts(sound.num_samples))
        if compiling_pays(self._runner.device, total * num_pairs):
            inference.compile_for((chunks.batch_size, model.channels, model.chunk_samples))
        return chunking

    def _keep_course(self, work: _Work) -> None:
        course = _Course(work.inference.limits, work.inference.losses)
        if course != self._store.find_value(work.key, _Course):
            self._store.put_value(work.key, course)

    def _publish(self, work: _Work, keys: list[str], sound: AudioRef) -> None:
        """Write the stems under their keys, at the sound's own rate and length."""
        rate_hz = sound.sample_rate_hz
        for key in keys:
            # Before the stem, so that it is never there without them.
            self._keep_losses(key, work.inference.losses)
        with ExitStack() as stack:
            writers = [
                stack.enter_context(
                    self._store.writer(key, sound.channels, rate_hz, sound.num_samples)
                )
                for key in keys
            ]
            # All stems go through one resampler as channels of one sound.
            together = (np.concatenate(stems) for stems in work.chunks.stems())
            blocks = resample_blocks(
                together, self.model.sample_rate_hz, rate_hz, sound.num_samples
            )
            for block in checked_in(blocks, work.context):
                for writer, stem in zip(writers, np.split(block, len(keys)), strict=True):
                    writer.write(stem)


class _Pairwise:
    """Takes chunks of any number of channels through a network of one or two."""

    def __init__(
        self,
        model: SeparationModel,
        inference: Inference,
        pairs: tuple[tuple[int, ...], ...],
        *,
        aligned: bool,
    ) -> None:
        self._model, self._inference, self._pairs, self._aligned = model, inference, pairs, aligned

    def __call__(self, batch: Batch, check_in: Callable[[], None]) -> NDArray[np.float32]:
        """(batch, channels, samples) -> (batch, stems, channels, samples)."""
        stems = np.zeros((len(batch), len(self._model.stem_names), *batch.shape[1:]), np.float32)
        items = [
            (chunk, pair, _widened(batch[chunk, list(pair)], self._model.channels))
            for chunk in range(len(batch))
            for pair in self._pairs
        ]
        audible = [item for item in items if np.abs(item[2]).max() > _SILENCE]
        if not audible:
            return stems
        outputs = self._inference.infer(np.stack([sound for _, _, sound in audible]), check_in)
        first: dict[int, Stems] = {}
        for (chunk, pair, _), output in zip(audible, outputs, strict=True):
            there = first.setdefault(chunk, output)
            is_aligned = self._aligned and there is not output
            ordered = output[list(most_alike(there, output))] if is_aligned else output
            stems[chunk][:, list(pair)] = _narrowed(ordered, len(pair))
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


def most_alike(there: Stems, coming: Stems) -> Order:
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
