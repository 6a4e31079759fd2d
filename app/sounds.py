"""What the lanes of a project sound like: every sound is a weighted sum of artifacts.

Swap needs nothing new from the engine: the other music is there, and dialogue + effects + OST +
BGM stays the mix because whatever one stem gains the other loses. So it is when only a part of the
added music is taken out: restored = mix - amount x BGM, and the lane of the BGM holds that part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.clips import Clip, Fade
from app.gain_curves import GainCurve, ducking, envelope_curve, fade_points, linear_gain
from app.project import Lane, Project, Restore, Rival
from engine.artifacts import artifact_key
from engine.media.raw_audio import map_samples, raw_audio_path
from engine.types import AudioRef, Samples, StemName

BLOCK_S = 2.0
_ABOUT_BGM = (StemName.OST, StemName.BGM, StemName.RESTORED)
UNTOUCHED = "untouched"
"""What is heard where nothing has been restored; no lane that the user sees."""

_RIVAL = "file "


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an artifact times a gain.

    Attributes:
        ref: The artifact.
        weight: Linear factor.
        start: Sample of the sound at which it begins.
        skip: Samples of the artifact that are left out before.
        length: Samples of it that are heard at most; None is all that there are.
        curves: Gains over the samples of the sound, which are multiplied.
    """

    ref: AudioRef
    weight: float = 1.0
    start: int = 0
    skip: int = 0
    length: int | None = None
    curves: tuple[GainCurve, ...] = ()

    @property
    def num_samples(self) -> int:
        """How long it is heard."""
        left = max(0, self.ref.num_samples - self.skip)
        return left if self.length is None else min(left, self.length)

    @property
    def end(self) -> int:
        """Sample of the sound behind its last one."""
        return self.start + self.num_samples


@dataclass(frozen=True, slots=True)
class Sound:
    """The sum of its parts, which are all of one rate and channel count.

    Attributes:
        parts: What is added up; at least one.
        length: Samples, with silence around the parts; None where the last one ends.
    """

    parts: tuple[Part, ...]
    length: int | None = None

    def __post_init__(self) -> None:
        """Refuse parts that cannot be added."""
        shapes = {(part.ref.channels, part.ref.sample_rate_hz) for part in self.parts}
        if len(shapes) != 1:
            raise ValueError(f"parts of different shapes cannot be added: {shapes}")

    @property
    def num_samples(self) -> int:
        """Frames a channel."""
        return self.length if self.length is not None else max(part.end for part in self.parts)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.parts[0].ref.channels

    @property
    def sample_rate_hz(self) -> int:
        """Frames a second."""
        return self.parts[0].ref.sample_rate_hz

    @property
    def key(self) -> str:
        """Which sound it is: the same for the same artifacts by the same gains at the same places.

        Gains over time, which nothing that is compared has, do not count.
        """
        parts = ((part.ref.key, part.weight, part.start, part.skip) for part in self.parts)
        return artifact_key("heard", *sorted(parts))

    def amplified(self, gain: float) -> "Sound":
        """The same, louder or softer by a linear gain."""
        parts = tuple(replace(part, weight=part.weight * gain) for part in self.parts)
        return replace(self, parts=parts)

    def shaped(self, *curves: GainCurve) -> "Sound":
        """The same with gains that change over its samples."""
        parts = tuple(replace(part, curves=(*part.curves, *curves)) for part in self.parts)
        return replace(self, parts=parts)

    def within(self, start: int, length: int) -> "Sound":
        """The same from a sample of a stretch on, with silence around it; no longer than that."""
        return Sound(
            tuple(_within(part, part.start + start, length) for part in self.parts), length
        )

    def blocks(self, cache: Path, start: int = 0, end: int | None = None) -> Iterator[Samples]:
        """The sound in order, as blocks (channels, up to BLOCK_S seconds) float32.

        Args:
            cache: Folder of the artifacts.
            start: First sample.
            end: Sample behind the last one; None is the end of the sound.
        """
        last = self.num_samples if end is None else min(end, self.num_samples)
        step = max(1, round(BLOCK_S * self.sample_rate_hz))
        for first in range(start, last, step):
            yield self.stretch(cache, first, min(first + step, last))

    def stretch(self, cache: Path, start: int, end: int) -> Samples:
        """The samples from `start` to before `end`, as far as there are any, (channels, n)."""
        return MappedSound(self, cache).stretch(start, end)


