"""Where everything goes: which part of the true speech, effects and musics ends in which stem.

Films are made of mixes whose parts are known, with effects under two pieces of music and a picture
that was cut to the original one, and go through the whole blind restore.

A stem is explained by the true parts: in patches of a second and a third of an octave, by least
squares. All stems together are the mix, so the shares of a part in all stems add up to 1. A share
below 0 is a part that was put in turned over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import stft

from engine.artifacts import ArtifactStore
from engine.context import PlainContext, Progress, RunContext
from engine.datasets.corpus import Corpus, Split
from engine.datasets.film import beats_of, draw_film
from engine.datasets.mixing import Mix, MixOdds, MixSampler
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.evaluation.tables import markdown
from engine.media.mux import MuxRequest, mux
from engine.session import Session
from engine.types import RestoreRequest, RestoreResult, Samples, StemName

PARTS = ("dialogue", "effects", "ost", "bgm")
SUNG_UNDER_SPEECH = "bgm, sung, while somebody speaks"
STEMS = (StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM)

_ODDS = MixOdds(no_effects=0, no_ost=0, no_bgm=0, sung_bgm=0.5)
_SIZE = 96, 54
_WINDOW_SAMPLES = 2048
_FRAMES_A_PATCH = 43
"""One second."""
_RIDGE = 1e-6
_SPEAKS_DB = -30.0

Shares = NDArray[np.float64]
"""(parts, stems), nan for a part that is not there."""


@dataclass(frozen=True, slots=True)
class StemsTest:
    """What to measure on.

    Attributes:
        corpus: Folder of `reprise dataset synthetic`.
        films: How many.
        film_s: Length of each.
        split: Part of the corpus.
        seed: Decides the films.
        model: The network for two musics.
    """

    corpus: Path
    films: int = 30
    film_s: float = 20.0
    split: Split = "test"
    seed: int = 7
    model: str = "starter-music"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        part: The true part.
        choice: Who said which music is the film's own: `"oracle"` or `"matcher"`.
        films: In how many films the part sounds.
        shares: By stem, mean over the films; together 1.
    """

    part: str
    choice: str
    films: int
    shares: dict[StemName, float]


def score_stems(
    test: StemsTest, folder: Path, store: ArtifactStore, context: RunContext
) -> list[Row]:
    """Restore films and see where their parts went.

    Args:
        test: What to measure on.
        folder: For the films, one at a time.
        store: The cache.
        context: Asked and told once a film.
    """
    corpus = Corpus.load(test.corpus)
    sampler = MixSampler(corpus, test.split, test.film_s, test.seed, _ODDS)
    session = Session(store)
    found: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for number in range(test.films):
        context.raise_if_cancelled()
        mix = sampler.sample()
        result = restore_mix(mix, folder / "film.mp4", session, number, test.model)
        for choice, stems in choices(mix, result, store).items():
            for part, shares in _shares_of(mix, stems).items():
                found.setdefault((part, choice), []).append(shares)
        store.trim()
        context.report(Progress("evaluate", number + 1, test.films))
    return [_row(part, choice, shares) for (part, choice), shares in sorted(found.items())]


def restore_mix(mix: Mix, film: Path, session: Session, seed: int, model: str) -> RestoreResult:
    """Make a film of a mix, cut to its original music, with lossless sound; restore it blind."""
    draw_film(film, beats_of(mix.ost), mix.mix, _SIZE, seed)
    lossless = film.with_suffix(".mkv")
    shape = mix.mix.shape[1], len(mix.mix), SAMPLE_RATE_HZ
    mux(MuxRequest(film, lossless, [mix.mix], *shape, audio_codec="flac"), PlainContext())
    request = RestoreRequest(lossless, models={"mixed_music": model})
    return session.restore(request, PlainContext())


def choices(mix: Mix, result: RestoreResult, store: ArtifactStore) -> dict[str, list[Samples]]:
    """The stems by who chose: (2, num_samples) each, in the order of `STEMS`."""
    length = mix.mix.shape[1]
    heard = {name: np.asarray(store.map(ref)[:, :length]) for name, ref in result.stems.items()}
    matched = [heard[name] for name in STEMS]
    musics = [heard[StemName.MUSIC1], heard[StemName.MUSIC2]]
    ways = [[*matched[:2], *order] for order in (musics, musics[::-1])]
    right = [_music_kept_apart(shares(_parts(mix), stems)) for stems in ways]
    return {"oracle": ways[int(np.argmax(right))], "matcher": matched}


