"""Scores of long dead or unknown composers, out of the corpus inside `music21`.

Taken are works whose encodings came without conditions: Monteverdi and the trecento, Bach's
chorales, the fiddle tunes of Ryan's Mammoth Collection (1883) and classical quartets. Palestrina
and the Essen folk songs are left out: their encoders reserve rights in what is made of them.
"""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.datasets.score import Note, Score, find_chords
from engine.datasets.tools import package_path

if TYPE_CHECKING:
    from music21 import stream

GLOBS: dict[str, tuple[str, ...]] = {
    "early_music": ("monteverdi/madrigal.*[0-9].mxl", "trecento/PMFC_[12][234]-*.xml"),
    "bach": ("bach/bwv*.mxl",),
    "fiddle": ("ryansMammoth/*.abc",),
    "classical": (
        "haydn/*/movement*.mxl",
        "mozart/*/movement*.mxl",
        "beethoven/*/movement*.mxl",
        "schumann_clara/*.mxl",
        "joplin/*.mxl",
        "weber/*.mxl",
    ),
}
MAX_BEATS = 400.0
MIN_NOTES = 24


def list_works(family: str) -> tuple[str, ...]:
    """Names of all works of a family, as paths inside the corpus, in a fixed order."""
    root = _corpus_root()
    found = (root.glob(pattern) for pattern in GLOBS[family])
    return tuple(sorted(path.relative_to(root).as_posix() for path in itertools.chain(*found)))


def load_score(work: str, cache: Path) -> Score | None:
    """Read one work, from the cache if it was read before.

    Args:
        work: A name that `list_works` gave.
        cache: Folder for scores in a form that is quick to read.

    Returns:
        None if the work holds too little music to be used.
    """
    path = cache / f"{work.replace('/', '-')}.json"
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=Score | None)
    score = _read_score(work)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(score))
    part.replace(path)
    return score


def _corpus_root() -> Path:
    return package_path("music21") / "corpus"


def _read_score(work: str) -> Score | None:
    from music21 import converter, stream

    parsed = converter.parseFile(_corpus_root() / work, forceSource=True, storePickle=False)
    if not isinstance(parsed, stream.Score):
        return None
    parts = [tuple(_notes(part)) for part in parsed.parts]
    parts = sorted((part for part in parts if part), key=_mean_pitch, reverse=True)
    if sum(map(len, parts)) < MIN_NOTES:
        return None
    beats_per_bar = _beats_per_bar(parsed)
    length = max(note.start_beats + note.duration_beats for part in parts for note in part)
    bars = math.ceil(min(length, MAX_BEATS) / beats_per_bar)
    length_beats = bars * beats_per_bar
    slot_beats = beats_per_bar / 2 if beats_per_bar >= 4 else beats_per_bar
    chords = find_chords(parts, length_beats, slot_beats)
    return Score(work, tuple(parts), chords, beats_per_bar, length_beats)


def _notes(part: "stream.Part") -> Iterator[Note]:
    """Sounding notes of one part: ties joined, grace notes and chord symbols left out."""
    for element in part.flatten().stripTies().notes:
        start, duration = float(element.offset), float(element.quarterLength)
        if duration <= 0 or start >= MAX_BEATS or "ChordSymbol" in element.classes:
            continue
        for pitch in element.pitches:
            yield Note(start, duration, int(pitch.midi))


def _mean_pitch(part: tuple[Note, ...]) -> float:
    return sum(note.pitch for note in part) / len(part)


def _beats_per_bar(parsed: "stream.Score") -> float:
    signature = parsed.recurse().getElementsByClass("TimeSignature").first()
    beats = float(signature.barDuration.quarterLength) if signature is not None else 4.0
    return beats if 1.5 <= beats <= 8 else 4.0
