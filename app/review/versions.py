"""What can be compared by ear, and the gains that make all of it equally loud."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.project import Project
from app.sounds import Sound, stem_sound, unseen_sounds
from engine.types import StemName

if TYPE_CHECKING:
    # PyAV comes along, which has to wait for the first paint.
    from engine.media.loudness import Loudness

CEILING_DBTP = -1.0
"""No version is made so loud that its true peak lies above."""

_STEMS = (
    StemName.MIX,
    StemName.RESTORED,
    StemName.DIALOGUE,
    StemName.EFFECTS,
    StemName.OST,
    StemName.REST,
    StemName.BGM,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One of the sounds of a project that can be heard alone.

    Attributes:
        version_id: The stem, or which other file it is; also its lane in the mixer.
        sound: What is heard.
    """

    version_id: str
    sound: Sound


def versions(project: Project) -> tuple[Version, ...]:
    """What can be compared: the original, what was made of it, its parts, other files."""
    stems = ((stem, stem_sound(project, stem)) for stem in _STEMS)
    found = {stem.value: sound for stem, sound in stems if sound is not None}
    return tuple(Version(*each) for each in {**found, **unseen_sounds(project)}.items())


def sound_keys(project: Project) -> dict[str, str]:
    """Which sounds can be compared as the project stands, by version_id."""
    return {each.version_id: each.sound.key for each in versions(project)}


def matching_gains_db(levels: Mapping[str, "Loudness"]) -> dict[str, float]:
    """Gains after which all versions are equally loud, as loud as the loudest if that fits.

    Where a version would clip so, all are made quieter by the same. Silence stays as it is.
    """
    heard = {name: level for name, level in levels.items() if level.integrated_lufs > -math.inf}
    if not heard:
        return dict.fromkeys(levels, 0.0)
    loudest = max(level.integrated_lufs for level in heard.values())
    room = (v.integrated_lufs + CEILING_DBTP - v.true_peak_db for v in heard.values())
    target_lufs = min(loudest, *room)
    return {
        name: target_lufs - level.integrated_lufs if name in heard else 0.0
        for name, level in levels.items()
    }
