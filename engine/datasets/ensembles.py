"""Who plays: groups of General MIDI instruments with the tempos and grooves that suit them."""

from dataclasses import dataclass
from typing import Literal

MusicRole = Literal["ost", "bgm"]

DRUM_KEYS = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "low_tom": 45,
    "hat": 42,
    "open_hat": 46,
    "mid_tom": 47,
    "crash": 49,
    "high_tom": 50,
    "ride": 51,
    "tambourine": 54,
    "cowbell": 56,
    "conga": 63,
    "low_conga": 64,
    "shaker": 70,
    "woodblock": 76,
}
DRUM_KITS = (0, 0, 8, 16, 24, 25, 32, 40)  # standard, room, power, electronic, 808, jazz, brush


@dataclass(frozen=True, slots=True)
class Groove:
    """One bar of drums: for each drum a row of steps, `X` loud, `x` plain, `o` soft, `.` none."""

    name: str
    rows: tuple[tuple[str, str], ...]


GROOVES = {
    groove.name: groove
    for groove in (
        Groove(
            "rock",
            (
                ("kick", "X.....x.X..x...."),
                ("snare", "....X.......X..o"),
                ("hat", "x.o.x.o.x.o.x.o."),
            ),
        ),
        Groove(
            "straight",
            (
                ("kick", "X.......X.x....."),
                ("snare", "....X.......X..."),
                ("ride", "x.x.x.x.x.x.x.x."),
            ),
        ),
        Groove(
            "disco",
            (
                ("kick", "X...X...X...X..."),
                ("clap", "....x.......x..."),
                ("open_hat", "..x...x...x...x."),
                ("shaker", "o.oxo.oxo.oxo.ox"),
            ),
        ),
        Groove(
            "house",
            (
                ("kick", "X...X...X...X..."),
                ("hat", "oox.oox.oox.oox."),
                ("clap", "....X.......X..o"),
                ("rim", "...x..x....x..x."),
            ),
        ),
        Groove(
            "hiphop",
            (
                ("kick", "X..x......x....."),
                ("snare", "....X.......X..."),
                ("hat", "x.xox.x.x.xox.xx"),
            ),
        ),
        Groove(
            "trap",
            (
                ("kick", "X......x..X....."),
                ("clap", "........X......."),
                ("hat", "x.x.xxx.x.x.xoxo"),
                ("open_hat", "..............x."),
            ),
        ),
        Groove(
            "breakbeat",
            (
                ("kick", "X.x.......xx...."),
                ("snare", "....X..o.o..X..o"),
                ("hat", "x.x.x.x.x.x.x.x."),
            ),
        ),
        Groove(
            "halftime",
            (
                ("kick", "X.........x....."),
                ("snare", "........X......."),
                ("ride", "x...x...x...x..."),
            ),
        ),
        Groove(
            "bossa",
            (
                ("kick", "X..xX..xX..xX..x"),
                ("rim", "x..x..x...x..x.."),
                ("shaker", "xoxoxoxoxoxoxoxo"),
            ),
        ),
        Groove(
            "latin",
            (
                ("conga", "o.x.o.xxo.x.o.xx"),
                ("low_conga", "...x......xx...."),
                ("cowbell", "X...x.x.X...x.x."),
                ("kick", "X.....x.X.....x."),
            ),
        ),
        Groove(
            "march",
            (
                ("kick", "X.......X......."),
                ("snare", "x.xxx.x.x.xxx.xx"),
                ("crash", "x..............."),
            ),
        ),
        Groove(
            "hand",
            (
                ("tambourine", "....x.......x..."),
                ("woodblock", "x..o..x.x..o..x."),
                ("low_tom", "X.......x......."),
            ),
        ),
        Groove(
            "toms",
            (
                ("low_tom", "X..x..x.X..x..xx"),
                ("mid_tom", "......x......xx."),
                ("kick", "X.......X......."),
                ("crash", "X..............."),
            ),
        ),
        Groove(
            "brushes",
            (
                ("ride", "x...x..xx...x..x"),
                ("hat", "....x.......x..."),
                ("kick", "o.......o......."),
                ("snare", "..........o....o"),
            ),
        ),
        Groove(
            "waltz", (("kick", "X..........."), ("snare", "....x...x..."), ("hat", "x...x...x..."))
        ),
        Groove(
            "jig",
            (("tambourine", "x..x.ox..x.o"), ("kick", "X.....X....."), ("hat", "x.ox.ox.ox.o")),
        ),
    )
}
TRIPLE_GROOVES = ("waltz", "jig")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A group of players.

    Attributes:
        melody: Programs for the leading part.
        inner: Programs for the other parts.
        bass: Programs for the lowest part and for an added bass line.
        chords: Programs for added chord layers.
        bpm: Lowest and highest tempo, quarter notes a minute.
        grooves: Drum patterns to choose from.
        drum_odds: How often there are drums.
        chord_odds: How often there is a chord layer.
        bass_odds: How often there is an added bass line.
    """

    melody: tuple[int, ...]
    inner: tuple[int, ...]
    bass: tuple[int, ...]
    chords: tuple[int, ...]
    bpm: tuple[float, float]
    grooves: tuple[str, ...] = ("rock",)
    drum_odds: float = 0.0
    chord_odds: float = 0.3
    bass_odds: float = 0.2


# Who plays decides what music is mostly for: the scores of films are orchestral or ambient, what
# people lay over their videos has a band, a beat or a voice. Folk, mallets and world are either.
_ROLES: dict[MusicRole, tuple[str, ...]] = {
    "ost": (
        *("strings", "woodwinds", "brass", "choir", "keyboard", "plucked", "orchestra", "ambient"),
    ),
    "bgm": ("band", "rock", "jazz", "synth"),
}


def music_role(ensemble: str, *, sung: bool) -> MusicRole | None:
    """Whether music sounds like a soundtrack (`ost`) or like what is laid over one (`bgm`).

    Args:
        ensemble: Who plays, a key of `ENSEMBLES`; any other name has no role.
        sung: Whether somebody sings, which a soundtrack here never does.
    """
    if sung:
        return "bgm"
    return next((role for role, names in _ROLES.items() if ensemble in names), None)


ENSEMBLES = {
    "strings": Ensemble((40, 48, 49), (41, 48, 44, 40), (42, 43, 48), (48, 49, 46), (66, 132)),
    "woodwinds": Ensemble((68, 71, 73, 72), (68, 69, 71, 60), (70, 42), (60, 46), (72, 140)),
    "brass": Ensemble((56, 60, 61), (60, 57, 61), (58, 57), (61, 48), (72, 126), ("march",), 0.3),
    "choir": Ensemble((52, 53, 73), (52, 53, 54), (52, 19, 42), (19, 48), (60, 104)),
    "keyboard": Ensemble((0, 1, 6, 19), (0, 1, 6, 19), (0, 6, 19), (0, 6), (66, 140)),
    "plucked": Ensemble((24, 46, 107, 15), (24, 46, 6, 106), (24, 32, 42), (24, 46, 25), (72, 138)),
    "orchestra": Ensemble(
        (40, 73, 68, 56, 60, 48),
        (48, 60, 41, 71, 52, 45),
        (43, 42, 58, 70),
        (48, 49, 61, 46, 52),
        (62, 140),
        ("toms", "march", "halftime"),
        0.35,
        0.7,
        0.5,
    ),
    "folk": Ensemble(
        (110, 73, 78, 21, 105, 109, 22),
        (25, 24, 21, 40),
        (32, 43),
        (25, 24, 15, 21, 105),
        (88, 190),
        ("hand", "rock", "jig", "bossa"),
        0.5,
        0.85,
        0.6,
    ),
    "band": Ensemble(
        (0, 4, 26, 27, 65, 66, 80, 40, 56),
        (48, 27, 25, 16, 4, 50),
        (33, 34, 36, 38),
        (0, 4, 5, 27, 25, 16, 18, 48, 50, 89),
        (76, 156),
        ("rock", "straight", "disco", "hiphop", "breakbeat", "halftime", "latin"),
        0.92,
        0.95,
        0.9,
    ),
    "rock": Ensemble(
        (29, 30, 27, 18, 81),
        (29, 30, 18, 48),
        (33, 34, 35),
        (29, 30, 27, 18, 0),
        (92, 176),
        ("rock", "straight", "halftime", "breakbeat"),
        0.97,
        0.95,
        0.95,
    ),
    "jazz": Ensemble(
        (66, 65, 56, 59, 11, 0, 26, 71),
        (0, 26, 11, 57, 4),
        (32, 32, 35),
        (0, 26, 4, 16),
        (84, 200),
        ("brushes", "bossa", "latin", "straight"),
        0.85,
        0.95,
        0.95,
    ),
    "synth": Ensemble(
        (80, 81, 82, 84, 87, 62),
        (50, 51, 90, 63, 83),
        (38, 39, 87),
        (50, 51, 89, 90, 62, 95, 4),
        (84, 150),
        ("house", "disco", "trap", "breakbeat", "hiphop"),
        0.9,
        0.95,
        0.9,
    ),
    "ambient": Ensemble(
        (11, 46, 73, 0, 88, 77, 4),
        (89, 91, 94, 52, 48, 95),
        (39, 32, 42, 89),
        (88, 89, 91, 92, 93, 94, 95, 49),
        (52, 88),
        ("halftime", "hand", "trap"),
        0.15,
        1.0,
        0.6,
    ),
    "mallets": Ensemble(
        (10, 12, 13, 11, 9, 108, 114),
        (11, 12, 45, 46),
        (32, 12, 45),
        (11, 45, 46, 24, 8),
        (84, 150),
        ("hand", "bossa"),
        0.3,
        0.6,
        0.4,
    ),
    "world": Ensemble(
        (104, 107, 77, 75, 111, 106, 79),
        (15, 104, 46, 108),
        (32, 43, 108),
        (107, 24, 104, 15, 108),
        (66, 140),
        ("latin", "hand", "toms", "bossa"),
        0.6,
        0.7,
        0.5,
    ),
}
