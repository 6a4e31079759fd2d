"""One restore at work: what is wanted, and what all its parts lean on."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.stages.matcher import Matcher
from engine.stages.mixed_music import MixedMusicSeparator
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor
from engine.translation import tr
from engine.types import AudioRef, Region, RestoreRequest, StageReport


class Stages(Protocol):
    """The stages that need a model; each is loaded when it is asked for."""

    def separator(self) -> BackgroundMusicSeparator:
        """Voices apart from the rest."""

    def speech(self) -> SpeechExtractor:
        """Speech apart from singing and noise."""

    def mixed_music(self) -> MixedMusicSeparator | None:
        """One music apart from the other; None leaves all music together."""

    def matcher(self) -> Matcher:
        """Which music belongs to the picture."""

    def notices(self, duration_s: float) -> tuple[str, ...]:
        """Which networks were taken for sound of that length and why."""


@dataclass(slots=True)
class Log:
    """What the stages did and what the user should know.

    Attributes:
        reports: Stages in the order they ran.
        warnings: Plain sentences for the user.
        notices: Which networks were taken and why.
    """

    reports: list[StageReport] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: tuple[str, ...] = ()

    def warn_once(self, words: Iterable[str]) -> None:
        """Warn of what has not been said yet."""
        self.warnings += [w for w in words if w not in self.warnings]

    @contextmanager
    def stage(self, name: str, model: str | None = None) -> Iterator[None]:
        """Report a stage and its time when it is done."""
        started = time.monotonic()
        yield
        self.reports.append(StageReport(name, model, round(time.monotonic() - started, 3)))


@dataclass(frozen=True, slots=True)
class Job:
    """What every part of one restore is given.

    Attributes:
        request: What is wanted.
        stages: Loads the stages that need a model.
        store: Where the sound lies.
        context: Asked and told by the stages.
        log: Grows while the job runs; shared by the jobs on stretches of the same restore.
        needed: Keys of the sound that the job will still read.
    """

    request: RestoreRequest
    stages: Stages
    store: ArtifactStore
    context: RunContext
    log: Log = field(default_factory=Log)
    needed: frozenset[str] = frozenset()

    def on(self, region: Region) -> "Job":
        """The same for a stretch, in the time of the video."""
        return replace(self, request=replace(self.request, region=region))

    def needing(self, *sounds: AudioRef) -> "Job":
        """The same, which will still read these as well."""
        return replace(self, needed=self.needed | {sound.key for sound in sounds})

    def require_space(self, num_bytes: int) -> None:
        """Make room in the store, but not of what will still be read.

        Raises:
            DiskFullError: The disk has no room for so much.
        """
        purpose = tr("the restore of {video}", video=self.request.video.name)
        self.store.require_space(num_bytes, purpose, self.needed)

    @property
    def start_s(self) -> float:
        """Where in the video the mix begins."""
        return self.request.region.start_s if self.request.region else 0.0
