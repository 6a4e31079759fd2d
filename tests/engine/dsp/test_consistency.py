"""A whole track is told from what merely shares something with the mix."""

import numpy as np

from engine.dsp.consistency import consistency
from engine.dsp.half_overlap import Spectra

FRAMES, BINS = 120, 400


def tones(seed: int, bins: int = BINS) -> Spectra:
    """Narrow lines over a faint floor, new ones every few frames."""
    random = np.random.default_rng(seed)
    level = np.repeat(random.random((1, FRAMES // 10, bins)) < 0.05, 10, axis=1) + 0.01
    phase = np.exp(2j * np.pi * random.random((2, FRAMES, bins)))
    return np.asarray(level * phase, np.complex64)


def test_a_track_that_is_there_counts_as_there() -> None:
    track, rest = tones(0), np.float32(0.1) * tones(1)
    found = consistency(track + rest, track, track, np.ones(FRAMES))
    assert found.frames > FRAMES / 2
    assert found.share > 0.9


def test_a_track_of_which_only_a_part_is_there_does_not() -> None:
    track, rest = tones(0), np.float32(0.1) * tones(1)
    shared = track.copy()
    shared[:, :, np.arange(BINS) // 3 % 4 > 0] = 0
    found = consistency(shared + rest, track, shared, np.ones(FRAMES))
    assert found.share < 0.6


def test_where_nothing_sounds_nothing_can_be_said() -> None:
    nothing = np.zeros((2, FRAMES, BINS), np.complex64)
    found = consistency(nothing, tones(0), nothing, np.ones(FRAMES))
    assert (found.frames, found.share) == (0, 0.5)


def test_treble_that_a_codec_dropped_is_not_missed() -> None:
    track, rest, cut = tones(0, 2049), np.float32(0.1) * tones(1, 2049), 1200
    track[:, :, cut:] *= np.float32(3e-4)
    coded, fitted = track + rest, track.copy()
    coded[:, :, cut:] = fitted[:, :, cut:] = 0
    assert consistency(coded, track, fitted, np.ones(FRAMES)).share > 0.9


def test_what_a_codec_left_out_where_a_film_is_dull_is_not_missed() -> None:
    """Its hats are alone up there, and the codec keeps the loud ones."""
    track, rest, high = tones(0, 2049), np.float32(0.1) * tones(1, 2049), slice(1200, None)
    track[:, :, high] *= np.float32(0.003)
    rest[:, :, high] = 0
    coded, dropped = track + rest, np.arange(FRAMES) // 10 % 3 > 0
    coded[:, dropped, high] = 0
    assert consistency(coded, track, track, np.ones(FRAMES)).share > 0.9
