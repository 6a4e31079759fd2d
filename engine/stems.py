"""What the names of stems mean for a restore: which stage a separating network can serve.

Source of the names: the published configurations; "other" beside vocals is the instrumental.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog import Stage
from engine.errors import BadCheckpointError

_VOICES = frozenset({"vocals", "vocal", "voice", "voices", "speech", "dialogue", "dialog"})
_VOICELESS = frozenset(
    {"instrumental", "instrum", "instrument", "inst", "accompaniment", "no_vocals", "novocals"}
)
_OST, _BGM = "ost", "bgm"
_TWO_MUSICS = 2


@dataclass(frozen=True, slots=True)
class Service:
    """What a network is good for.

    Attributes:
        stage: Stage of a restore.
        words: Why, for the user.
    """

    stage: Stage
    words: str


def is_voice(name: str) -> bool:
    """Whether a stem of that name is speech, singing or both."""
    return name.strip().casefold() in _VOICES


def voice_stem(stems: Sequence[str]) -> str:
    """The stem that is the voice; empty if there is none."""
    return next((name for name in stems if is_voice(name)), "")


def leaves_voice(stems: Sequence[str], remainder: str) -> bool:
    """Whether what the stems leave of the mix is the voice."""
    alone = len(stems) == 1 and stems[0].strip().casefold() in _VOICELESS
    return not voice_stem(stems) and (is_voice(remainder) or alone)


def ost_and_bgm(stems: Sequence[str]) -> tuple[str, ...]:
    """The two stems, original music first, if that is what they are called; else nothing.

    A network with such names was taught which is which. Other names, such as `music1`, say nothing
    of an order: its stems may change places from chunk to chunk.
    """
    called = {name.strip().casefold(): name for name in stems}
    is_told = len(stems) == _TWO_MUSICS and called.keys() == {_OST, _BGM}
    return (called[_OST], called[_BGM]) if is_told else ()


def service(stems: Sequence[str], remainder: str = "", wanted: str = "") -> Service:
    """Decide by its stems which stage a network serves.

    Args:
        stems: Stems that come out, in order.
        remainder: Name of what they leave of the mix; empty if it has none.
        wanted: The user's own choice of a stage; empty if there is none.

    Raises:
        BadCheckpointError: It cannot serve that stage, or any.
    """
    possible = list(_services(stems, remainder))
    for each in possible:
        if wanted in ("", each.stage):
            return each
    names = ", ".join(stems)
    if wanted in ("", "separator"):
        problem = f"its stems are {names}: no voice" + ("" if wanted else ", and not two musics")
    else:
        problem = f"its stems are {names}, and mixed_music wants two pieces of music"
    if wanted not in ("", "separator", "mixed_music"):
        problem = f"a separating network cannot serve the stage {wanted}"
    raise BadCheckpointError(problem, "if the names are wrong, give others: --stems NAME,NAME")


def _services(stems: Sequence[str], remainder: str) -> list[Service]:
    found = []
    if voice := voice_stem(stems):
        found.append(
            Service("separator", f"its stem {voice} is the voice, the rest is mixed music")
        )
    elif leaves_voice(stems, remainder):
        found.append(Service("separator", f"what its stem {stems[0]} leaves is the voice"))
    if len(stems) == _TWO_MUSICS:
        words = "it gives two stems" + ("" if voice_stem(stems) else ", neither of them a voice")
        if told := ost_and_bgm(stems):
            words = f"its stem {told[0]} is the original music, {told[1]} the added one"
        found.append(Service("mixed_music", words))
    return found
