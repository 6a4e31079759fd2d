"""Placed music: the document -> the timeline; which clip is selected."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.clip_edits import find_clip
from app.clips import Clip, Fade
from app.document import Change, Document
from app.gain_curves import fade_gain
from app.jobs import JobRunner
from app.project import Project
from app.sounds import Sound, sound_of
from engine.context import RunContext
from engine.translation import tr
from engine.types import AudioRef
from widgets.clips import ClipSpec, FadeSpec
from widgets.timeline import Timeline

if TYPE_CHECKING:
    from app.waveforms import StoredWaveform

_FADE_STEPS = 16


class ClipsController(QObject):
    """Shows clips with the waveforms of their tracks, and knows which one is selected.

    Signals:
        selection_changed: Another clip is selected, or it is another one now.
    """

    selection_changed = Signal()

    def __init__(
        self,
        timeline: Timeline,
        document: Document,
        jobs: JobRunner,
        cache: Path,
    ) -> None:
        super().__init__()
        self._layer, self._document, self._jobs = timeline.canvas.clips, document, jobs
        self._cache = cache
        self._selected: int | None = None
        self._beats: dict[Path, tuple[float, ...]] = {}
        self._drawn: set[str] = set()
        document.listen(self._on_change)

    @property
    def selected(self) -> Clip | None:
        """The clip that keys and cards act on."""
        return find_clip(self._document.project, self._selected)

    def select(self, clip_id: int | None) -> None:
        """Have keys and cards act on a clip."""
        if clip_id != self._selected:
            self._selected = clip_id
            self._layer.select(clip_id)
            self.selection_changed.emit()

    def set_beats(self, track: Path, beats_s: tuple[float, ...]) -> None:
        """Take the beats of a track, which drags hold on to."""
        self._beats[track] = beats_s
        self._show(self._document.project)

    def spec(self, clip: Clip) -> ClipSpec:
        """A clip as it is shown."""
        return replace(clip_spec(clip), beats_s=self._beats.get(clip.track, ()))

    def _on_change(self, change: Change) -> None:
        if not (change.clips or change.media):
            return
        there = {clip.clip_id for clip in change.after.clips}
        if self._selected not in there:
            self.select(min(there, default=None))
        self._show(change.after)
        self.selection_changed.emit()

    def _show(self, project: Project) -> None:
        clips = project.clips
        self._layer.set_clips(tuple(self.spec(clip) for clip in clips))
        sounds = {clip.sound.key: clip.sound for clip in clips if clip.sound is not None}
        self._drawn &= sounds.keys()
        for key in sounds.keys() - self._drawn:
            self._drawn.add(key)
            self._draw(sounds[key])

    def _draw(self, sound: AudioRef) -> None:
        whole, cache = sound_of((sound, 1.0)), self._cache

        def work(context: RunContext) -> "StoredWaveform":
            # PyAV comes along, which has to wait for the first paint.
            from app.waveforms import make_waveform

            return make_waveform(whole, cache, context)

        job = self._jobs.run_in_thread(tr("Drawing a waveform"), work)
        job.succeeded.connect(self._on_drawn)

    def _on_drawn(self, waveform: "StoredWaveform") -> None:
        key = _key_of(waveform.sound)
        if key in self._drawn:
            self._layer.set_sound(key, waveform)


def clip_spec(clip: Clip) -> ClipSpec:
    """A clip as the timeline shows it, without its beats."""
    return ClipSpec(
        clip_id=clip.clip_id,
        lane_id=clip.lane_id,
        name=clip.track.stem,
        sound_id=clip.sound.key if clip.sound is not None else "",
        start_s=clip.start_s,
        duration_s=clip.duration_s,
        track_start_s=clip.track_start_s,
        track_duration_s=clip.track_duration_s,
        gain_db=clip.gain_db,
        fade_in=_fade_spec(clip.fade_in),
        fade_out=_fade_spec(clip.fade_out),
    )


@lru_cache(maxsize=512)
def _fade_spec(fade: Fade) -> FadeSpec:
    first, last = fade.shares
    steps = (first + (last - first) * step / _FADE_STEPS for step in range(_FADE_STEPS + 1))
    gains = tuple(fade_gain(fade.shape, min(share, 1.0)) for share in steps)
    return FadeSpec(fade.duration_s, fade.shape.value, gains)


def _key_of(sound: Sound) -> str:
    return sound.parts[0].ref.key
