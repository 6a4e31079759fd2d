"""Songs that one band plays in one studio: other notes, but the same drums, tempo and samples.

What they share correlates to the very sample, so a track that is not in a film is found in it if
the film's own music comes from the same band.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from engine.datasets.composing import compose
from engine.datasets.electronic import render_electronic
from engine.datasets.ensembles import DRUM_KEYS, GROOVES, Groove
from engine.datasets.orchestrate import LOUDNESS, Arrangement, Event, Role, Track
from engine.datasets.render import render_arrangement
from engine.datasets.score import Chord, Note
from engine.types import Samples

_BEATS_PER_BAR = 4
_VELOCITY, _VELOCITY_SPREAD = 84, 10
_STABS_PITCH = 60
_LATE_S = 0.012
_NO_PROGRAMS, _SYNTHESISER_SEED = (0, 0, 0, 0), 0
_VOLUMES: dict[Role, float] = {"melody": 0.9, "inner": 0.6, "bass": 0.9, "chords": 0.6}


Programs = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Band:
    """Who plays.

    Attributes:
        style: What its songs are like, a key of `engine.datasets.composing.STYLES`.
        bpm: Its tempo, without any drift.
        programs: MIDI programs of melody, second voice, bass and chords; None for a synthesiser.
        guests: The same in films, if others play there over the band's drums.
        groove: What the drums play, a key of `GROOVES`; None if there are none.
        is_loose: Whether the players, but for the drums, are not quite on the beat.
    """

    style: str
    bpm: float
    programs: Programs | None = None
    guests: Programs | None = None
    groove: str | None = None
    is_loose: bool = False

    @property
    def bar_s(self) -> float:
        """Length of a bar of its drums."""
        return _BEATS_PER_BAR * 60 / self.bpm


BANDS = {
    "folk, shaker": Band("generated_pop", 92.0, (73, 24, 32, 24), groove="bossa", is_loose=True),
    "folk, congas": Band("generated_jazz", 104.0, (73, 25, 32, 24), groove="latin"),
    "rock band": Band("generated_pop", 128.0, (27, 29, 34, 30), groove="rock"),
    "brass, march": Band("generated_cinematic", 104.0, (56, 60, 58, 61), groove="march"),
    "other players": Band(
        "generated_pop", 96.0, (73, 24, 32, 24), (71, 12, 35, 46), groove="bossa"
    ),
    "brass alone": Band("generated_cinematic", 104.0, (56, 60, 58, 61)),
    "piano alone": Band("generated_pop", 120.0, (0, 0, 0, 0)),
    "synthesiser": Band("electronic", 150.0, groove="house"),
}


def song(band: Band, duration_s: float, seed: int, *, in_film: bool = False) -> Samples:
    """What the band plays, (2, num_samples) float32 at 44.1 kHz.

    Args:
        band: Who plays.
        duration_s: Its length.
        seed: Of the notes; the sound and the drums are the band's.
        in_film: Whether the guests play.
    """
    rng = np.random.default_rng(seed)
    programs = band.guests if in_film and band.guests else band.programs
    tracks = list(_players(band, programs or _NO_PROGRAMS, duration_s, rng))
    if band.groove is not None:
        tracks.append(_drums(GROOVES[band.groove], band.bar_s, duration_s))
    arrangement = Arrangement(tuple(tracks), duration_s, band.bpm)
    if programs:
        return render_arrangement(arrangement)
    return render_electronic(arrangement, np.random.default_rng(_SYNTHESISER_SEED))


def _players(band: Band, programs: Programs, duration_s: float, rng: Generator) -> Iterator[Track]:
    """One piece after another, until the time is over."""
    parts: tuple[list[Note], ...] = ([], [], [], [])
    start_beats = 0.0
    while start_beats < duration_s * band.bpm / 60:
        score = compose(band.style, "song", rng)
        for part, notes in zip(parts, (*score.parts, _stabs(score.chords)), strict=True):
            part += (replace(note, start_beats=note.start_beats + start_beats) for note in notes)
        start_beats += score.length_beats
    for (role, volume), program, part in zip(_VOLUMES.items(), programs, parts, strict=True):
        yield Track(role, program, _played(band, part, duration_s, rng), 0.0, volume)


def _stabs(chords: Iterable[Chord]) -> Iterator[Note]:
    """Each chord on every beat."""
    for chord in chords:
        for beat in np.arange(0, chord.duration_beats, 1.0).tolist():
            for interval in chord.intervals:
                pitch = _STABS_PITCH + (chord.root + interval) % 12
                yield Note(chord.start_beats + beat, 0.6, pitch)


def _played(
    band: Band, notes: Iterable[Note], duration_s: float, rng: Generator
) -> tuple[Event, ...]:
    """Notes as they sound: nearly on the beat, nearly as loud as each other."""
    beat_s = 60 / band.bpm

    def event(note: Note) -> Event:
        late_s = abs(float(rng.normal(0, _LATE_S))) if band.is_loose else 0.0
        louder = int(rng.integers(-_VELOCITY_SPREAD, _VELOCITY_SPREAD + 1))
        start_s = note.start_beats * beat_s + late_s
        return Event(start_s, note.duration_beats * beat_s, note.pitch, _VELOCITY + louder)

    return _in_order(map(event, notes), duration_s)


def _drums(groove: Groove, bar_s: float, duration_s: float) -> Track:
    """The same bar again and again."""
    events = [
        Event(bar * bar_s + step * bar_s / len(row), 0.2, DRUM_KEYS[drum], LOUDNESS[loudness])
        for bar in range(int(duration_s / bar_s) + 1)
        for drum, row in groove.rows
        for step, loudness in enumerate(row)
        if loudness in LOUDNESS
    ]
    return Track("drums", 0, _in_order(events, duration_s), 0.0, 0.9)


def _in_order(events: Iterable[Event], end_s: float) -> tuple[Event, ...]:
    inside = (event for event in events if event.start_s < end_s)
    return tuple(sorted(inside, key=lambda event: event.start_s))
