"""What lanes are called in a sentence."""

from app.clips import music_lane_number
from engine.translation import tr
from engine.types import StemName

_WORDS: dict[str, str] = {
    StemName.MIX: tr("mix"),
    StemName.RESTORED: tr("restored"),
    StemName.DIALOGUE: tr("dialogue"),
    StemName.EFFECTS: tr("effects"),
    StemName.REST: tr("rest"),
    StemName.OST: "OST",
    StemName.BGM: "BGM",
    StemName.MUSIC1: tr("music1"),
    StemName.MUSIC2: tr("music2"),
}


def lane_word(lane_id: str) -> str:
    """What a lane is called in a sentence."""
    number = music_lane_number(lane_id)
    if number is not None:
        return tr("music {number}", number=number)
    return _WORDS.get(lane_id, lane_id)
