"""Clips of rendered music under rendered films: instruments, voices and effects of a corpus.

Unlike those of `bgm_clips` they sound like music that people use: strokes that are alike to the
sample, cymbals up to where codecs stop, and films that have little of their own up there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.signal import butter, sosfilt

from engine.datasets.corpus import Corpus, CorpusItem, Kind, Split
from engine.errors import CorpusError
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Clip, Laying, at_level, lay, looped
from engine.types import Samples

_FILM_DB: dict[Kind, float] = {"speech": 0.0, "music": -6.0, "effects": -9.0}
_OTHERS: tuple[Kind, ...] = ("speech", "effects")
_RMS = 0.06
_DULL_HZ = 6000.0
_LOOP_S = 6.0


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is special about some of the clips.

    Attributes:
        is_dull: The film has nothing above `_DULL_HZ`, as a telephone's or an old one has.
        loop_s: Length of the passage that is played again and again; None plays on.
    """

    is_dull: bool = False
    loop_s: float | None = None


KINDS = {
    "rendered": _Kind(),
    "rendered, dull film": _Kind(is_dull=True),
    "rendered, looped": _Kind(loop_s=_LOOP_S),
    "rendered, looped, dull film": _Kind(is_dull=True, loop_s=_LOOP_S),
}


def rendered_clips(
    corpus: Corpus,
    levels_db: Iterable[float],
    duration_s: float = 20.0,
    pieces: int = 3,
    split: Split = "train",
) -> Iterator[tuple[str, Clip]]:
    """Each kind of clip at each level with some pieces, every time others.

    Args:
        corpus: Where all of it comes from.
        levels_db: Of the music over everything else.
        duration_s: Length of a clip.
        pieces: So many clips of a kind and level.
        split: Part of the corpus; nothing is trained here, and the largest has most to offer.

    Raises:
        CorpusError: The corpus has too little for a clip of that length.
    """
    music = [item for item in corpus.select("music", split) if item.duration_s > duration_s + 1]
    if len(music) < 2:
        raise CorpusError(f"{corpus.root} has too little music", "make one of an hour: --hours 1")
    number = 0
    for name, kind in KINDS.items():
        for level_db in levels_db:
            for _ in range(pieces):
                film, track = music[(2 * number) % len(music)], music[(2 * number + 1) % len(music)]
                rng = np.random.default_rng(number)
                rest = _film(corpus, film, split, duration_s, kind, rng)
                yield name, _clip(corpus.read(track), rest, level_db, kind, rng)
                number += 1


def _film(
    corpus: Corpus,
    music: CorpusItem,
    split: Split,
    duration_s: float,
    kind: _Kind,
    rng: Generator,
) -> Samples:
    """Somebody speaks over music and effects, (2, num_samples)."""
    num_samples = round(duration_s * SAMPLE_RATE_HZ)
    film = np.zeros((2, num_samples), np.float32)
    others = [corpus.select(what, split) for what in _OTHERS]
    drawn = [items[int(rng.integers(len(items)))] for items in others if items]
    for item in (music, *drawn):
        samples = corpus.read(item, 0, num_samples)
        level = _RMS * 10 ** (_FILM_DB[item.kind] / 20)
        film[:, : samples.shape[1]] += at_level(samples, level)
    if kind.is_dull:
        low = butter(8, _DULL_HZ, fs=SAMPLE_RATE_HZ, output="sos")
        film = np.asarray(sosfilt(low, film), np.float32)
    return film


def _clip(track: Samples, rest: Samples, level_db: float, kind: _Kind, rng: Generator) -> Clip:
    num_samples = rest.shape[1]
    start = int(rng.integers(0, track.shape[1] - num_samples + 1))
    played = looped(track[:, start : start + num_samples], kind.loop_s)
    bgm = lay(played, np.zeros_like(rest), Laying(automation_db=3.0), rng)
    level = float(np.std(rest)) * 10 ** (level_db / 20)
    return Clip(rest, at_level(bgm, level), track, start)
