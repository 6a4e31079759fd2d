"""Whole pieces made by rule: progressions, forms, melodies with motifs that come back."""

from dataclasses import dataclass

import numpy as np

from engine.datasets.score import CHORD_TYPES, Chord, Note, Score

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
}
FORMS = ("AABA", "ABAB", "AABB", "ABAC", "ABCB", "AAAB")
MELODY_RANGE = (60, 84)


@dataclass(frozen=True, slots=True)
class Style:
    """What a kind of generated piece is made of.

    Attributes:
        scales: Scales to choose from.
        progressions: Chord degrees (0 is the tonic), one a chord slot, repeated as needed.
        rhythms: Bars of note lengths in parts of the bar, negative for a rest.
        beats_per_bar: Metres to choose from.
        chords_per_bar: Harmonic rhythms to choose from.
        seventh_odds: How often a chord gets its seventh.
        rest_odds: How often a note of the melody is left out.
        leap_odds: How often the melody leaps to a chord note where it could step.
    """

    scales: tuple[str, ...]
    progressions: tuple[tuple[int, ...], ...]
    rhythms: tuple[tuple[float, ...], ...]
    beats_per_bar: tuple[float, ...] = (4.0,)
    chords_per_bar: tuple[float, ...] = (1.0,)
    seventh_odds: float = 0.15
    rest_odds: float = 0.08
    leap_odds: float = 0.25


_POP_LOOPS = (
    (0, 4, 5, 3),
    (5, 3, 0, 4),
    (0, 5, 3, 4),
    (0, 3, 4, 3),
    (3, 4, 2, 5),
    (0, 2, 3, 4),
    (1, 4, 0, 5),
    (0, 6, 3, 0),
    (0, 3, 5, 4),
)
_SLOW_LOOPS = (
    (0, 3),
    (0, 5, 3, 3),
    (0, 2, 5, 3),
    (0, 6, 5, 6),
    (5, 3, 5, 4),
    (0, 0, 3, 4),
    (0, 5, 1, 4),
)
_BUSY_BARS = (
    (0.25, 0.25, 0.25, 0.25),
    (0.125, 0.125, 0.25, 0.25, -0.25),
    (0.375, 0.125, 0.25, 0.25),
    (0.125, 0.125, 0.125, 0.125, 0.25, -0.25),
    (-0.125, 0.125, 0.25, 0.125, 0.125, 0.25),
    (0.1875, 0.1875, 0.125, 0.1875, 0.1875, 0.125),
    (0.5, 0.125, 0.125, -0.25),
    (0.25, 0.125, 0.375, -0.25),
)
_CALM_BARS = (
    (1.0,),
    (0.5, 0.5),
    (0.75, 0.25),
    (0.5, -0.5),
    (0.25, 0.25, 0.5),
    (-0.25, 0.25, 0.5),
    (0.5, 0.25, 0.25),
)
_FAST_BARS = (
    (0.0625,) * 16,
    (0.125,) * 8,
    (0.125, 0.0625, 0.0625) * 4,
    (0.1875, 0.0625, 0.125, 0.125) * 2,
    (-0.125, 0.125) * 4,
    (0.1875, 0.1875, 0.1875, 0.1875, 0.125, 0.125),
)

STYLES = {
    "generated_pop": Style(
        ("major", "minor", "mixolydian", "dorian"), _POP_LOOPS, _BUSY_BARS, (4.0, 4.0, 4.0, 3.0)
    ),
    "generated_jazz": Style(
        ("major", "dorian", "minor", "mixolydian"),
        ((1, 4, 0, 5), (0, 5, 1, 4), (3, 6, 2, 5, 1, 4, 0, 0), (0, 0, 3, 3, 1, 4, 0, 4)),
        _BUSY_BARS + _FAST_BARS[1:3],
        (4.0, 4.0, 3.0),
        (1.0, 1.0, 2.0),
        seventh_odds=0.9,
        rest_odds=0.15,
        leap_odds=0.4,
    ),
    "generated_ambient": Style(
        ("major", "minor", "dorian"),
        _SLOW_LOOPS,
        _CALM_BARS,
        (4.0, 3.0),
        (0.5, 1.0),
        seventh_odds=0.45,
        rest_odds=0.3,
    ),
    "generated_cinematic": Style(
        ("minor", "harmonic_minor", "phrygian", "major"),
        _SLOW_LOOPS + _POP_LOOPS,
        _CALM_BARS + _BUSY_BARS[:3],
        (4.0, 4.0, 3.0, 6.0),
        (0.5, 1.0, 1.0, 2.0),
        leap_odds=0.35,
    ),
    "electronic": Style(
        ("minor", "dorian", "phrygian", "major"),
        _POP_LOOPS + _SLOW_LOOPS,
        _BUSY_BARS + _FAST_BARS,
        seventh_odds=0.2,
        leap_odds=0.45,
    ),
    "chiptune": Style(
        ("major", "minor", "mixolydian"),
        _POP_LOOPS,
        _BUSY_BARS + _FAST_BARS,
        leap_odds=0.5,
        rest_odds=0.03,
    ),
}


