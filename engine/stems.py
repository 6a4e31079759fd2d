"""What the names of stems mean for a restore: which stage a separating network can serve.

Source of the names: the published configurations; "other" beside vocals is the instrumental.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog import Stage
from engine.errors import BadCheckpointError
from engine.translation import tr

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
    raise BadCheckpointError(
        _misfit(", ".join(stems), wanted),
        tr("if the names are wrong, give others: --stems NAME,NAME"),
    )


def _misfit(names: str, wanted: str) -> str:
    """Why stems of these names serve no stage, or not the one that is wanted."""
    match wanted:
        case "":
            return tr("its stems are {names}: no voice, and not two musics", names=names)
        case "separator":
            return tr("its stems are {names}: no voice", names=names)
        case "mixed_music":
            return tr(
                "its stems are {names}, and mixed_music wants two pieces of music", names=names
            )
        case _:
            return tr("a separating network cannot serve the stage {stage}", stage=wanted)


def _services(stems: Sequence[str], remainder: str) -> list[Service]:
    found = []
    if voice := voice_stem(stems):
        found.append(
            Service(
                "separator",
                tr("its stem {voice} is the voice, the rest is mixed music", voice=voice),
            )
        )
    elif leaves_voice(stems, remainder):
        found.append(
            Service("separator", tr("what its stem {stem} leaves is the voice", stem=stems[0]))
        )
    if len(stems) == _TWO_MUSICS:
        found.append(Service("mixed_music", _two_musics(stems)))
    return found


def _two_musics(stems: Sequence[str]) -> str:
    """What there is to say of two stems that may be pieces of music."""
    if told := ost_and_bgm(stems):
        ost, bgm = told
        return tr("its stem {ost} is the original music, {bgm} the added one", ost=ost, bgm=bgm)
    if voice_stem(stems):
        return tr("it gives two stems")
    return tr("it gives two stems, neither of them a voice")