def _within(part: Part, start: int, length: int) -> Part:
    return replace(
        part,
        start=start,
        length=min(part.num_samples, max(0, length - start)),
        curves=tuple(curve.shifted(start - part.start) for curve in part.curves),
    )


class MappedSound:
    """A sound whose files are mapped, for whoever reads many short stretches of it.

    Attributes:
        sound: What is read.

    Raises:
        ArtifactMissingError: One of its files is not there any more.
    """

    def __init__(self, sound: Sound, cache: Path) -> None:
        self.sound = sound
        self._parts = tuple(_MappedPart(part, cache) for part in sound.parts)

    def stretch(self, start: int, end: int) -> Samples:
        """The samples from `start` to before `end`, as far as there are any, (channels, n)."""
        start, end = max(start, 0), min(end, self.sound.num_samples)
        total = np.zeros((self.sound.channels, max(0, end - start)), np.float32)
        for part in self._parts:
            part.add_to(total, start)
        return total

    def windows(self, starts: NDArray[np.int64], size: int) -> Samples:
        """Stretches of one length, silent where there is nothing, (channels, num_starts, size).

        They are copied together: one after the other they would keep the window from painting.

        Args:
            starts: (num_starts,) samples at which they begin; any order, outside as well.
            size: Length of each in samples.
        """
        total = np.zeros((self.sound.channels, len(starts), size), np.float32)
        for part in self._parts:
            part.add_windows_to(total, starts)
        return total


class _MappedPart:
    def __init__(self, part: Part, cache: Path) -> None:
        self._part, self._weight = part, np.float32(part.weight)
        self._samples = map_samples(raw_audio_path(cache, part.ref.key), part.ref)
        self._readers = [curve.reader() for curve in part.curves]

    def add_to(self, total: Samples, start: int) -> None:
        """Add what is heard from sample `start` on to `total` (channels, n)."""
        part = self._part
        first, last = max(start, part.start), min(start + total.shape[1], part.end)
        if first >= last:
            return
        skip = part.skip - part.start
        heard = self._weight * self._samples[:, first + skip : last + skip]
        for read in self._readers:
            heard *= read(np.arange(first, last))
        total[:, first - start : last - start] += heard

    def add_windows_to(self, total: Samples, starts: NDArray[np.int64]) -> None:
        """Add what is heard from each of some samples on to `total` (channels, num_starts, n)."""
        part, size = self._part, total.shape[2]
        whole = (starts >= part.start) & (starts + size <= part.end)
        if whole.any():
            windows = sliding_window_view(self._samples, size, axis=1)
            heard = self._weight * windows[:, starts[whole] + (part.skip - part.start)]
            for read in self._readers:
                heard *= read(starts[whole, np.newaxis] + np.arange(size))
            total[:, whole] += heard
        cut = ~whole & (starts < part.end) & (starts + size > part.start)
        for number in np.flatnonzero(cut).tolist():
            self.add_to(total[:, number], int(starts[number]))


def sound_of(*terms: tuple[AudioRef, float]) -> Sound:
    """Add artifacts up; those named twice become one part, those that cancel out none.

    Where nothing is left it is silence of that shape.
    """
    return summed([Sound((Part(ref, weight),)) for ref, weight in terms])


