"""Speech Extractor: what is spoken in the vocal stem, apart from singing and noise.

A voice detector gives the probability of speech over time; two thresholds, shortest durations and a
margin make regions of it; a gate with soft edges cuts them out.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import Progress, RunContext, checked_in
from engine.dsp.resample import resample_blocks, resampled_length
from engine.models.voice import MonoBlock, VoiceDetector
from engine.stages.decode import decode
from engine.types import AudioRef, Region, Samples, SpeechParams, SpeechRequest, SpeechResult

STAGE = "speech"
FADE_S = 0.02
"""Length of the gate's raised-cosine edges, which lie outside the regions."""

_VERSION = 2
_HALF = 0.5
"""Finding speech is so much of the work of cutting it out."""


@dataclass(frozen=True, slots=True)
class VoicesRequest:
    """What to look through.

    Attributes:
        vocals: The vocal stem, any rate, length and number of channels.
        params: How regions are cut.
    """

    vocals: AudioRef
    params: SpeechParams


@dataclass(frozen=True, slots=True)
class SpokenResult:
    """Where somebody speaks, and what.

    Attributes:
        regions: Speech, in order, not touching each other.
        dialogue: The vocals inside the regions, silence outside.
    """

    regions: tuple[Region, ...]
    dialogue: AudioRef


class SpeechExtractor:
    """Cuts speech out of a vocal stem."""

    def __init__(self, model: VoiceDetector, store: ArtifactStore) -> None:
        self._model = model
        self._store = store

    @property
    def model_name(self) -> str:
        """Name of the voice detector."""
        return self._model.name

    def regions(
        self, sound: AudioRef, params: SpeechParams, context: RunContext, work: float = 1.0
    ) -> tuple[Region, ...]:
        """Where somebody speaks, in order, not touching each other.

        Args:
            sound: Voices alone, or a mix: then music with voices in it may count as speech, and
                speech that music covers may be missed.
            params: How regions are cut.
            context: Asked and told once a block.
            work: How much of all the work this is.
        """
        frame_s = self._model.frame_samples / self._model.sample_rate_hz
        probabilities = self._activity(sound, context, work)
        return speech_regions(probabilities, frame_s, sound.duration_s, params)

    def __call__(self, request: VoicesRequest, context: RunContext) -> SpokenResult:
        """Find the regions and cut them out."""
        vocals = request.vocals
        regions = self.regions(vocals, request.params, context, _HALF)
        key = artifact_key(f"{STAGE}-dialogue", _VERSION, vocals.key, regions)
        dialogue = self._store.find(key)
        if dialogue is None:
            self._cut_out(vocals, regions, key, context)
            dialogue = self._store.published(key)
        return SpokenResult(regions, dialogue)

    def _activity(self, vocals: AudioRef, context: RunContext, work: float) -> NDArray[np.float32]:
        """Probability of speech a frame, (frames,); kept, so that new parameters cost nothing."""
        key = artifact_key(f"{STAGE}-activity", _VERSION, vocals.key, self._model.name)
        if self._store.find(key) is None:
            # The cache wants a whole number; the model knows the true rate.
            rate_hz = max(1, round(self._model.sample_rate_hz / self._model.frame_samples))
            with self._store.writer(key, 1, rate_hz) as writer:
                for frames in self._model.activity(self._heard(vocals, context, work)):
                    writer.write(frames[np.newaxis])
        activity: NDArray[np.float32] = self._store.map(self._store.published(key))[0]
        return activity

    def _heard(self, vocals: AudioRef, context: RunContext, work: float) -> Iterator[MonoBlock]:
        """The vocals as the detector hears them: mono, at its own rate."""
        rate_hz = self._model.sample_rate_hz
        mono = (block.mean(0, keepdims=True) for block in self._blocks(vocals, context, 0.0, work))
        length = resampled_length(vocals.num_samples, vocals.sample_rate_hz, rate_hz)
        for block in resample_blocks(mono, vocals.sample_rate_hz, rate_hz, length):
            yield np.ascontiguousarray(block[0])

    def _cut_out(
        self, vocals: AudioRef, regions: tuple[Region, ...], key: str, context: RunContext
    ) -> None:
        gate = SpeechGate(regions, vocals.sample_rate_hz)
        shape = vocals.channels, vocals.sample_rate_hz, vocals.num_samples
        with self._store.writer(key, *shape) as writer:
            for block in self._blocks(vocals, context, _HALF, _HALF):
                start = writer.num_samples
                writer.write(block * gate(start, start + block.shape[1]))

    def _blocks(
        self, vocals: AudioRef, context: RunContext, done_before: float, work: float
    ) -> Iterator[Samples]:
        """The vocals block by block, in a pass that is a part of all the work."""
        done = 0
        for block in checked_in(self._store.blocks(vocals), context):
            yield block
            done += block.shape[1]
            context.report(Progress(STAGE, done_before + work * done / vocals.num_samples, 1.0))


