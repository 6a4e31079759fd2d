"""How loud an exported video is to be: the targets of those who show short videos."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.translation import tr
from widgets.export_sheet import PresetView
from widgets.wording import decibel, signed_decibel

if TYPE_CHECKING:
    # PyAV comes along, which has to wait for the first paint.
    from engine.media.loudness import Loudness

AS_IT_IS = ""
_CLOSE_DB = 0.1


@dataclass(frozen=True, slots=True)
class Preset:
    """A target.

    Attributes:
        name: In settings and wishes.
        title: What the user reads.
        target_lufs: Integrated loudness.
        ceiling_dbtp: Highest true peak; below full scale, for codecs add some.
    """

    name: str
    title: str
    target_lufs: float
    ceiling_dbtp: float


PRESETS = (
    Preset("shorts", "YouTube Shorts", -14.0, -1.0),
    Preset("tiktok", "TikTok", -14.0, -1.0),
    Preset("reels", "Instagram Reels", -14.0, -1.0),
    Preset("podcast", tr("Speech, podcasts"), -16.0, -1.0),
)


@dataclass(frozen=True, slots=True)
class Level:
    """What a preset does to a sound.

    Attributes:
        gain_db: The one gain that is put on it.
        words: What came of it, for the user.
    """

    gain_db: float
    words: str


def preset_views() -> tuple[PresetView, ...]:
    """All presets, as the sheet shows them; the first one changes nothing."""
    unchanged = PresetView(AS_IT_IS, tr("As it is"), tr("The level is not touched."))
    return (unchanged, *(PresetView(p.name, p.title, _detail(p)) for p in PRESETS))


def level_for(name: str, loudness: "Loudness") -> Level:
    """The gain that takes a sound to a preset, as far as its peaks allow: nothing is limited."""
    preset = next(preset for preset in PRESETS if preset.name == name)
    if math.isinf(loudness.integrated_lufs):
        return Level(0.0, tr("It is silent, so its level was left as it is."))
    wanted_db = preset.target_lufs - loudness.integrated_lufs
    gain_db = min(wanted_db, preset.ceiling_dbtp - loudness.true_peak_db)
    lufs = decibel(loudness.integrated_lufs + gain_db).replace("dB", "LUFS")
    peak = decibel(loudness.true_peak_db + gain_db).replace("dB", "dBTP")
    words = tr(
        "Level {gain}: {lufs}, true peak {peak}.",
        gain=signed_decibel(gain_db),
        lufs=lufs,
        peak=peak,
    )
    if wanted_db - gain_db > _CLOSE_DB:
        words = tr(
            "{words} More would have clipped: {title} wants {target_lufs:g} LUFS.",
            words=words,
            title=preset.title,
            target_lufs=preset.target_lufs,
        )
    return Level(gain_db, words.replace("-", "\N{MINUS SIGN}"))


def _detail(preset: Preset) -> str:
    words = tr(
        "{target_lufs:g} LUFS, true peak at most {ceiling_dbtp:g} dB",
        target_lufs=preset.target_lufs,
        ceiling_dbtp=preset.ceiling_dbtp,
    )
    return words.replace("-", "\N{MINUS SIGN}")
