"""Generated cases: repeatable, linked where they say so, and fair to both sounds."""

import numpy as np
import pytest

from engine.datasets.linked_pairs import (
    SAMPLE_RATE_HZ,
    Case,
    Link,
    as_separated,
    edit_cuts,
    edit_speed,
    make_case,
    make_score,
    perform,
)
from engine.stages.picture_features import FRAME_RATE_HZ, HEIGHT, WIDTH
from engine.types import Verdict


def distance_to_beats_s(cuts_s: np.ndarray, beats_s: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(cuts_s[:, None] - beats_s).min(axis=1))


@pytest.fixture(scope="module")
def case() -> Case:
    return make_case(Verdict.FIRST, Link.BOTH, 5.0, 1)


def test_equal_arguments_give_equal_cases(case: Case) -> None:
    again = make_case(Verdict.FIRST, Link.BOTH, 5.0, 1)
    np.testing.assert_array_equal(again.first.samples, case.first.samples)
    np.testing.assert_array_equal(list(again.frames()), list(case.frames()))


def test_picture_and_sounds_have_the_wanted_size(case: Case) -> None:
    frames = list(case.frames())
    assert len(frames) == 5 * FRAME_RATE_HZ
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert frames[0].dtype == np.uint8
    for sound in (case.first, case.second):
        assert sound.samples.shape == (1, 5 * SAMPLE_RATE_HZ)
        assert np.isfinite(sound.samples).all()
        assert sound.samples.std() > 1e-4


def test_cuts_fall_near_beats_of_their_own_piece_only() -> None:
    own, foreign = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        score, other = make_score(30, rng), make_score(30, rng)
        cuts_s = edit_cuts(score, rng)
        own.append(np.median(distance_to_beats_s(cuts_s, score.beats_s)))
        foreign.append(np.median(distance_to_beats_s(cuts_s, other.beats_s)))
    assert np.median(own) < 0.05
    assert np.median(foreign) > 0.08


def test_movement_follows_the_energy_of_its_own_piece_only() -> None:
    own, foreign = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        score, other = make_score(30, rng), make_score(30, rng)
        speed_px = edit_speed(score, rng)
        own.append(np.corrcoef(speed_px, score.energy)[0, 1])
        foreign.append(np.corrcoef(speed_px, other.energy)[0, 1])
    assert np.mean(own) > 0.3
    assert abs(np.mean(foreign)) < 0.12


def test_level_tells_nothing_about_who_belongs() -> None:
    rng = np.random.default_rng(0)
    score = make_score(4, rng)
    one, two = perform(score, rng), perform(score, rng)
    louder = [
        as_separated(one, two, rng).samples.std() > as_separated(two, one, rng).samples.std()
        for _ in range(80)
    ]
    assert 0.3 < np.mean(louder) < 0.7


def test_two_arrangements_are_two_sounds() -> None:
    case = make_case(Verdict.BOTH, Link.BOTH, 5.0, 2)
    correlation = np.corrcoef(case.first.samples[0], case.second.samples[0])[0, 1]
    assert abs(correlation) < 0.95
