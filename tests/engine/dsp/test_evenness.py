"""Notes and strokes of a track must be in the mix as loudly as each other."""

import numpy as np
import pytest

from engine.dsp.evenness import Evenness, evenness
from engine.dsp.half_overlap import stft
from engine.types import Samples
from tests.helpers.notes_and_strokes import WINDOW, evidence, fast_strokes, hiss, notes, strokes


def measured(mix: Samples, track: Samples, fitted: Samples) -> Evenness:
    return evenness(stft(track, WINDOW), evidence(mix, track, fitted))


def test_a_track_that_is_there_is_even() -> None:
    track = notes(1) + strokes(2)
    found = measured(0.5 * track + notes(3) + strokes(4), track, 0.5 * track)
    assert found.tells
    assert not found.is_uneven
    assert found.usual == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("level", [0.3, 1.0, 3.0])
def test_only_the_strokes_are_shared(level: float) -> None:
    shared = level * strokes(2)
    found = measured(shared + notes(3), shared + notes(1), shared)
    assert found.tells
    assert found.is_uneven
    assert found.is_another_song


@pytest.mark.parametrize("level", [0.3, 1.0])
def test_only_fast_strokes_are_shared(level: float) -> None:
    shared = np.float32(level) * fast_strokes(2)
    found = measured(shared + notes(3), shared + notes(1), shared)
    assert found.is_another_song


def test_only_the_notes_are_shared() -> None:
    shared = notes(1)
    found = measured(shared + strokes(3) + hiss(4), shared + strokes(2), shared)
    assert found.is_uneven


@pytest.mark.parametrize("gain", [0.01, 100])
def test_levels_do_not_matter(gain: float) -> None:
    track = notes(1) + strokes(2)
    mix = track + notes(3)
    usual = measured(mix, track, track).usual
    scaled = np.float32(gain)
    assert measured(scaled * mix, track, scaled * track).usual == pytest.approx(usual, rel=1e-2)


@pytest.mark.parametrize("track", [notes(1), strokes(1), np.zeros_like(notes(1))])
def test_of_one_kind_alone_nothing_is_told(track: Samples) -> None:
    found = measured(track + notes(5), track, track)
    assert not found.is_uneven


def test_an_exact_fit_and_silence() -> None:
    track = notes(1) + strokes(2)
    assert not measured(track, track, track).is_uneven
    silence = np.zeros_like(track)
    assert measured(silence, track, silence) == Evenness(1.0, 0.0)
