"""The timeline's lanes <-> the document, and the waveforms in them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.clips import music_lane_number
from app.controllers.waveform_maker import WaveformMaker
from app.document import Change, Document
from app.gain_curves import GainPoint, ducking
from app.lane_edits import change_gain, mute, show_spectrogram, solo, solo_only
from app.project import Lane, Project, Restore
from app.sounds import stem_sound
from app.speech import behind
from app.stem_names import STEM_NAMES
from engine.translation import tr
from engine.types import Region, StemName
from widgets.lanes import Doubt, GainAt, LaneSpec
from widgets.restore_panel import RestorePanel
from widgets.timeline import Timeline
from widgets.wording import SURE, sureness

if TYPE_CHECKING:
    from app.waveforms import StoredWaveform

_LOOKS: dict[str, tuple[str, str]] = {
    StemName.MIX: ("0", "mix"),
    StemName.RESTORED: ("R", "ost"),
    StemName.DIALOGUE: ("D", "dialogue"),
    StemName.EFFECTS: ("E", "effects"),
    StemName.REST: ("M", "ost"),
    StemName.OST: ("O", "ost"),
    StemName.BGM: ("B", "bgm"),
}
_POOR = tr("The track was changed here: listen whether it is gone.")
_NO_DOUBTS: Mapping[str, tuple[Doubt, ...]] = {}
_MUSICS = (StemName.MUSIC1, StemName.MUSIC2)


class LanesController(QObject):
    """Mute, solo, gain and view become edits; edits become lanes and waveforms."""

    def __init__(
        self,
        timeline: Timeline,
        panel: RestorePanel,
        document: Document,
        waveforms: WaveformMaker,
    ) -> None:
        super().__init__()
        self._timeline, self._panel, self._document = timeline, panel, document
        # By sound, not by lane: the lanes may be swapped while one is made.
        self._waveforms = waveforms
        waveforms.made.connect(lambda _: self._show_all(document.project))
        self._shown: dict[str, StoredWaveform] = {}
        timeline.mute_toggled.connect(self._mute)
        timeline.solo_toggled.connect(self._solo)
        timeline.solo_only_requested.connect(self._solo_only)
        timeline.gain_changed.connect(self._change_gain)
        timeline.spectrogram_toggled.connect(self._show_spectrogram)
        document.listen(self._on_change)

    def _mute(self, lane_id: str, muted: object) -> None:
        self._document.do(mute(lane_id, muted=bool(muted)))

    def _solo(self, lane_id: str, soloed: object) -> None:
        self._document.do(solo(lane_id, soloed=bool(soloed)))

    def _solo_only(self, lane_id: str) -> None:
        self._document.do(solo_only(lane_id))

    def _change_gain(self, lane_id: str, gain_db: float) -> None:
        self._document.do(change_gain(lane_id, gain_db))

    def _show_spectrogram(self, lane_id: str, shown: object) -> None:
        self._document.do(show_spectrogram(lane_id, shown=bool(shown)))

    def _on_change(self, change: Change) -> None:
        if change.media:
            self._shown.clear()
        if change.lanes or change.restore or change.before.speech != change.after.speech:
            self._timeline.set_lanes(lane_specs(change.after))
        if change.sounds:
            self._load_waveforms(change.after)
        if change.restore:
            self._show_regions(change.after.restore)

    def _show_regions(self, restore: Restore | None) -> None:
        """Mark where there is speech, and where a known track lay."""
        speech = restore.spoken if restore is not None else ()
        matches = restore.result.bgm if restore is not None else ()
        tracks = tuple(Region(max(m.video_start_s, 0.0), m.video_end_s) for m in matches)
        self._timeline.set_regions(StemName.DIALOGUE, speech)
        self._timeline.set_regions(StemName.BGM, tracks)

    def _load_waveforms(self, project: Project) -> None:
        """Show the waveforms that are known, have the others made, give up those not wanted."""
        lane_ids = {lane.lane_id for lane in project.lanes}
        self._shown = {name: shown for name, shown in self._shown.items() if name in lane_ids}
        sounds = [stem_sound(project, lane.stem) for lane in project.lanes if lane.stem]
        sounds += [stem_sound(project, stem) for stem in _MUSICS]
        self._waveforms.want(sound for sound in sounds if sound is not None)
        self._show_all(project)

    def _show_all(self, project: Project) -> None:
        for lane in project.lanes:
            waveform = self._waveforms.waveform(
                stem_sound(project, lane.stem) if lane.stem else None
            )
            # Showing one draws it anew.
            if waveform is not None and waveform is not self._shown.get(lane.lane_id):
                self._timeline.set_waveform(lane.lane_id, waveform)
                self._shown[lane.lane_id] = waveform
        media = project.media
        first, second = (self._waveforms.waveform(stem_sound(project, stem)) for stem in _MUSICS)
        duration_s = media.mix.duration_s if media is not None else 0.0
        self._panel.set_music_waveforms(first, second, duration_s)


def lane_specs(project: Project) -> tuple[LaneSpec, ...]:
    """The lanes of a project as the timeline shows them."""
    doubts, speech = doubts_of(project.restore), project.speech or ()
    pending = behind(project.restore) if project.restore is not None else ()
    return tuple(
        replace(
            lane_spec(lane, doubts),
            pending=pending if lane.lane_id == StemName.DIALOGUE else (),
            envelope=_in_pairs(lane.envelope),
            ducking=_in_pairs(ducking(speech, lane.duck_db)),
        )
        for lane in project.lanes
    )


def _in_pairs(points: Iterable[GainPoint]) -> tuple[GainAt, ...]:
    return tuple((point.time_s, point.gain_db) for point in points)


def lane_spec(lane: Lane, doubts: Mapping[str, tuple[Doubt, ...]] = _NO_DOUBTS) -> LaneSpec:
    """A lane as the timeline shows it.

    Args:
        lane: The lane.
        doubts: By lane_id, see `doubts_of`.
    """
    letter, name, color_token = _look(lane.lane_id)
    return LaneSpec(
        lane_id=lane.lane_id,
        letter=letter,
        name=name,
        color_token=color_token,
        gain_db=lane.gain_db,
        muted=lane.muted,
        soloed=lane.soloed,
        as_spectrogram=lane.as_spectrogram,
        doubts=doubts.get(lane.lane_id, ()),
    )


def _look(lane_id: str) -> tuple[str, str, str]:
    number = music_lane_number(lane_id)
    if number is None:
        letter, color_token = _LOOKS[lane_id]
        return letter, STEM_NAMES[lane_id], color_token
    # There is no room for three letters.
    letter = f"M{number}" if number < 10 else f"{number}"
    return letter, tr("Music {number}", number=number), "music"


def doubts_of(restore: Restore | None) -> dict[str, tuple[Doubt, ...]]:
    """Where the sound of which lane is worth listening to, by lane_id."""
    if restore is None:
        return {}
    result = restore.result
    poor = tuple(Doubt(region, _POOR) for region in result.poor)
    unsure = tuple(
        Doubt(
            Region(max(match.video_start_s, 0.0), match.video_end_s),
            tr(
                "Is this {track}? {sureness}.",
                track=match.track.name,
                sureness=sureness(match.confidence).capitalize(),
            ),
        )
        for match in result.bgm
        if match.confidence < SURE
    )
    both = sorted(poor + unsure, key=lambda doubt: doubt.region.start_s)
    return {StemName.RESTORED: poor, StemName.BGM: tuple(both)}
