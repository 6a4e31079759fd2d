"""Restores on a moving mean in the place of networks, with a matcher that knows its answer."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, RunContext
from engine.pipeline import restore
from engine.stages.matcher import Matcher, MatchRequest, baseline_params
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor
from engine.types import MatchResult, RestoreRequest, RestoreResult, Samples, StemName, Verdict
from tests.helpers.separations import separation

RATE_HZ = 48_000
SECONDS = 3.0


class TalksInTheMiddle:
    """A voice detector that hears speech from second 1 to second 2."""

    name = "talks in the middle"
    sample_rate_hz = 16_000
    frame_samples = 512

    def activity(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """See `VoiceDetector`."""
        num_samples = sum(len(block) for block in blocks)
        times_s = np.arange(-(-num_samples // 512)) * 512 / 16_000
        yield ((times_s > 1) & (times_s < 2)).astype(np.float32)


class SaidBefore(Matcher):
    """A matcher that knows its answer."""

    def __init__(self, answer: MatchResult, store: ArtifactStore) -> None:
        super().__init__(baseline_params(), store)
        self.answer = answer

    def __call__(self, request: MatchRequest, context: RunContext) -> MatchResult:
        """Give the answer."""
        return self.answer


class SmallStages:
    """Stages on a moving mean instead of networks."""

    def __init__(self, store: ArtifactStore, answer: MatchResult | None) -> None:
        self._store = store
        self._answer = answer

    def separator(self) -> BackgroundMusicSeparator:
        """See `Stages`."""
        return BackgroundMusicSeparator(
            separation(self._store, names=("vocals", "other")), self._store
        )

    def notices(self, duration_s: float) -> tuple[str, ...]:
        """See `Stages`."""
        return (f"small networks for {duration_s:.0f} s",)

    def speech(self) -> SpeechExtractor:
        """See `Stages`."""
        return SpeechExtractor(TalksInTheMiddle(), self._store)

    def mixed_music(self) -> MixedMusicSeparator | None:
        """See `Stages`."""
        return MixedMusicSeparator(separation(self._store), self._store)

    def matcher(self) -> Matcher:
        """See `Stages`."""
        if self._answer is None:
            return Matcher(baseline_params(), self._store)
        return SaidBefore(self._answer, self._store)


class OneMusicStages(SmallStages):
    """The same where nothing tells two pieces of music apart."""

    def mixed_music(self) -> None:
        """See `Stages`."""


def answer(choice: Verdict, confidence: float = 0.95) -> MatchResult:
    return MatchResult(choice, confidence, (1.0, 2.0), "said before")


def run(request: RestoreRequest, store: ArtifactStore, said: MatchResult) -> RestoreResult:
    return restore(request, SmallStages(store, said), store, PlainContext())


def total(result: RestoreResult, store: ArtifactStore, *names: StemName) -> Samples:
    stems = [store.map(result.stems[name]) for name in names]
    return np.asarray(np.sum(stems, axis=0, dtype=np.float64), np.float32)