def summed(sounds: Sequence[Sound]) -> Sound:
    """Add sounds up; parts that are the same but for their weights become one."""
    weights: dict[Part, float] = {}
    for part in (part for sound in sounds for part in sound.parts):
        alike = replace(part, weight=1.0)
        weights[alike] = weights.get(alike, 0.0) + part.weight
    parts = tuple(replace(part, weight=weight) for part, weight in weights.items() if weight)
    lengths = [sound.length for sound in sounds if sound.length is not None]
    silence = tuple(replace(part, weight=0.0) for part in weights)[:1]
    return Sound(parts or silence, max(lengths, default=None))


def lane_sound(project: Project, lane: Lane) -> Sound | None:
    """What a lane plays as the project stands; None when there is nothing to play."""
    sound, media = bare_sound(project, lane), project.media
    if sound is None or media is None:
        return sound
    speech = ducking(project.speech or (), lane.duck_db)
    envelopes = (envelope_curve(each, media.mix.sample_rate_hz) for each in (lane.envelope, speech))
    return sound.shaped(*(curve for curve in envelopes if curve is not None))


def bare_sound(project: Project, lane: Lane) -> Sound | None:
    """The same without the gains that change over time."""
    return stem_sound(project, lane.stem) if lane.stem is not None else _placed(project, lane)


def _placed(project: Project, lane: Lane) -> Sound | None:
    """The clips of a lane of music."""
    media = project.media
    clips = [clip for clip in project.clips if clip.lane_id == lane.lane_id]
    parts = [_clip_part(clip, clip.sound) for clip in clips if clip.sound is not None]
    if media is None or not parts:
        return None
    return Sound(tuple(parts)).within(0, media.mix.num_samples)


def clip_sound(clip: Clip, sound: AudioRef) -> Sound:
    """What a clip plays of a track, over the samples of the film."""
    return Sound((_clip_part(clip, sound),))


def _clip_part(clip: Clip, sound: AudioRef) -> Part:
    rate_hz = sound.sample_rate_hz
    start, end = round(clip.start_s * rate_hz), round(clip.end_s * rate_hz)
    return Part(
        sound,
        linear_gain(clip.gain_db),
        start,
        round(clip.track_start_s * rate_hz),
        end - start,
        (
            *_fade_curves(clip.fade_in, start, rate_hz, is_out=False),
            *_fade_curves(clip.fade_out, end, rate_hz, is_out=True),
        ),
    )


def _fade_curves(fade: Fade, edge: int, rate_hz: int, *, is_out: bool) -> Iterator[GainCurve]:
    """The curve of a fade whose clip has its end at a sample; none if there is no fade.

    It is that of the whole one: what is missing lies where the clip is not heard.
    """
    outer, length = round(fade.outer_s * rate_hz), round(fade.whole_s * rate_hz)
    if round(fade.duration_s * rate_hz) > 0:
        first = edge + outer - length if is_out else edge - outer
        yield GainCurve(tuple(fade_points(fade.shape, first, length, is_out=is_out)))


def stem_sound(project: Project, stem: StemName) -> Sound | None:
    """What a stem sounds like as the project stands; None when there is no such stem."""
    media, restore = project.media, project.restore
    if media is not None and stem is StemName.MIX:
        return sound_of((media.mix, 1.0))
    sound = _restored_sound(restore, stem) if restore is not None else None
    if sound is None or restore is None or media is None or restore.result.region is None:
        return sound
    start = round(restore.result.region.start_s * media.mix.sample_rate_hz)
    return sound.within(start, media.mix.num_samples)


def _restored_sound(restore: Restore, stem: StemName) -> Sound | None:
    stems = restore.result.stems
    if stem not in stems:
        return None
    if stem not in _ABOUT_BGM or StemName.BGM not in stems:
        return sound_of((stems[stem], 1.0))
    kept, removed = stems.get(StemName.OST), stems[StemName.BGM]
    if restore.choice is not None:
        kept, removed = stems[StemName.MUSIC1], stems[StemName.MUSIC2]
        if restore.choice == "second":
            kept, removed = removed, kept
    if stem is StemName.BGM:
        return sound_of((removed, restore.amount))
    if stem is StemName.OST and kept is not None:
        return sound_of((kept, 1.0), (removed, 1.0 - restore.amount))
    return _without(restore, removed)