def compose(style_name: str, piece: str, rng: np.random.Generator) -> Score:
    """Make one piece: four sections after a form, each with its own harmony and motifs.

    Args:
        style_name: A key of `STYLES`.
        piece: Name for the work.
        rng: Source of every choice.
    """
    style = STYLES[style_name]
    beats_per_bar = float(rng.choice(style.beats_per_bar))
    key, scale = int(rng.integers(12)), SCALES[str(rng.choice(style.scales))]
    chords_per_bar = float(rng.choice(style.chords_per_bar))
    bars = int(rng.choice([4, 8]))
    form = str(rng.choice(FORMS))
    sections = {
        name: _Section.make(style, key, scale, bars, beats_per_bar, chords_per_bar, rng)
        for name in sorted(set(form))
    }
    length = bars * beats_per_bar
    melody, counter, bass, chords = [], [], [], []
    for index, name in enumerate(form):
        section, start = sections[name], index * length
        melody += _shifted_notes(section.melody, start)
        counter += _shifted_notes(section.counter, start)
        bass += _shifted_notes(section.bass, start)
        chords += [
            Chord(c.start_beats + start, c.duration_beats, c.root, c.intervals)
            for c in section.chords
        ]
    parts = (tuple(melody), tuple(counter), tuple(bass))
    return Score(piece, parts, tuple(chords), beats_per_bar, length * len(form))


@dataclass(frozen=True, slots=True)
class _Section:
    melody: tuple[Note, ...]
    counter: tuple[Note, ...]
    bass: tuple[Note, ...]
    chords: tuple[Chord, ...]

    @staticmethod
    def make(
        style: Style,
        key: int,
        scale: tuple[int, ...],
        bars: int,
        beats_per_bar: float,
        chords_per_bar: float,
        rng: np.random.Generator,
    ) -> "_Section":
        length = bars * beats_per_bar
        chords = _progression(style, key, scale, length, beats_per_bar / chords_per_bar, rng)
        melody = _melody(style, key, scale, chords, bars, beats_per_bar, rng)
        return _Section(melody, _counter(chords, rng), _bass(chords, beats_per_bar, rng), chords)


