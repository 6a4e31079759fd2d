import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.score import CHORD_TYPES, Chord, Note, Score, excerpt, find_chords, transpose


def scale_score(bars: int = 2) -> Score:
    """One note a beat, one chord a bar, four beats a bar."""
    notes = tuple(Note(float(k), 1.0, 60 + k) for k in range(4 * bars))
    chords = tuple(Chord(4.0 * k, 4.0, k % 12, CHORD_TYPES["major"]) for k in range(bars))
    return Score("scale", (notes,), chords, 4.0, 4.0 * bars)


@given(start=st.integers(0, 40), length=st.integers(1, 60))
def test_an_excerpt_is_full_to_its_end(start: int, length: int) -> None:
    cut = excerpt(scale_score(), float(start), float(length))
    assert [note.start_beats for note in cut.parts[0]] == [float(k) for k in range(length)]
    assert cut.length_beats == length


def test_a_score_that_ends_too_soon_starts_again() -> None:
    cut = excerpt(scale_score(), 4.0, 8.0)
    assert [note.pitch for note in cut.parts[0]] == [64, 65, 66, 67, 60, 61, 62, 63]
    assert [chord.root for chord in cut.chords] == [1, 0]


def test_a_part_that_rests_throughout_is_left_out() -> None:
    score = scale_score()
    late = Score("late", (*score.parts, (Note(7.0, 1.0, 40),)), score.chords, 4.0, 8.0)
    assert len(excerpt(late, 0.0, 4.0).parts) == 1


def test_transposing_moves_notes_and_roots() -> None:
    moved = transpose(scale_score(), -3)
    assert [note.pitch for note in moved.parts[0]][:2] == [57, 58]
    assert [chord.root for chord in moved.chords] == [9, 10]


@pytest.mark.parametrize("name", ["major", "minor", "dominant", "diminished"])
@pytest.mark.parametrize("root", [0, 5, 11])
def test_a_chord_is_recognised_from_its_notes(name: str, root: int) -> None:
    part = tuple(Note(0.0, 4.0, 60 + root + step) for step in CHORD_TYPES[name])
    (chord,) = find_chords([part], 4.0, 4.0)
    assert (chord.root, chord.intervals) == (root, CHORD_TYPES[name])


def test_each_slot_gets_its_own_chord() -> None:
    first = tuple(Note(0.0, 2.0, pitch) for pitch in (60, 64, 67))
    second = tuple(Note(2.0, 2.0, pitch) for pitch in (57, 60, 64))
    chords = find_chords([first + second], 4.0, 2.0)
    assert [(c.start_beats, c.root) for c in chords] == [(0.0, 0), (2.0, 9)]
    assert [c.intervals for c in chords] == [CHORD_TYPES["major"], CHORD_TYPES["minor"]]
