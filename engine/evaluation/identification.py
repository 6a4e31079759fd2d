"""How often a track is recognised in a clip, in a library of thousands, and how fast.

The library holds the tracks of the clips and as many simulated ones as are wanted: landmarks of
those tracks moved in pitch and time, so that they are as dense and as alike as those of music. They
have files as well, of songs that are in no clip: one that is taken for the track of a clip has to
be read and found out.
"""

import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.random import Generator

from engine.artifacts import ArtifactStore
from engine.context import PlainContext
from engine.datasets.codec import FORMATS, through_codec
from engine.dsp.landmarks import FRAME_S, NUM_STEPS, Landmarks
from engine.evaluation.bgm_clips import (
    SAMPLE_RATE_HZ,
    TREATMENTS,
    make_clip,
    make_strangers,
    synthetic_music,
)
from engine.evaluation.tables import markdown
from engine.library.database import Database, Entry, TrackFile
from engine.library.indexing import add_folder
from engine.library.lookup import Attempt, Candidate, Lookup
from engine.library.packing import pack, unpack
from engine.library.shelves import update_shelves
from engine.media.wav import write_wav
from engine.stages.library import search_entries
from engine.types import Audio, Samples

STRANGER = "another song, same drums"
"""In the place of a treatment: the track is not in the clip, only its drums are, at the level."""
LEVELS_DB = (12.0, 0.0, -6.0, -12.0, -16.0, -20.0)
_STRANGERS = 6
"""Clips a level with a stranger each."""
_CLIP_S = 20.0
_TRACK_S = 210.0
_SPARES, _SPARE_SEED, _SPARE_S = 4, 4_000_000, 21.0
_SPEED_TOLERANCE = 5e-4
_CODECS = tuple(product(FORMATS, (64, 128)))