def find_speech(
    request: SpeechRequest, extractor: SpeechExtractor, store: ArtifactStore, context: RunContext
) -> SpeechResult:
    """Say where somebody speaks in a film, by its whole sound; see `SpeechExtractor.regions`.

    It is what there is before voices have been separated, and less exact than that.

    Args:
        request: Which film.
        extractor: Hears speech.
        store: The cache.
        context: Asked and told once a block.

    Raises:
        EngineError: As `decode` says.
    """
    sound = decode(request.video, store, context).mix
    return SpeechResult(request.video, extractor.regions(sound, SpeechParams(), context))


def speech_regions(
    probabilities: NDArray[np.float32], frame_s: float, duration_s: float, params: SpeechParams
) -> tuple[Region, ...]:
    """Turn activity into regions.

    Speech begins where the probability reaches `onset` and lasts until it falls below `offset`.
    Short gaps are closed, then short regions dropped, then all widened and those that meet joined.

    Args:
        probabilities: (frames,) float32 in [0, 1].
        frame_s: Length of a frame.
        duration_s: Length of the sound.
        params: Thresholds and durations.
    """
    spans = _closed(_active_spans(probabilities, params), params.min_off_s / frame_s)
    kept = (span for span in spans if span[1] - span[0] >= params.min_on_s / frame_s)
    padded = (
        (max(0.0, start * frame_s - params.pad_s), min(duration_s, end * frame_s + params.pad_s))
        for start, end in kept
    )
    return tuple(Region(start, end) for start, end in _closed(padded, 0.0) if end > start)


class SpeechGate:
    """1 inside the regions, 0 outside, with raised-cosine edges around them.

    Attributes:
        sample_rate_hz: Rate of the sound.
    """

    def __init__(self, regions: tuple[Region, ...], sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._starts = np.array([round(r.start_s * sample_rate_hz) for r in regions], np.int64)
        self._ends = np.array([round(r.end_s * sample_rate_hz) for r in regions], np.int64)

    def __call__(self, start: int, end: int) -> NDArray[np.float32]:
        """The gate's gain for the samples from `start` to `end`, (num_samples,) float32."""
        distance = self._distance(np.arange(start, end))
        x = np.clip(distance / (FADE_S * self.sample_rate_hz), 0.0, 1.0)
        gain: NDArray[np.float32] = (0.5 + 0.5 * np.cos(np.pi * x)).astype(np.float32)
        return gain

    def _distance(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        """Samples to the nearest region, 0 inside."""
        far = np.iinfo(np.int64).max // 4
        before = np.searchsorted(self._starts, samples, side="right")
        ends = np.concatenate([[-far], self._ends])
        starts = np.concatenate([self._starts, [far]])
        since_last = np.maximum(samples - (ends[before] - 1), 0)
        until_next = starts[before] - samples
        nearest: NDArray[np.float64] = np.minimum(since_last, until_next).astype(np.float64)
        return nearest


def _active_spans(
    probabilities: NDArray[np.float32], params: SpeechParams
) -> Iterator[tuple[int, int]]:
    """Frames from the one that reaches `onset` to the first below `offset`."""
    begins = np.flatnonzero(probabilities >= params.onset)
    falls = np.flatnonzero(probabilities < params.offset)
    end = 0
    for begin in begins:
        if begin < end:
            continue
        next_fall = np.searchsorted(falls, begin)
        end = int(falls[next_fall]) if next_fall < len(falls) else len(probabilities)
        yield int(begin), end


def _closed(
    spans: Iterable[tuple[float, float]], longest_gap: float
) -> Iterator[tuple[float, float]]:
    """Join spans in order whose gap is shorter than `longest_gap`, or that touch or overlap."""
    iterator = iter(spans)
    for first in itertools.islice(iterator, 1):
        start, end = first
        for next_start, next_end in iterator:
            if next_start - end < longest_gap or next_start <= end:
                end = max(end, next_end)
            else:
                yield start, end
                start, end = next_start, next_end
        yield start, end
