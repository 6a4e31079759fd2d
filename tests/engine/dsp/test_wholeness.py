"""A track is there from note to note and from the lowest to the highest, or it is another one."""

from typing import Literal

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from engine.dsp.wholeness import Wholeness, wholeness
from engine.types import Samples
from tests.helpers.notes_and_strokes import RATE_HZ, evidence, hiss, notes, strokes

BAR = RATE_HZ


def measured(mix: Samples, track: Samples, fitted: Samples) -> Wholeness:
    return wholeness(evidence(mix, track, fitted))


def every_other_bar(sound: Samples, first: int) -> Samples:
    """The sound with every second bar silent."""
    out = np.zeros_like(sound)
    for start in range(first * BAR, sound.shape[1], 2 * BAR):
        out[:, start : start + BAR] = sound[:, start : start + BAR]
    return out


def filtered(sound: Samples, hertz: float, kind: Literal["lowpass", "highpass"]) -> Samples:
    return np.asarray(sosfilt(butter(4, hertz, kind, fs=RATE_HZ, output="sos"), sound), np.float32)


@pytest.mark.parametrize("level", [0.3, 1.0, 3.0])
def test_a_track_that_is_there_is_whole(level: float) -> None:
    track = notes(1) + strokes(2)
    laid = np.float32(level) * track
    found = measured(laid + notes(3) + strokes(4), track, laid)
    assert found.pieces > 25
    assert not found.is_patchy
    assert not found.lacks_lows
    assert found.least > 0.7


def test_some_chords_are_shared_and_the_next_ones_are_not() -> None:
    own, shared = notes(3), every_other_bar(notes(1), 0)
    track = shared + every_other_bar(notes(5), 1)
    assert measured(shared + every_other_bar(own, 1) + hiss(4), track, shared).is_patchy


def pad(*hertz: float) -> Samples:
    """Notes that are held, a third of an octave and more apart."""
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    held = sum(np.sin(2 * np.pi * each * time_s) for each in hertz)
    return np.asarray(0.1 * held, np.float32)[None]


def test_a_held_note_is_shared_and_those_around_it_are_not() -> None:
    shared = pad(220, 880)
    others = pad(150, 300, 400, 550, 1200)
    found = measured(shared + pad(180, 700) + hiss(4), shared + others, shared)
    assert found.is_patchy
    assert found.least_band < 0.1


def test_one_band_may_be_cut_out() -> None:
    track = notes(1) + strokes(2)
    notch = butter(2, (400, 500), "bandstop", fs=RATE_HZ, output="sos")
    laid = np.asarray(sosfilt(notch, track), np.float32)
    assert not measured(laid + notes(3), track, laid).is_patchy


def test_no_more_than_a_shaker_is_shared() -> None:
    shared = filtered(strokes(2), 6000, "highpass")
    found = measured(shared + notes(3) + hiss(4), shared + notes(1), shared)
    assert found.lacks_lows


@pytest.mark.parametrize(("hertz", "kind"), [(500, "highpass"), (3000, "lowpass")])
def test_a_filter_takes_nothing_away_that_counts(
    hertz: float, kind: Literal["lowpass", "highpass"]
) -> None:
    track = notes(1) + strokes(2)
    laid = filtered(track, hertz, kind)
    found = measured(laid + notes(3) + strokes(4), track, laid)
    assert not found.is_patchy
    assert not found.lacks_lows


@pytest.mark.parametrize("gain", [0.01, 100])
def test_levels_do_not_matter(gain: float) -> None:
    track = notes(1) + strokes(2)
    mix = track + notes(3)
    usual = measured(mix, track, track)
    scaled = np.float32(gain)
    found = measured(scaled * mix, track, scaled * track)
    assert found.least == pytest.approx(usual.least, rel=1e-2)
    assert found.lows == pytest.approx(usual.lows, rel=1e-2)


def test_of_silence_nothing_is_told() -> None:
    track = notes(1)
    silence = np.zeros_like(track)
    found = measured(silence, track, silence)
    assert found == Wholeness(0, 1.0, 1.0, 0.0, 0, 1.0)
    assert not found.is_patchy
    assert not found.lacks_lows
