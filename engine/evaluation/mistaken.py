"""How often a track is named that is not there, where the film's own music is by the same band.

The library holds two songs of each band, the films others of theirs, with nothing laid over them or
with one of the tracks, in which the drums of both may beat together.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import soundfile

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.codec import FORMATS, through_codec
from engine.evaluation.bgm_clips import SAMPLE_RATE_HZ, Laying, at_level, lay, synthetic_speech
from engine.evaluation.lookalikes import BANDS, Band, song
from engine.evaluation.tables import markdown
from engine.library.database import Database
from engine.library.indexing import add_folder
from engine.library.lookup import Lookup
from engine.media.wav import write_wav
from engine.stages.library import search_entries
from engine.types import Audio, Samples

LEVELS_DB = (0.0, -6.0, -12.0)
_FILM_S, _SONG_S = 24.0, 60.0
_OWN_RMS = (0.06, 0.03)
_SONGS = len(_OWN_RMS)
"""Films of a band, and tracks."""
_TRACK_RMS = 0.1
_FIRST_BAR = 4
_CODECS = tuple(product(FORMATS, (64, 128)))


@dataclass(frozen=True, slots=True)
class Case:
    """A film.

    Attributes:
        band: Who plays its own music.
        level_db: Level of the track over everything else; None if nothing was laid over it.
        track: Name of the file of the track, if there is one.
        mix: (2, num_samples) float32.
    """

    band: str
    level_db: float | None
    track: str | None
    mix: Samples


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was named in a film.

    Attributes:
        case: The film.
        is_named: Whether its track was.
        wrong: How many others were.
    """

    case: Case
    is_named: bool
    wrong: int


def measure(
    levels_db: Iterable[float] = LEVELS_DB, names: Iterable[str] = tuple(BANDS)
) -> Iterator[Outcome]:
    """Make films and library, and look every film up.

    Args:
        levels_db: Of the tracks over everything else.
        names: Of the bands, keys of `BANDS`.
    """
    bands = {name: BANDS[name] for name in names}
    with tempfile.TemporaryDirectory() as root:
        folder, context = Path(root), PlainContext()
        _write_tracks(bands, folder / "music")
        with Database(folder / "library") as database:
            add_folder(folder / "music", database, context)
            entries = {entry.id: entry for entry in database.entries()}
            lookup, store = Lookup(database), ArtifactStore(folder / "cache")
            for number, case in enumerate(_cases(bands, tuple(levels_db), folder / "music")):
                mix = store.put(f"mix {number}", Audio(case.mix, SAMPLE_RATE_HZ))
                found = search_entries(entries, lookup, mix, store, context)
                named = [track.path.name for track in found.tracks]
                right = named.count(case.track) if case.track else 0
                yield Outcome(case, right > 0, len(named) - right + len(found.stretched))


def report(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Lines of Markdown: a row a band, then all of them."""
    outcomes = list(outcomes)
    levels_db = sorted({o.case.level_db for o in outcomes if o.case.level_db is not None})[::-1]
    head = "band", "nothing laid", *(f"{level_db:+.0f} dB" for level_db in levels_db)
    bands = dict.fromkeys(outcome.case.band for outcome in outcomes)
    rows = [(band, [o for o in outcomes if o.case.band == band]) for band in bands]
    rows.append(("**all**", outcomes))
    yield from markdown(
        head, ((name, _none(of), *(_right(of, level) for level in levels_db)) for name, of in rows)
    )
    wrong = sum(outcome.wrong for outcome in outcomes if outcome.case.track)
    yield f"\nwrong tracks named where one was laid: {wrong}\n"


def _none(outcomes: Iterable[Outcome]) -> str:
    alone = [outcome for outcome in outcomes if outcome.case.track is None]
    return f"{sum(outcome.wrong > 0 for outcome in alone)}/{len(alone)} named"


def _right(outcomes: Iterable[Outcome], level_db: float) -> str:
    laid = [outcome for outcome in outcomes if outcome.case.level_db == level_db]
    return f"{sum(outcome.is_named for outcome in laid)}/{len(laid)}"


def _write_tracks(bands: Mapping[str, Band], folder: Path) -> None:
    folder.mkdir()
    for (number, name), which in product(enumerate(bands), range(_SONGS)):
        track = at_level(song(bands[name], _SONG_S, _seed(number, which)), _TRACK_RMS)
        path = folder / _track_name(name, which)
        write_wav(path, iter([track]), track.shape[1], 2, SAMPLE_RATE_HZ)


def _cases(bands: Mapping[str, Band], levels_db: tuple[float, ...], music: Path) -> Iterator[Case]:
    """Each film of each band with nothing laid over it, then with a track at each level."""
    for (number, name), which in product(enumerate(bands), range(_SONGS)):
        film = _film(bands[name], which, _seed(number, _SONGS + which))
        track, _ = soundfile.read(music / _track_name(name, which), dtype="float32")
        for column, level_db in enumerate((None, *levels_db)):
            rng = np.random.default_rng((number, which, column))
            mix = film if level_db is None else film + _laid(track.T, film, level_db, rng)
            codec = _CODECS[int(rng.integers(len(_CODECS)))]
            laid = None if level_db is None else _track_name(name, which)
            yield Case(name, level_db, laid, through_codec(mix, *codec))


def _track_name(band: str, which: int) -> str:
    return f"{band} {which}.wav"


def _seed(band: int, which: int) -> int:
    return 1000 * band + which


def _film(band: Band, which: int, seed: int) -> Samples:
    """Somebody speaks over a song that begins with a bar of its drums, as all songs do."""
    own = song(band, _SONG_S, seed, in_film=True)
    begin = round((_FIRST_BAR + which) * band.bar_s * SAMPLE_RATE_HZ)
    heard = own[:, begin : begin + round(_FILM_S * SAMPLE_RATE_HZ)]
    return at_level(heard, _OWN_RMS[which]) + synthetic_speech(_FILM_S, seed)


def _laid(track: Samples, film: Samples, level_db: float, rng: np.random.Generator) -> Samples:
    """A track from anywhere, as an editor lays it over a film."""
    num_samples = film.shape[1]
    start = int(rng.integers(0, track.shape[1] - num_samples))
    played = track[:, start : start + num_samples]
    bgm = lay(played, np.zeros_like(film), Laying(automation_db=3.0), rng)
    return at_level(bgm, float(np.std(film)) * 10 ** (level_db / 20))
