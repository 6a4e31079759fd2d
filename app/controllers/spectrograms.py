"""Tiles of spectrograms that are looked at -> computed in a thread, one after the other."""

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from app.document import Change, Document
from app.jobs import Job, JobRunner
from app.project import Project
from app.sounds import Sound, bare_sound
from app.spectrogram import spectrogram_tile
from engine.context import RunContext
from engine.errors import EngineError
from engine.translation import tr
from widgets.frequency_axis import HIGHEST_HZ
from widgets.lanes import Levels, SpectrogramTile
from widgets.spectrogram_tiles import SpectrogramTiles


class SpectrogramsController(QObject):
    """Answers what the timeline asks for; what it no longer looks at is given up."""

    def __init__(
        self, tiles: SpectrogramTiles, document: Document, jobs: JobRunner, cache: Path
    ) -> None:
        super().__init__()
        self._tiles, self._document, self._jobs, self._cache = tiles, document, jobs, cache
        self._wanted: tuple[SpectrogramTile, ...] = ()
        self._tile: SpectrogramTile | None = None
        self._job: Job | None = None
        tiles.wanted.connect(self._on_wanted)
        document.listen(self._on_change)

    def _on_wanted(self, wanted: tuple[SpectrogramTile, ...]) -> None:
        self._wanted = wanted
        if self._job is not None and self._tile not in wanted:
            # Goes on with the next one.
            self._job.cancel()
        self._go_on()

    def _on_change(self, change: Change) -> None:
        if not (change.sounds or change.curves):
            return
        before, after = _sounds(change.before), _sounds(change.after)
        for lane_id in before:
            if before[lane_id] != after.get(lane_id):
                self._tiles.forget(lane_id)
                self._cancel_of(lane_id)
        self._go_on()

    def _cancel_of(self, lane_id: str) -> None:
        if self._job is not None and self._tile is not None and self._tile.lane_id == lane_id:
            self._job.cancel()

    def _go_on(self) -> None:
        if self._job is not None:
            return
        sounds = _sounds(self._document.project)
        tile = next((tile for tile in self._wanted if tile.lane_id in sounds), None)
        if tile is not None:
            self._tile = tile
            self._job = job = self._make(tile, sounds[tile.lane_id])
            job.succeeded.connect(partial(self._put, tile))
            job.failed.connect(partial(self._on_failed, tile))
            job.finished.connect(self._on_finished)

    def _make(self, tile: SpectrogramTile, sound: Sound) -> Job:
        cache = self._cache

        def work(context: RunContext) -> Levels:
            return spectrogram_tile(sound, tile, cache, context)

        return self._jobs.run_in_thread(tr("Drawing a spectrogram"), work)

    def _put(self, tile: SpectrogramTile, levels: Levels) -> None:
        self._wanted = tuple(other for other in self._wanted if other != tile)
        self._tiles.put(tile, levels)

    def _on_failed(self, tile: SpectrogramTile, _: EngineError) -> None:
        # The sound has gone, which is said by whoever plays it: the lane stays empty.
        self._put(tile, Levels(np.zeros((tile.height, 1), np.uint8), HIGHEST_HZ))

    def _on_finished(self) -> None:
        self._job = self._tile = None
        self._go_on()


def _sounds(project: Project) -> dict[str, Sound]:
    """What can be shown of each lane."""
    found = {lane.lane_id: bare_sound(project, lane) for lane in project.lanes}
    return {lane_id: sound for lane_id, sound in found.items() if sound is not None}
