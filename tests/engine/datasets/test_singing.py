import numpy as np
import pytest

from engine.datasets.orchestrate import Event, Track
from engine.datasets.singing import sing
from tests.helpers.measures import RATE_HZ, pitch_hz, rms_db

MELODY = Track(
    "melody",
    0,
    tuple(Event(0.5 + k, 0.6, pitch, 100) for k, pitch in enumerate((62, 65, 69, 64))),
    0.0,
    1.0,
)


def sung(seed: int, melody: Track = MELODY, duration_s: float = 5.0) -> np.ndarray:
    return sing(melody, duration_s, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_the_melody_is_sung_in_tune(seed: int) -> None:
    """Half of a semitone for vibrato and drift; the octave is the voice's own for all notes."""
    sound = sung(seed)[0]
    errors = []
    for event in MELODY.events:
        start = round((event.start_s + 0.12) * RATE_HZ)
        found = pitch_hz(sound[start : start + round(0.4 * RATE_HZ)], low_hz=55, high_hz=900)
        wanted = 440 * 2 ** ((event.pitch - 69) / 12)
        semitones = 12 * np.log2(found / wanted)
        errors.append(abs((semitones + 6) % 12 - 6))
    assert np.median(errors) < 0.5
    assert max(errors) < 1.2


def test_between_the_notes_there_is_silence() -> None:
    sound = sung(0)
    during = sound[:, round(0.6 * RATE_HZ) : round(1.0 * RATE_HZ)]
    before = sound[:, : round(0.4 * RATE_HZ)]
    assert rms_db(during) > rms_db(before) + 40


def test_short_rests_are_sung_through() -> None:
    legato = Track("melody", 0, (Event(0.0, 0.8, 60, 100), Event(1.0, 0.8, 62, 100)), 0.0, 1.0)
    rest = sung(3, legato, 2.5)[:, round(0.82 * RATE_HZ) : round(0.98 * RATE_HZ)]
    assert rms_db(rest) > -60


def test_notes_too_close_for_a_syllable_do_no_harm() -> None:
    trill = tuple(Event(0.02 * k, 0.02, 60 + k % 2, 90) for k in range(100))
    sound = sung(1, Track("melody", 0, trill, 0.0, 1.0), 3.0)
    assert np.isfinite(sound).all()
    assert rms_db(sound) > -50


@pytest.mark.parametrize("events", [(), (Event(9.0, 1.0, 60, 90),)], ids=["none", "too_late"])
def test_nothing_to_sing_is_silence(events: tuple[Event, ...]) -> None:
    sound = sung(0, Track("melody", 0, events, 0.0, 1.0), 2.0)
    assert sound.shape == (2, 2 * RATE_HZ)
    assert not sound.any()


def test_equal_seeds_sing_equally_and_others_do_not() -> None:
    first, again, other = (sung(seed, duration_s=1.5) for seed in (2, 2, 3))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
