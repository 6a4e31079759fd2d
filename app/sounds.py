"""What the lanes of a project sound like: every sound is a weighted sum of artifacts.

Swap needs nothing new from the engine: the other music is there, and dialogue + effects + OST +
BGM stays the mix because whatever one stem gains the other loses. So it is when only a part of the
added music is taken out: restored = mix - amount x BGM, and the lane of the BGM holds that part.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.document import Lane, Project, Restore, Rival
from engine.media.raw_audio import map_samples, raw_audio_path
from engine.types import AudioRef, Samples, StemName

BLOCK_S = 2.0
_ABOUT_BGM = (StemName.OST, StemName.BGM, StemName.RESTORED)
UNTOUCHED = "untouched"
"""What is heard where nothing has been restored; no lane that the user sees."""

_RIVAL = "file "


@dataclass(frozen=True, slots=True)
class Part:
    """An artifact times a linear weight."""

    ref: AudioRef
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sound:
    """The sum of its parts, which are all of one length, rate and channel count.

    Attributes:
        parts: What is added up.
        start: Sample at which the parts begin; before it there is silence.
        length: Samples with the silence around; None where the parts end.
    """

    parts: tuple[Part, ...]
    start: int = 0
    length: int | None = None

    def __post_init__(self) -> None:
        """Refuse parts that cannot be added."""
        shapes = {(p.ref.num_samples, p.ref.channels, p.ref.sample_rate_hz) for p in self.parts}
        if len(shapes) != 1:
            raise ValueError(f"parts of different shapes cannot be added: {shapes}")

    @property
    def num_samples(self) -> int:
        """Frames a channel."""
        if self.length is not None:
            return self.length
        return self.start + self.parts[0].ref.num_samples

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.parts[0].ref.channels

    @property
    def sample_rate_hz(self) -> int:
        """Frames a second."""
        return self.parts[0].ref.sample_rate_hz

    def amplified(self, gain: float) -> "Sound":
        """The same, louder or softer by a linear gain."""
        parts = tuple(Part(part.ref, part.weight * gain) for part in self.parts)
        return replace(self, parts=parts)

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


class MappedSound:
    """A sound whose files are mapped, for whoever reads many short stretches of it.

    Attributes:
        sound: What is read.

    Raises:
        ArtifactMissingError: One of its files is not there any more.
    """

    def __init__(self, sound: Sound, cache: Path) -> None:
        self.sound = sound
        self._parts = tuple(
            (np.float32(part.weight), map_samples(raw_audio_path(cache, part.ref.key), part.ref))
            for part in sound.parts
        )

    def stretch(self, start: int, end: int) -> Samples:
        """The samples from `start` to before `end`, as far as there are any, (channels, n)."""
        sound = self.sound
        start, end = max(start, 0), min(end, sound.num_samples)
        total = np.zeros((sound.channels, max(0, end - start)), np.float32)
        first = max(start - sound.start, 0)
        last = min(end - sound.start, sound.parts[0].ref.num_samples)
        if first < last:
            inside = slice(first + sound.start - start, last + sound.start - start)
            for weight, samples in self._parts:
                total[:, inside] += weight * samples[:, first:last]
        return total


def sound_of(*terms: tuple[AudioRef, float]) -> Sound:
    """Add artifacts up; those named twice become one part, those that cancel out none.

    Where nothing is left it is silence of that shape.
    """
    weights: dict[AudioRef, float] = {}
    for ref, weight in terms:
        weights[ref] = weights.get(ref, 0.0) + weight
    parts = tuple(Part(ref, weight) for ref, weight in weights.items() if weight)
    return Sound(parts or tuple(Part(ref, 0.0) for ref in weights)[:1])


def lane_sound(project: Project, lane: Lane) -> Sound | None:
    """What a lane plays as the project stands; None when there is nothing to play."""
    return stem_sound(project, lane.stem) if lane.stem is not None else None


def stem_sound(project: Project, stem: StemName) -> Sound | None:
    """What a stem sounds like as the project stands; None when there is no such stem."""
    media, restore = project.media, project.restore
    if media is not None and stem is StemName.MIX:
        return sound_of((media.mix, 1.0))
    sound = _restored_sound(restore, stem) if restore is not None else None
    if sound is None or restore is None or media is None or restore.result.region is None:
        return sound
    start = round(restore.result.region.start_s * media.mix.sample_rate_hz)
    return replace(sound, start=start, length=media.mix.num_samples)


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
            found[f"{_RIVAL}{number}"] = replace(whole, length=media.mix.num_samples)
    restored = stem_sound(project, StemName.RESTORED)
    if restored is not None and all(lane.stem is not StemName.RESTORED for lane in project.lanes):
        found[StemName.RESTORED] = restored
    return found


def rival_of(project: Project, version_id: str) -> Rival | None:
    """The other file that a name in `unseen_sounds` stands for; None if it is none."""
    numbered = (f"{_RIVAL}{number}" for number in range(1, len(project.rivals) + 1))
    return dict(zip(numbered, project.rivals, strict=True)).get(version_id)


def linear_gain(gain_db: float) -> float:
    """Decibels as a factor; `-inf` is 0."""
    return math.pow(10.0, gain_db / 20) if gain_db > -math.inf else 0.0


def heard_gains(lanes: tuple[Lane, ...], match_db: float = 0.0) -> dict[str, float]:
    """The linear gain that each lane is heard with.

    Args:
        lanes: Solo goes before mute: a muted lane that is soloed is heard.
        match_db: Gain of the player that makes versions equally loud.
    """
    any_solo = any(lane.soloed for lane in lanes)
    return {
        lane.lane_id: linear_gain(lane.gain_db + match_db)
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
    stems = [gain for lane_id, gain in gains.items() if lane_id != StemName.MIX]
    is_soloed = any(lane.soloed for lane in project.lanes)
    is_heard = any(stems) and not gains.get(StemName.MIX) and not is_soloed
    return {**gains, UNTOUCHED: 1.0 if is_heard else 0.0}
