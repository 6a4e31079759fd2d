"""Music as notes: what the corpus of scores gives, what the composer makes, what is arranged."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

CHORD_TYPES = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "dominant": (0, 4, 7, 10),
    "minor7": (0, 3, 7, 10),
    "suspended": (0, 5, 7),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a part; `pitch` is a MIDI number, beats are quarter notes."""

    start_beats: float
    duration_beats: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Chord:
    """One harmony: its root as a pitch class, and the intervals above it in semitones."""

    start_beats: float
    duration_beats: float
    root: int
    intervals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A piece before it is arranged.

    Attributes:
        piece: Name of the work.
        parts: Notes of each part, the melody first, the lowest last.
        chords: Harmonies in order, without gaps.
        beats_per_bar: Quarter notes a bar.
        length_beats: Length of the whole.
    """

    piece: str
    parts: tuple[tuple[Note, ...], ...]
    chords: tuple[Chord, ...]
    beats_per_bar: float
    length_beats: float


def excerpt(score: Score, start_beats: float, length_beats: float) -> Score:
    """Cut a stretch out of a score; a score that ends too soon is played again from its start."""
    parts = [_looped(part, score.length_beats, start_beats, length_beats) for part in score.parts]
    chords = _looped(score.chords, score.length_beats, start_beats, length_beats)
    return replace(
        score,
        parts=tuple(part for part in parts if part),
        chords=chords,
        length_beats=length_beats,
    )


Event = TypeVar("Event", Note, Chord)


def _looped(
    events: Iterable[Event], period: float, start: float, length: float
) -> tuple[Event, ...]:
    events = tuple(events)
    rounds = int((start + length) // period) + 1
    return tuple(
        replace(event, start_beats=event.start_beats + k * period - start)
        for k in range(rounds)
        for event in events
        if start <= event.start_beats + k * period < start + length
    )


def transpose(score: Score, semitones: int) -> Score:
    """Move a score up or down."""
    return replace(
        score,
        parts=tuple(
            tuple(replace(note, pitch=note.pitch + semitones) for note in part)
            for part in score.parts
        ),
        chords=tuple(replace(c, root=(c.root + semitones) % 12) for c in score.chords),
    )


def find_chords(
    parts: Iterable[tuple[Note, ...]], length_beats: float, slot_beats: float
) -> tuple[Chord, ...]:
    """Name the harmony of each slot: the template that covers most of what sounds there.

    Args:
        parts: Notes of each part.
        length_beats: Length of the piece.
        slot_beats: How often the harmony may change.
    """
    weights = _pitch_class_weights(parts, length_beats, slot_beats)
    names = list(CHORD_TYPES)
    templates = np.full((len(names), 12), -0.5)
    for row, name in enumerate(names):
        templates[row, list(CHORD_TYPES[name])] = (1.2, 1.0, 0.9, 0.6)[: len(CHORD_TYPES[name])]
    fits = np.stack([weights @ np.roll(templates, root, axis=1).T for root in range(12)], axis=1)
    best = fits.reshape(len(weights), -1).argmax(axis=1)
    return tuple(
        Chord(k * slot_beats, slot_beats, int(b) // len(names), CHORD_TYPES[names[b % len(names)]])
        for k, b in enumerate(best)
    )


def _pitch_class_weights(
    parts: Iterable[tuple[Note, ...]], length_beats: float, slot_beats: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How long each pitch class sounds in each slot: (num_slots, 12); the bass counts more."""
    weights = np.zeros((max(1, int(np.ceil(length_beats / slot_beats))), 12))
    for note in (note for part in parts for note in part):
        end = min(note.start_beats + note.duration_beats, length_beats)
        for slot in range(int(note.start_beats // slot_beats), len(weights)):
            overlap = min(end, (slot + 1) * slot_beats) - max(note.start_beats, slot * slot_beats)
            if overlap <= 0:
                break
            weights[slot, note.pitch % 12] += overlap * (1.5 if note.pitch < 50 else 1.0)
    return weights
