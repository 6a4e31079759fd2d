import numpy as np
import pytest

from engine.datasets.composing import MELODY_RANGE, STYLES, compose
from engine.datasets.score import Score


def piece(style: str, seed: int = 0) -> Score:
    return compose(style, "piece", np.random.default_rng(seed))


@pytest.mark.parametrize("style", STYLES)
def test_equal_seeds_make_equal_pieces_and_others_do_not(style: str) -> None:
    assert piece(style, 3) == piece(style, 3)
    assert len({piece(style, seed) for seed in range(8)}) == 8


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_the_harmony_has_no_gaps_and_reaches_the_end(style: str, seed: int) -> None:
    score = piece(style, seed)
    ends = [chord.start_beats + chord.duration_beats for chord in score.chords]
    assert [chord.start_beats for chord in score.chords] == pytest.approx([0.0, *ends[:-1]])
    assert ends[-1] == pytest.approx(score.length_beats)
    assert score.length_beats % score.beats_per_bar == 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_parts_lie_in_their_ranges_and_inside_the_piece(style: str, seed: int) -> None:
    score = piece(style, seed)
    melody, counter, bass = score.parts
    assert all(MELODY_RANGE[0] <= note.pitch < MELODY_RANGE[1] for note in melody)
    assert all(48 <= note.pitch < 72 for note in counter)
    assert all(28 <= note.pitch < 66 for note in bass)
    for part in score.parts:
        assert all(0 <= note.start_beats < score.length_beats for note in part)
        assert all(note.duration_beats > 0 for note in part)


@pytest.mark.parametrize("style", STYLES)
def test_notes_on_the_bar_belong_to_the_chord(style: str) -> None:
    fitting = total = 0
    for seed in range(6):
        score = piece(style, seed)
        slot = score.chords[0].duration_beats
        for note in score.parts[0]:
            if note.start_beats % score.beats_per_bar == 0:
                chord = score.chords[int(note.start_beats // slot)]
                total += 1
                fitting += (note.pitch - chord.root) % 12 in [i % 12 for i in chord.intervals]
    assert total > 20
    assert fitting == total


def test_a_section_comes_back_as_it_was() -> None:
    score = piece("generated_pop", 1)
    bars = round(score.length_beats / score.beats_per_bar) // 4
    length = bars * score.beats_per_bar
    sections = [
        tuple(
            (round(note.start_beats - k * length, 6), note.pitch)
            for note in score.parts[0]
            if k * length <= note.start_beats < (k + 1) * length
        )
        for k in range(4)
    ]
    assert len(set(sections)) < 4
