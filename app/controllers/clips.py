"""Placed music: the document -> the timeline; which clip is selected."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.clip_edits import find_clip
from app.clips import Clip, Fade
from app.controllers.beats import BeatsController
from app.controllers.waveform_maker import WaveformMaker
from app.document import Change, Document
from app.gain_curves import fade_gain
from app.project import Project
from app.sounds import Sound, sound_of
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
        beats: BeatsController,
        waveforms: WaveformMaker,
    ) -> None:
        super().__init__()
        self._layer, self._document = timeline.canvas.clips, document
        self._beats, self._waveforms = beats, waveforms
        self._selected: int | None = None
        beats.beats_found.connect(lambda *_: self._show(document.project))
        waveforms.made.connect(self._on_drawn)
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

    def spec(self, clip: Clip) -> ClipSpec:
        """A clip as it is shown."""
        return replace(clip_spec(clip), beats_s=self._beats.beats_of(clip.track))

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
        sounds = dict.fromkeys(clip.sound for clip in clips if clip.sound is not None)
        self._waveforms.want(sound_of((sound, 1.0)) for sound in sounds)

    def _on_drawn(self, waveform: "StoredWaveform") -> None:
        self._layer.set_sound(_key_of(waveform.sound), waveform)


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