def _without(restore: Restore, removed: AudioRef) -> Sound:
    """The restored sound, as the engine made it where that is what is wanted."""
    stems = restore.result.stems
    if restore.choice is not None or restore.amount < 1:
        return sound_of((stems[StemName.MIX], 1.0), (removed, -restore.amount))
    return sound_of((stems[StemName.RESTORED], 1.0))


def unseen_sounds(project: Project) -> dict[str, Sound]:
    """What can be compared by ear but has no lane: the restored sound as a whole, other files."""
    media, found = project.media, {}
    if media is not None:
        for number, rival in enumerate(project.rivals, 1):
            whole = sound_of((rival.sound, 1.0))
            found[f"{_RIVAL}{number}"] = whole.within(0, media.mix.num_samples)
    restored = stem_sound(project, StemName.RESTORED)
    if restored is not None and all(lane.stem is not StemName.RESTORED for lane in project.lanes):
        found[StemName.RESTORED] = restored
    return found


def plain_stems(project: Project) -> dict[str, Sound]:
    """Stems without the gains of their lanes over time, by `plain_id`, where those have any.

    Whoever compares a stem hears it as it is.
    """
    shaped = (lane for lane in project.lanes if lane.envelope or lane.duck_db)
    stems = ((lane, stem_sound(project, lane.stem)) for lane in shaped if lane.stem is not None)
    return {plain_id(lane.lane_id): sound for lane, sound in stems if sound is not None}


def plain_id(lane_id: str) -> str:
    """What a stem without the gains of its lane is called in the player."""
    return f"plain {lane_id}"


def rival_of(project: Project, version_id: str) -> Rival | None:
    """The other file that a name in `unseen_sounds` stands for; None if it is none."""
    numbered = (f"{_RIVAL}{number}" for number in range(1, len(project.rivals) + 1))
    return dict(zip(numbered, project.rivals, strict=True)).get(version_id)


def heard_gains(lanes: tuple[Lane, ...]) -> dict[str, float]:
    """The linear gain that each lane is heard with.

    Args:
        lanes: Solo goes before mute: a muted lane that is soloed is heard.
    """
    any_solo = any(lane.soloed for lane in lanes)
    return {
        lane.lane_id: linear_gain(lane.gain_db)
        if (lane.soloed if any_solo else not lane.muted)
        else 0.0
        for lane in lanes
    }


def untouched(project: Project) -> tuple[tuple[int, int], ...]:
    """Where there is nothing but the mix, as samples of it; one to before the other.

    It is what lies around a preview, or all while the sounds of a restore are missing.
    """
    media, restore = project.media, project.restore
    if media is None:
        return ()
    num_samples = media.mix.num_samples
    if project.lost is not None:
        return ((0, num_samples),)
    if restore is None or restore.result.region is None:
        return ()
    start = round(restore.result.region.start_s * media.mix.sample_rate_hz)
    end = start + restore.result.stems[StemName.MIX].num_samples
    return tuple(part for part in ((0, start), (end, num_samples)) if part[0] < part[1])


def project_gains(project: Project) -> dict[str, float]:
    """The gains of all lanes; the untouched mix is heard with the stems, never over the mix."""
    gains = heard_gains(project.lanes)
    stems = [gains[lane.lane_id] for lane in project.lanes if lane.stem not in (None, StemName.MIX)]
    is_soloed = any(lane.soloed for lane in project.lanes)
    is_heard = any(stems) and not gains.get(StemName.MIX) and not is_soloed
    return {**gains, UNTOUCHED: 1.0 if is_heard else 0.0}