def shares(
    parts: Sequence[Samples], stems: Sequence[Samples], during: Samples | None = None
) -> Shares:
    """Which share of each part is in each stem.

    Args:
        parts: The true parts, (channels, num_samples) each.
        stems: Same shape; they may be any number.
        during: Only seconds in which this sounds count; None counts all.

    Returns:
        (parts, stems); a row adds up to 1 if the stems add up to the parts.
    """
    truth, heard = (np.stack([_spectrum(sound) for sound in sounds]) for sounds in (parts, stems))
    energy, moved = np.zeros(len(parts)), np.zeros((len(parts), len(stems)))
    speaks = None if during is None else _sounding(_spectrum(during))
    for frames in _patches(truth.shape[-1], _FRAMES_A_PATCH):
        if speaks is not None and not speaks[frames].any():
            continue
        for band in _bands(truth.shape[2]):
            sources = truth[:, :, band, frames].reshape(len(parts), -1)
            found = heard[:, :, band, frames].reshape(len(stems), -1)
            gram = sources.conj() @ sources.T
            ridge = _RIDGE * np.trace(gram).real * np.eye(len(parts)) + 1e-20 * np.eye(len(parts))
            weights = np.linalg.solve(gram + ridge, sources.conj() @ found.T)
            here = np.diag(gram).real
            energy += here
            moved += here[:, None] * weights.real
    energy[energy < 1e-9] = np.nan
    return np.asarray(moved / energy[:, None])


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the table in Markdown."""
    cells = (
        (row.part, row.choice, f"{row.films}", *(f"{row.shares[stem]:.0%}" for stem in STEMS))
        for row in rows
    )
    yield from markdown(("true part", "choice", "films", *(f"in {s}" for s in STEMS)), cells)


def _parts(mix: Mix) -> list[Samples]:
    return [mix.dialogue, mix.effects, mix.ost, mix.bgm]


def _music_kept_apart(found: Shares) -> float:
    return float(found[2, 2] + found[3, 3])


def _shares_of(mix: Mix, stems: Sequence[Samples]) -> dict[str, NDArray[np.float64]]:
    """Shares by part, (stems,) each, of the parts that are there."""
    found = dict(zip(PARTS, shares(_parts(mix), stems), strict=True))
    is_sung = mix.bgm_item is not None and mix.bgm_item.sung
    if is_sung and mix.dialogue.any():
        found[SUNG_UNDER_SPEECH] = shares(_parts(mix), stems, mix.dialogue)[3]
    return {part: row for part, row in found.items() if np.isfinite(row).all()}


def _row(part: str, choice: str, found: list[NDArray[np.float64]]) -> Row:
    mean = np.mean(found, axis=0).tolist()
    return Row(part, choice, len(found), dict(zip(STEMS, mean, strict=True)))


def _spectrum(sound: Samples) -> NDArray[np.complex128]:
    """(channels, bins, frames)."""
    _, _, spectrum = stft(sound.astype(np.float64), SAMPLE_RATE_HZ, nperseg=_WINDOW_SAMPLES)
    return np.asarray(spectrum)


def _sounding(spectrum: NDArray[np.complex128]) -> NDArray[np.bool_]:
    """(frames,): whether a frame is no more than 30 dB under the loudest."""
    level = (np.abs(spectrum) ** 2).sum((0, 1))
    return np.asarray(level > 10 ** (_SPEAKS_DB / 10) * max(level.max(), 1e-20))


def _patches(size: int, length: int) -> Iterator[slice]:
    """Stretches of one length; a rest that is too short joins the last one."""
    starts = list(range(0, max(1, size - length + 1), length))
    yield from (slice(a, b) for a, b in zip(starts, [*starts[1:], size], strict=True))


def _bands(num_bins: int) -> Iterator[slice]:
    """Thirds of octaves, at least four bins wide."""
    low = 0
    while low < num_bins:
        high = max(low + 4, round(low * 2 ** (1 / 3)))
        high = num_bins if high + 4 > num_bins else high
        yield slice(low, high)
        low = high
