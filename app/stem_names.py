"""What the stems are called where they stand alone, in the language of the window."""

from engine.translation import tr
from engine.types import StemName

STEM_NAMES: dict[str, str] = {
    StemName.MIX: tr("Original mix"),
    StemName.RESTORED: tr("Restored"),
    StemName.DIALOGUE: tr("Dialogue"),
    StemName.EFFECTS: tr("Effects"),
    StemName.REST: tr("Music, effects"),
    StemName.OST: tr("OST restored"),
    StemName.BGM: tr("BGM removed"),
}
"""Of lanes, by lane_id."""

VERSION_NAMES: dict[str, str] = {**STEM_NAMES, StemName.MIX: tr("Original")}
"""Of what is compared by ear, by version_id."""