def _progression(
    style: Style,
    key: int,
    scale: tuple[int, ...],
    length_beats: float,
    slot_beats: float,
    rng: np.random.Generator,
) -> tuple[Chord, ...]:
    loop = style.progressions[int(rng.integers(len(style.progressions)))]
    slots = max(1, round(length_beats / slot_beats))
    chords = []
    for k in range(slots):
        degree = loop[k % len(loop)]
        size = 4 if rng.random() < style.seventh_odds else 3
        steps = [scale[(degree + 2 * n) % 7] + 12 * ((degree + 2 * n) // 7) for n in range(size)]
        intervals = tuple(step - steps[0] for step in steps)
        if rng.random() < 0.04:
            intervals = CHORD_TYPES["suspended"]
        chords.append(Chord(k * slot_beats, slot_beats, (key + steps[0]) % 12, intervals))
    return tuple(chords)


def _melody(
    style: Style,
    key: int,
    scale: tuple[int, ...],
    chords: tuple[Chord, ...],
    bars: int,
    beats_per_bar: float,
    rng: np.random.Generator,
) -> tuple[Note, ...]:
    """A line over two or three rhythmic motifs: chord notes on the beat, steps in between."""
    ladder = _ladder(key, scale)
    motifs = [style.rhythms[int(i)] for i in rng.integers(len(style.rhythms), size=3)]
    order = rng.choice(3, size=bars, p=[0.5, 0.3, 0.2])
    position = int(rng.integers(len(ladder) // 4, 3 * len(ladder) // 4))
    notes = []
    for bar in range(bars):
        beat = bar * beats_per_bar
        for share in motifs[int(order[bar])]:
            duration = abs(share) * beats_per_bar
            if share > 0 and rng.random() >= style.rest_odds:
                on_beat = beat % 1.0 == 0 or rng.random() < style.leap_odds
                chord = _chord_at(chords, beat)
                position = _next_step(ladder, position, chord, rng, on_beat=on_beat)
                legato = float(rng.choice([0.5, 0.85, 0.95]))
                notes.append(Note(beat, duration * legato, ladder[position]))
            beat += duration
    return tuple(notes)


def _ladder(key: int, scale: tuple[int, ...]) -> tuple[int, ...]:
    """Every pitch of the scale within the range of the melody, upwards."""
    classes = {(key + step) % 12 for step in scale}
    return tuple(pitch for pitch in range(*MELODY_RANGE) if pitch % 12 in classes)


def _next_step(
    ladder: tuple[int, ...], position: int, chord: Chord, rng: np.random.Generator, *, on_beat: bool
) -> int:
    """Place on the ladder of the next note, drawn back to the middle near the ends."""
    drift = (len(ladder) / 2 - position) / len(ladder)
    target = position + round(float(rng.normal(drift * 2, 1.6)))
    target = min(max(target, 0), len(ladder) - 1)
    if not on_beat:
        return target
    classes = {(chord.root + interval) % 12 for interval in chord.intervals}
    fitting = [k for k, pitch in enumerate(ladder) if pitch % 12 in classes]
    return min(fitting, key=lambda k: abs(k - target), default=target)


def _chord_at(chords: tuple[Chord, ...], beat: float) -> Chord:
    slot = int(beat // chords[0].duration_beats)
    return chords[min(slot, len(chords) - 1)]


def _counter(chords: tuple[Chord, ...], rng: np.random.Generator) -> tuple[Note, ...]:
    """A middle voice of long notes that moves as little as the harmony lets it."""
    pitch = int(rng.integers(53, 64))
    notes = []
    for chord in chords:
        classes = {(chord.root + interval) % 12 for interval in chord.intervals}
        pitch = min((p for p in range(50, 69) if p % 12 in classes), key=lambda p: abs(p - pitch))
        notes.append(Note(chord.start_beats, chord.duration_beats * 0.97, pitch))
    return tuple(notes)


_BASS_BARS = {
    "held": (1.0,),
    "halves": (0.5, 0.5),
    "quarters": (0.25,) * 4,
    "eighths": (0.125,) * 8,
    "dotted": (0.375, 0.125, 0.5),
    "tresillo": (0.375, 0.375, 0.25),
    "sparse": (0.25, -0.75),
    "off": (-0.125, 0.125) * 4,
}


def _bass(
    chords: tuple[Chord, ...], beats_per_bar: float, rng: np.random.Generator
) -> tuple[Note, ...]:
    """Roots, now and then fifths and octaves, in one rhythm."""
    rhythm = _BASS_BARS[str(rng.choice(list(_BASS_BARS)))]
    walk = float(rng.choice([0.05, 0.2, 0.5]))
    end = chords[-1].start_beats + chords[-1].duration_beats
    notes, beat = [], 0.0
    while beat < end - 1e-6:
        for share in rhythm:
            duration = abs(share) * beats_per_bar
            if share > 0 and beat < end - 1e-6:
                chord = _chord_at(chords, beat)
                step = int(rng.choice(chord.intervals)) if rng.random() < walk else 0
                octave = 12 if rng.random() < walk / 3 else 0
                pitch = 28 + (chord.root - 28) % 12 + step + octave
                notes.append(Note(beat, duration * 0.9, pitch))
            beat += duration
    return tuple(notes)


def _shifted_notes(notes: tuple[Note, ...], beats: float) -> list[Note]:
    return [Note(n.start_beats + beats, n.duration_beats, n.pitch) for n in notes]
