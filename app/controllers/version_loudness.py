"""How loud the versions of a project are where they are compared, measured in workers."""

from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, JobRunner
from app.messages import Messages
from app.review.versions import Version
from engine.context import RunContext, checked_in
from engine.errors import EngineError
from engine.translation import tr
from engine.types import Region

if TYPE_CHECKING:
    from engine.media.loudness import Loudness


class VersionLoudness(QObject):
    """Keeps what has been measured of a stretch, as long as the stretch and the sounds stay.

    Attributes:
        known: What has been measured so far.

    Signals:
        changed: More is known.
    """

    changed = Signal()

    def __init__(self, jobs: JobRunner, messages: Messages, cache: Path) -> None:
        super().__init__()
        self.known: dict[Version, Loudness] = {}
        self._jobs, self._messages, self._cache = jobs, messages, cache
        self._region: Region | None = None
        self._measuring: dict[Version, Job] = {}
        self._failed: set[Version] = set()

    def keep(self, versions: AbstractSet[Version], region: Region) -> None:
        """Forget, and give up, what is not of these versions and of this stretch."""
        if region != self._region:
            self._region = region
            self.known.clear()
            self._failed.clear()
            self._leave(set(self._measuring))
        self.known = {v: loudness for v, loudness in self.known.items() if v in versions}
        self._leave(self._measuring.keys() - versions)

    def measure(self, versions: AbstractSet[Version]) -> None:
        """Have measured what is not known yet of the stretch that is kept."""
        for version in versions - self.known.keys() - self._measuring.keys() - self._failed:
            self._measuring[version] = self._start(version)

    def _leave(self, unwanted: AbstractSet[Version]) -> None:
        for version in unwanted:
            self._measuring.pop(version).cancel()

    def _start(self, version: Version) -> Job:
        region, cache = self._region or Region(0.0, 0.0), self._cache

        def work(context: RunContext) -> "Loudness":
            from app.review.heard_loudness import heard_loudness

            sound = version.sound
            edges = (round(s * sound.sample_rate_hz) for s in (region.start_s, region.end_s))
            return heard_loudness(sound, checked_in(sound.blocks(cache, *edges), context))

        job = self._jobs.run_in_thread(tr("Measuring loudness"), work)
        job.succeeded.connect(partial(self._on_measured, version))
        job.failed.connect(partial(self._on_failed, version))
        return job

    def _on_measured(self, version: Version, loudness: "Loudness") -> None:
        del self._measuring[version]
        self.known[version] = loudness
        self.changed.emit()

    def _on_failed(self, version: Version, error: EngineError) -> None:
        del self._measuring[version]
        self._failed.add(version)
        self._messages.error(error)
