"""Random arrangements: the same score with other instruments, octaves, tempo, groove and layers."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from engine.datasets.ensembles import (
    DRUM_KEYS,
    DRUM_KITS,
    GROOVES,
    TRIPLE_GROOVES,
    Ensemble,
    Groove,
)
from engine.datasets.score import Chord, Note, Score, excerpt, transpose

Role = Literal["melody", "inner", "bass", "chords", "drums"]
RANGES: dict[Role, tuple[int, int]] = {
    "melody": (57, 90),
    "inner": (48, 77),
    "bass": (28, 55),
    "chords": (48, 76),
}
LOUDNESS = {"X": 112, "x": 88, "o": 56}
MAX_PARTS = 6


@dataclass(frozen=True, slots=True)
class Event:
    """One sounding note: `pitch` a MIDI number (for drums a key), `velocity` from 1 to 127."""

    start_s: float
    duration_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Track:
    """What one player plays.

    Attributes:
        role: Its part in the music.
        program: General MIDI program; for drums the kit.
        events: Notes, in order of time.
        pan: From -1 (left) to 1 (right).
        volume: From 0 to 1.
    """

    role: Role
    program: int
    events: tuple[Event, ...]
    pan: float
    volume: float


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Music ready to be rendered; what starts after `duration_s` has been left out."""

    tracks: tuple[Track, ...]
    duration_s: float
    bpm: float