@dataclass(frozen=True, slots=True)
class Case:
    """A clip that is looked up.

    Attributes:
        name: Of the file of its track.
        treatment: What was done to the track, a key of `TREATMENTS`, or `STRANGER`.
        level_db: Level of the track over everything else.
        is_there: Whether the track should be found.
        speed: Speed of the track in it.
        mix: (2, num_samples) float32.
    """

    name: str
    treatment: str
    level_db: float
    is_there: bool
    speed: float
    mix: Samples


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case.

    Attributes:
        case: The case.
        is_right: The track was recognised, with its speed; if there is none, nothing was.
        wrong: How many others were.
        seconds: Time the whole search took.
    """

    case: Case
    is_right: bool
    wrong: int
    seconds: float


class TimedLookup(Lookup):
    """Takes the time of every query.

    Attributes:
        seconds: One number a query.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.seconds: list[float] = []

    def candidates(self, stretch: Landmarks, attempt: Attempt) -> tuple[Candidate, ...]:
        """See `Lookup`."""
        started = time.perf_counter()
        found = super().candidates(stretch, attempt)
        self.seconds.append(time.perf_counter() - started)
        return found


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run of the benchmark found.

    Attributes:
        levels_db: The levels, in order.
        outcomes: One a treatment and level.
        query_s: Time of every query, a stretch of some 20 s under some kinds of change.
        tracks: How many tracks the library holds.
        size_gb: Its size on disk.
    """

    levels_db: tuple[float, ...]
    outcomes: tuple[Outcome, ...]
    query_s: tuple[float, ...]
    tracks: int
    size_gb: float

    def recognised(self, level_db: float) -> str:
        """How many of the clips of a level were."""
        outcomes = [o for o in self.outcomes if o.case.is_there and o.case.level_db == level_db]
        return f"{sum(o.is_right for o in outcomes)}/{len(outcomes)}"

    def mistaken(self, level_db: float) -> str:
        """How many strangers of a level were taken for the track."""
        outcomes = [o for o in self.outcomes if not o.case.is_there and o.case.level_db == level_db]
        return f"{sum(not o.is_right for o in outcomes)}/{len(outcomes)} named"

    @property
    def wrong(self) -> int:
        """How many tracks were named that are not there, in clips that hold one."""
        return sum(outcome.wrong for outcome in self.outcomes if outcome.case.is_there)

    def query_ms(self, quantile: float) -> float:
        """Time that such a part of the queries keeps to."""
        return 1000 * float(np.quantile(self.query_s, quantile))


def measure(simulated_tracks: int, levels_db: Iterable[float] = LEVELS_DB) -> Findings:
    """Make the clips and the library, and look every clip up."""
    levels = tuple(levels_db)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cases = list(_make_cases(levels, folder / "music"))
        with Database(folder / "library") as database:
            add_folder(folder / "music", database, PlainContext())
            simulate_tracks(database, simulated_tracks, folder / "simulated")
            lookup = TimedLookup(database)
            store = ArtifactStore(folder / "cache")
            entries = {entry.id: entry for entry in database.entries()}
            outcomes = tuple(_look_up(case, entries, lookup, store) for case in cases)
            seconds = tuple(lookup.seconds)
            return Findings(levels, outcomes, seconds, len(entries), _size_gb(database))


def report(found: Findings) -> Iterator[str]:
    """Lines of Markdown: what was recognised by treatment and level, then time and size."""
    head = ("track", *(f"{level_db:+.0f} dB" for level_db in found.levels_db))
    yield from markdown(head, _rows(found))
    yield f"\n{found.tracks} tracks, {found.size_gb:.2f} GB; wrong tracks named: {found.wrong}\n"
    median, slow = found.query_ms(0.5), found.query_ms(0.95)
    yield f"a query: {median:.0f} ms, 95 % under {slow:.0f} ms\n"
    seconds = float(np.mean([outcome.seconds for outcome in found.outcomes]))
    yield f"a clip of {_CLIP_S:.0f} s with proof in the sound: {seconds:.1f} s\n"


def _rows(found: Findings) -> Iterator[tuple[str, ...]]:
    for treatment in TREATMENTS:
        outcomes = {o.case.level_db: o for o in found.outcomes if o.case.treatment == treatment}
        told = ("yes" if outcomes[level].is_right else "no" for level in found.levels_db)
        yield treatment, *told
    yield "**all**", *(f"**{found.recognised(level)}**" for level in found.levels_db)
    yield STRANGER, *(found.mistaken(level) for level in found.levels_db)


def _make_cases(levels_db: tuple[float, ...], music: Path) -> Iterator[Case]:
    """One clip a treatment and level, then strangers; the tracks go into a folder."""
    music.mkdir()
    for row, treatment in enumerate((*TREATMENTS, *[STRANGER] * _STRANGERS)):
        # Strangers have seeds of their own: one treatment more shall not make other songs of them.
        first = row - len(TREATMENTS) * (treatment == STRANGER)
        for column, level_db in enumerate(levels_db):
            name = f"{row:02} {column}.wav"
            sound, track, speed = _sound(treatment, level_db, first * len(levels_db) + column)
            write_wav(music / name, iter([track]), track.shape[1], 2, SAMPLE_RATE_HZ)
            mix = through_codec(sound, *_CODECS[(row + column) % len(_CODECS)])
            yield Case(name, treatment, level_db, treatment != STRANGER, speed, mix)


def _sound(treatment: str, level_db: float, seed: int) -> tuple[Samples, Samples, float]:
    """What is heard, a track, and at what speed that plays if it is heard."""
    if treatment == STRANGER:
        return *make_strangers(_CLIP_S, level_db, seed), 1.0
    clip = make_clip(_CLIP_S, replace(TREATMENTS[treatment], level_db=level_db), seed)
    return clip.mix, clip.track, TREATMENTS[treatment].speed


def simulate_tracks(database: Database, count: int, folder: Path) -> None:
    """Add tracks of 3.5 minutes that nobody made, from the landmarks of those that are there.

    Args:
        database: The library.
        count: How many.
        folder: Where their files go, links to a few songs.
    """
    songs = _spare_songs(folder, min(count, _SPARES))
    random = np.random.default_rng(0)
    own = [unpack(database.landmarks(e.id)) for e in database.entries() if not e.problem]
    for number in range(count):
        landmarks = _simulated(own, random)
        path = folder / f"{number}.wav"
        path.symlink_to(songs[number % len(songs)])
        duration_s = landmarks.num_frames * FRAME_S
        database.put(TrackFile(path, 0, 0, f"{number}", duration_s, "", pack(landmarks)))
    update_shelves(database, PlainContext())


def _spare_songs(folder: Path, count: int) -> list[Path]:
    folder.mkdir()
    songs = [folder / f"song {number}.wav" for number in range(count)]
    for number, path in enumerate(songs):
        verse = synthetic_music(_SPARE_S, _SPARE_SEED + number)
        song = np.tile(verse, round(_TRACK_S / _SPARE_S))
        write_wav(path, iter([song]), song.shape[1], 2, SAMPLE_RATE_HZ)
    return songs


def _simulated(own: list[Landmarks], random: Generator) -> Landmarks:
    """Pieces of tracks one after another, each at another pitch and tempo than any of them."""
    frames, steps, length = list[Samples](), list[Samples](), 0
    while length * FRAME_S < _TRACK_S:
        piece = own[int(random.integers(len(own)))]
        tempo = float(random.choice([random.uniform(0.8, 0.9), random.uniform(1.12, 1.25)]))
        higher = float(random.choice([-1, 1]) * random.uniform(12, 80))
        kept = (piece.steps + higher >= 0) & (piece.steps + higher < NUM_STEPS)
        frames.append(length + piece.frames[kept] * np.float32(tempo))
        steps.append(piece.steps[kept] + np.float32(higher))
        length += round(piece.num_frames * tempo)
    at = np.concatenate(frames).astype(np.int32)
    return Landmarks(at, np.concatenate(steps), np.zeros_like(at), length)


def _look_up(
    case: Case, entries: dict[int, Entry], lookup: Lookup, store: ArtifactStore
) -> Outcome:
    mix = store.put(f"mix {case.name}", Audio(case.mix, SAMPLE_RATE_HZ))
    started = time.perf_counter()
    search = search_entries(entries, lookup, mix, store, PlainContext())
    found = search.tracks
    seconds = time.perf_counter() - started
    right = [
        track
        for track in found
        if track.path.name == case.name and abs(track.speed - case.speed) < _SPEED_TOLERANCE
    ]
    wrong = len(found) - len(right) + len(search.lost) + len(search.stretched)
    is_right = bool(right) if case.is_there else not found
    return Outcome(case, is_right, wrong, seconds)


def _size_gb(database: Database) -> float:
    return sum(path.stat().st_size for path in database.folder.iterdir()) / 1e9
