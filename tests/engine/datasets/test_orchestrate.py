import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.composing import compose
from engine.datasets.ensembles import DRUM_KEYS, ENSEMBLES, GROOVES, TRIPLE_GROOVES, Ensemble
from engine.datasets.orchestrate import (
    RANGES,
    Arrangement,
    Performance,
    Role,
    Track,
    arrange,
    fold,
)

DURATION_S = 20.0


def arranged(ensemble: str, seed: int = 0) -> Arrangement:
    rng = np.random.default_rng(seed)
    score = compose("generated_pop", "piece", rng)
    return arrange(score, ENSEMBLES[ensemble], DURATION_S, rng)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_equal_seeds_arrange_equally_and_others_do_not(ensemble: str) -> None:
    assert arranged(ensemble, 5) == arranged(ensemble, 5)
    assert arranged(ensemble, 5) != arranged(ensemble, 6)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("seed", range(3))
def test_every_event_can_be_played(ensemble: str, seed: int) -> None:
    music = arranged(ensemble, seed)
    low_bpm, high_bpm = ENSEMBLES[ensemble].bpm
    assert low_bpm <= music.bpm <= high_bpm
    assert 1 <= len(music.tracks) <= 15
    for track in music.tracks:
        starts = [event.start_s for event in track.events]
        assert starts == sorted(starts)
        assert all(0 <= start < DURATION_S for start in starts)
        assert all(1 <= event.velocity <= 127 for event in track.events)
        assert all(event.duration_s > 0 for event in track.events)
        assert -1 <= track.pan <= 1
        assert 0 <= track.volume <= 1


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_parts_stay_in_the_range_of_their_role(ensemble: str) -> None:
    for track in arranged(ensemble).tracks:
        if track.role in ("melody", "inner", "bass"):
            low, high = RANGES[track.role]
            assert all(low <= event.pitch < high for event in track.events)
        if track.role == "drums":
            assert {event.pitch for event in track.events} <= set(DRUM_KEYS.values())


@pytest.mark.parametrize("seed", range(12))
def test_somebody_plays_in_every_stretch(seed: int) -> None:
    tracks = arranged("band", seed).tracks
    starts = sorted({0.0, DURATION_S, *(e.start_s for track in tracks for e in track.events)})
    assert max(b - a for a, b in itertools.pairwise(starts)) < 6.0


@given(
    seed=st.integers(0, 500),
    beats=st.lists(st.floats(0, 400, allow_nan=False), min_size=2, max_size=20),
)
def test_time_never_runs_backwards(seed: int, beats: list[float]) -> None:
    performance = Performance(100.0, 4.0, np.random.default_rng(seed))
    seconds = [performance.seconds(beat) for beat in sorted(beats)]
    assert seconds == sorted(seconds)
    assert performance.seconds(0.0) == 0.0


@given(pitch=st.integers(0, 127), role=st.sampled_from(sorted(RANGES)))
def test_folding_keeps_the_note_and_finds_the_range(pitch: int, role: Role) -> None:
    low, high = RANGES[role]
    folded = fold(pitch, role)
    assert low <= folded < high
    assert (folded - pitch) % 12 == 0


def drum_starts(tracks: tuple[Track, ...], key: int) -> list[float]:
    return [e.start_s for t in tracks if t.role == "drums" for e in t.events if e.pitch == key]


def test_the_kick_marks_the_bars() -> None:
    """The one of most bars is struck, whatever the groove."""
    music = next(
        m for m in (arranged("rock", seed) for seed in range(20)) if drum_starts(m.tracks, 36)
    )
    beats = np.array(drum_starts(music.tracks, 36)) * music.bpm / 60
    on_the_bar = np.abs((beats + 0.5) % 1 - 0.5) < 0.2
    assert on_the_bar.mean() > 0.4


def test_every_groove_has_known_drums_and_full_rows() -> None:
    for groove in GROOVES.values():
        steps = 12 if groove.name in TRIPLE_GROOVES else 16
        for drum, row in groove.rows:
            assert drum in DRUM_KEYS
            assert len(row) == steps
            assert set(row) <= set("Xxo.")


@pytest.mark.parametrize("ensemble", ENSEMBLES.values(), ids=list(ENSEMBLES))
def test_every_ensemble_names_grooves_and_programs_that_exist(ensemble: Ensemble) -> None:
    assert set(ensemble.grooves) <= set(GROOVES)
    programs = (*ensemble.melody, *ensemble.inner, *ensemble.bass, *ensemble.chords)
    assert all(0 <= program < 128 for program in programs)