def arrange(
    score: Score, ensemble: Ensemble, duration_s: float, rng: np.random.Generator
) -> Arrangement:
    """Cut an excerpt out of a score and give it to an ensemble.

    Args:
        score: The piece.
        ensemble: Who plays.
        duration_s: Length of the excerpt.
        rng: Source of every choice.
    """
    bpm = float(rng.uniform(*ensemble.bpm))
    length_beats = duration_s * bpm / 60
    latest_bar = int(max(0.0, score.length_beats - length_beats) // score.beats_per_bar)
    start_beats = int(rng.integers(latest_bar + 1)) * score.beats_per_bar
    cut = transpose(excerpt(score, start_beats, length_beats), int(rng.integers(-5, 7)))
    performance = Performance(bpm, cut.beats_per_bar, rng)
    tracks = [*_part_tracks(cut, ensemble, performance)]
    tracks += _chord_tracks(cut, ensemble, performance)
    if rng.random() < ensemble.bass_odds:
        tracks.append(_bass_track(cut, ensemble, performance))
    if rng.random() < ensemble.drum_odds:
        tracks.append(_drum_track(cut, ensemble, performance))
    playing = tuple(_come_and_go(tracks, cut, performance))
    return Arrangement(tuple(_until(duration_s, playing)), duration_s, bpm)


class Performance:
    """How the notes are played: tempo with a drift, swing, accents, swells, imprecision.

    Attributes:
        bpm: Mean tempo.
        beats_per_bar: Quarter notes a bar.
        rng: Source of every choice.
    """

    def __init__(self, bpm: float, beats_per_bar: float, rng: np.random.Generator) -> None:
        self.bpm = bpm
        self.beats_per_bar = beats_per_bar
        self.rng = rng
        self._swing = float(rng.uniform(0.56, 0.67)) if rng.random() < 0.25 else 0.5
        self._drift = float(rng.uniform(0.0, 0.25))
        self._drift_beats = float(rng.uniform(16, 48))
        self._jitter_s = float(rng.choice([0.0, 0.004, 0.009, 0.015]))
        self._swell_beats = self.beats_per_bar * float(rng.choice([2, 4, 8]))
        self._swell = float(rng.uniform(0, 14))

    def seconds(self, beat: float) -> float:
        """When a beat sounds; rises with the beat."""
        whole, part = divmod(beat, 1.0)
        swing = self._swing
        part = part * swing / 0.5 if part < 0.5 else swing + (part - 0.5) * (1 - swing) / 0.5
        wave = self._drift * math.sin(2 * math.pi * beat / self._drift_beats)
        return (whole + part + wave) * 60 / self.bpm

    def event(self, note: Note, velocity: float) -> Event:
        """Play one note."""
        start = self.seconds(note.start_beats)
        end = self.seconds(note.start_beats + note.duration_beats)
        start += abs(float(self.rng.normal(0, self._jitter_s)))
        in_bar = note.start_beats % self.beats_per_bar
        accent = 7 if in_bar < 1e-3 else 3 if in_bar % 1 < 1e-3 else 0
        swell = self._swell * math.sin(2 * math.pi * note.start_beats / self._swell_beats)
        level = velocity + accent + swell + float(self.rng.normal(0, 4))
        return Event(start, max(0.04, end - start), note.pitch, int(np.clip(level, 12, 124)))

    def play(self, notes: Iterable[Note], velocity: float) -> tuple[Event, ...]:
        """Play notes in the order of time."""
        events = (self.event(note, velocity) for note in notes)
        return tuple(sorted(events, key=lambda event: event.start_s))


def _part_tracks(score: Score, ensemble: Ensemble, performance: Performance) -> Iterator[Track]:
    rng = performance.rng
    for index, part in enumerate(score.parts[:MAX_PARTS]):
        last = index == len(score.parts) - 1
        role: Role = "melody" if index == 0 else "bass" if last else "inner"
        programs = {"melody": ensemble.melody, "inner": ensemble.inner, "bass": ensemble.bass}[role]
        octave = int(rng.choice([-12, 0, 0, 0, 12]))
        notes = [replace(note, pitch=fold(note.pitch + octave, role)) for note in part]
        yield Track(
            role,
            int(rng.choice(programs)),
            performance.play(notes, rng.uniform(78, 104) if role == "melody" else 78),
            pan=float(rng.uniform(-0.25, 0.25) if role != "inner" else rng.uniform(-0.8, 0.8)),
            volume=float(rng.uniform(0.75, 1.0) if role == "melody" else rng.uniform(0.5, 0.95)),
        )


def fold(pitch: int, role: Role) -> int:
    """Move a pitch by octaves into the range of a role."""
    low, high = RANGES[role]
    while pitch < low:
        pitch += 12
    while pitch >= high:
        pitch -= 12
    return pitch


def _chord_tracks(score: Score, ensemble: Ensemble, performance: Performance) -> Iterator[Track]:
    rng = performance.rng
    odds = ensemble.chord_odds
    while rng.random() < odds:
        pattern = CHORD_PATTERNS[str(rng.choice(list(CHORD_PATTERNS)))]
        centre = int(rng.integers(54, 68))
        notes = [
            note
            for chord in _merge(score.chords)
            for note in pattern(chord, _voicing(chord, centre), rng)
        ]
        yield Track(
            "chords",
            int(rng.choice(ensemble.chords)),
            performance.play(notes, rng.uniform(55, 80)),
            pan=float(rng.uniform(-0.7, 0.7)),
            volume=float(rng.uniform(0.4, 0.85)),
        )
        odds *= 0.4


def _merge(chords: Iterable[Chord]) -> Iterator[Chord]:
    """Join neighbours that are the same harmony."""
    for _, group in itertools.groupby(chords, key=lambda chord: (chord.root, chord.intervals)):
        members = list(group)
        yield replace(members[0], duration_beats=sum(c.duration_beats for c in members))


def _voicing(chord: Chord, centre: int) -> tuple[int, ...]:
    """The pitches of a chord nearest to a centre, upwards."""
    classes = [(chord.root + interval) % 12 for interval in chord.intervals]
    return tuple(sorted(centre - 6 + (c - centre + 6) % 12 for c in classes))


def _held(chord: Chord, pitches: tuple[int, ...], _: np.random.Generator) -> Iterator[Note]:
    for pitch in pitches:
        yield Note(chord.start_beats, chord.duration_beats * 0.98, pitch)


def _strummed(chord: Chord, pitches: tuple[int, ...], rng: np.random.Generator) -> Iterator[Note]:
    gap = float(rng.uniform(0.02, 0.07))
    for beat in np.arange(chord.start_beats, chord.start_beats + chord.duration_beats, 1.0):
        down = rng.random() < 0.7
        for k, pitch in enumerate(pitches if down else reversed(pitches)):
            yield Note(float(beat) + k * gap, 0.9 - k * gap, pitch)


def _pulsed(
    step_beats: float, offset_beats: float, length: float
) -> Callable[[Chord, tuple[int, ...], np.random.Generator], Iterator[Note]]:
    def pattern(chord: Chord, pitches: tuple[int, ...], _: np.random.Generator) -> Iterator[Note]:
        first = chord.start_beats + offset_beats
        for beat in np.arange(first, chord.start_beats + chord.duration_beats, step_beats):
            for pitch in pitches:
                yield Note(float(beat), step_beats * length, pitch)

    return pattern


def _arpeggio(
    step_beats: float, order: Literal["up", "down", "both", "random"]
) -> Callable[[Chord, tuple[int, ...], np.random.Generator], Iterator[Note]]:
    def pattern(chord: Chord, pitches: tuple[int, ...], rng: np.random.Generator) -> Iterator[Note]:
        steps = [*pitches, pitches[0] + 12]
        cycle = {"up": steps, "down": steps[::-1], "both": steps + steps[-2:0:-1], "random": steps}
        beats = np.arange(chord.start_beats, chord.start_beats + chord.duration_beats, step_beats)
        for k, beat in enumerate(beats):
            index = int(rng.integers(len(steps))) if order == "random" else k % len(cycle[order])
            yield Note(float(beat), step_beats * 0.95, cycle[order][index])

    return pattern


CHORD_PATTERNS: dict[
    str, Callable[[Chord, tuple[int, ...], np.random.Generator], Iterator[Note]]
] = {
    "held": _held,
    "strummed": _strummed,
    "beats": _pulsed(1.0, 0.0, 0.6),
    "eighths": _pulsed(0.5, 0.0, 0.7),
    "offbeats": _pulsed(1.0, 0.5, 0.35),
    "charleston": _pulsed(1.5, 0.0, 0.3),
    "up": _arpeggio(0.5, "up"),
    "down": _arpeggio(0.5, "down"),
    "both": _arpeggio(0.25, "both"),
    "random": _arpeggio(0.25, "random"),
}
BASS_STEPS = ((0.0,), (0.0, 2.0), (0.0, 1.0, 2.0, 3.0), (0.0, 1.5, 2.0, 3.5), (0.0, 0.75, 1.5))


def _bass_track(score: Score, ensemble: Ensemble, performance: Performance) -> Track:
    """Roots and fifths below the harmony, in one rhythm."""
    rng = performance.rng
    steps = BASS_STEPS[int(rng.integers(len(BASS_STEPS)))]
    notes = []
    for chord in _merge(score.chords):
        for start in np.arange(0, chord.duration_beats, 4.0):
            for k, step in enumerate(steps):
                beat = float(start) + step
                if beat >= chord.duration_beats:
                    break
                interval = 7 if k % 2 and 7 in chord.intervals and rng.random() < 0.4 else 0
                length = min(steps[k + 1] if k + 1 < len(steps) else 4.0, 4.0) - step
                length = min(length, chord.duration_beats - beat)
                pitch = fold(chord.root + 24 + interval, "bass")
                notes.append(Note(chord.start_beats + beat, length * 0.92, pitch))
    return Track(
        "bass",
        int(rng.choice(ensemble.bass)),
        performance.play(notes, 86),
        0.0,
        rng.uniform(0.6, 1),
    )


def _drum_track(score: Score, ensemble: Ensemble, performance: Performance) -> Track:
    """A groove bar after bar, with its own odds of leaving out and adding, and fills."""
    rng = performance.rng
    triple = score.beats_per_bar in (1.5, 3.0, 6.0)
    groove = GROOVES[str(rng.choice(TRIPLE_GROOVES if triple else ensemble.grooves))]
    fill_every = int(rng.choice([4, 8, 8, 16]))
    bars = math.ceil(score.length_beats / score.beats_per_bar)
    events = [
        event
        for bar in range(bars)
        for event in (
            _fill(bar, performance)
            if bar % fill_every == fill_every - 1
            else _groove_bar(groove, bar, performance)
        )
    ]
    events.sort(key=lambda event: event.start_s)
    kit = int(rng.choice(DRUM_KITS))
    return Track("drums", kit, tuple(events), 0.0, float(rng.uniform(0.55, 1.0)))


def _groove_bar(groove: Groove, bar: int, performance: Performance) -> Iterator[Event]:
    rng = performance.rng
    for drum, row in groove.rows:
        for k, step in enumerate(row):
            if step == "." or rng.random() < 0.03:
                continue
            beat = (bar + k / len(row)) * performance.beats_per_bar
            yield performance.event(Note(beat, 0.2, DRUM_KEYS[drum]), LOUDNESS[step])


def _fill(bar: int, performance: Performance) -> Iterator[Event]:
    rng = performance.rng
    drums = [DRUM_KEYS[str(d)] for d in rng.choice(["snare", "high_tom", "mid_tom", "low_tom"], 4)]
    steps = int(performance.beats_per_bar * 4)
    for k in range(steps):
        if rng.random() < 0.35 + 0.5 * k / steps:
            beat = bar * performance.beats_per_bar + k / 4
            key = drums[k * 4 // steps]
            yield performance.event(Note(beat, 0.2, key), 70 + 35 * k / steps)


def _come_and_go(tracks: list[Track], score: Score, performance: Performance) -> Iterator[Track]:
    """Let players rest for whole sections, but never all at once."""
    rng = performance.rng
    section_beats = score.beats_per_bar * float(rng.choice([4, 8]))
    sections = math.ceil(score.length_beats / section_beats)
    play = rng.random((len(tracks), sections)) < rng.uniform(0.7, 1.0)
    play[0, ~play.any(axis=0)] = True
    if len(tracks) > 1:
        play[1, play.sum(axis=0) < 2] = True
    borders = [performance.seconds(k * section_beats) for k in range(sections + 1)]
    for track, active in zip(tracks, play, strict=True):
        places = np.searchsorted(borders, [e.start_s for e in track.events], side="right") - 1
        places = np.clip(places, 0, sections - 1)
        events = tuple(e for e, p in zip(track.events, places, strict=True) if active[p])
        yield replace(track, events=events)


def _until(end_s: float, tracks: Iterable[Track]) -> Iterator[Track]:
    """Leave out what would start after the end, and who has nothing left to play."""
    for track in tracks:
        events = tuple(event for event in track.events if event.start_s < end_s)
        if events:
            yield replace(track, events=events)
