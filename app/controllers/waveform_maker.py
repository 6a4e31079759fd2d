"""Sounds -> their waveforms, made in threads of the window."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, JobRunner
from app.messages import Messages
from app.sounds import Sound
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr

if TYPE_CHECKING:
    from app.waveforms import StoredWaveform


class WaveformMaker(QObject):
    """Has waveforms made for those who show them, each for itself.

    Signals:
        made: `StoredWaveform` that is wanted.
    """

    made = Signal(object)

    def __init__(self, jobs: JobRunner, messages: Messages, cache: Path) -> None:
        super().__init__()
        self._jobs, self._messages, self._cache = jobs, messages, cache
        self._wanted: dict[Sound, StoredWaveform | None] = {}
        self._making: dict[Sound, Job] = {}

    def want(self, sounds: Iterable[Sound]) -> None:
        """Have those made that are not known, also if that failed before; give up all others."""
        self._wanted = {sound: self._wanted.get(sound) for sound in sounds}
        for sound in self._making.keys() - self._wanted.keys():
            self._making.pop(sound).cancel()
        for sound, waveform in self._wanted.items():
            job = self._making.get(sound)
            if waveform is None and (job is None or job.is_over):
                self._making[sound] = self._make(sound)

    def waveform(self, sound: Sound | None) -> "StoredWaveform | None":
        """What was made of a sound; None as long as nothing was."""
        return self._wanted.get(sound) if sound is not None else None

    def _make(self, sound: Sound) -> Job:
        cache = self._cache

        def work(context: RunContext) -> "StoredWaveform":
            # PyAV comes along, which has to wait for the first paint.
            from app.waveforms import make_waveform

            return make_waveform(sound, cache, context)

        job = self._jobs.run_in_thread(tr("Drawing a waveform"), work)
        job.succeeded.connect(self._on_made)
        job.failed.connect(self._on_failed)
        return job

    def _on_made(self, waveform: "StoredWaveform") -> None:
        if waveform.sound in self._wanted:
            self._wanted[waveform.sound] = waveform
            self.made.emit(waveform)

    def _on_failed(self, error: EngineError) -> None:
        self._messages.error(error)
