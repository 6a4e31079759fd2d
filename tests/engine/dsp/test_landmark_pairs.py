"""Pairs and their keys: all pairs that count, and what a change of tempo or pitch does to them."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dsp.landmark_pairs import NUM_KEYS, Change, keys_of, pair_up
from engine.dsp.landmarks import NUM_STEPS, STEP, Landmarks
from tests.helpers.library import simulated

# What the module promises: at least 2 and at most 63 frames later, 31 steps above or below.
NEAREST, FARTHEST, REACH_STEPS = 2, 63, 31
GAPS = 64

some_landmarks = st.builds(
    lambda n, seed, per_frame: simulated(n, seed, per_frame),
    st.integers(1, 250),
    st.integers(0, 1000),
    st.sampled_from([0.05, 0.5, 2.0]),
)


def naive_pairs(landmarks: Landmarks, fan_out: int | None) -> Iterator[tuple[float, ...]]:
    """(frame, step, gap_steps, gap_frames) of every pair, one after the other."""
    points = list(zip(landmarks.frames.tolist(), landmarks.steps.tolist(), strict=True))
    for i, (frame, step) in enumerate(points):
        partners = 0
        for later, other in points[i + 1 :]:
            is_near = NEAREST <= later - frame <= FARTHEST and abs(other - step) <= REACH_STEPS
            if is_near and (fan_out is None or partners < fan_out):
                partners += 1
                yield frame, step, other - step, later - frame


@given(landmarks=some_landmarks, fan_out=st.sampled_from([None, 1, 3]))
def test_all_pairs_that_count_and_no_others(landmarks: Landmarks, fan_out: int | None) -> None:
    pairs = pair_up(landmarks, fan_out)
    columns = pairs.frames, pairs.steps, pairs.gap_steps, pairs.gap_frames
    found = sorted(zip(*(column.tolist() for column in columns), strict=True))
    assert found == sorted(naive_pairs(landmarks, fan_out))


@given(landmarks=some_landmarks, tempo=st.floats(0.9, 1.1), pitch=st.floats(0.9, 1.1))
def test_keys_stay_in_range(landmarks: Landmarks, tempo: float, pitch: float) -> None:
    pairs = pair_up(landmarks)
    keys, which = keys_of(pairs, Change(tempo, pitch))
    assert ((keys >= 0) & (keys < NUM_KEYS)).all()
    # Without a change only a first landmark at the very top has no key.
    keys, which = keys_of(pairs)
    assert len(which) == np.count_nonzero(np.rint(pairs.steps) < NUM_STEPS)


def test_pairs_that_differ_have_different_keys() -> None:
    pairs = pair_up(simulated(3000, 1))
    keys, which = keys_of(pairs)
    steps = np.rint(pairs.steps[which]), np.rint(pairs.gap_steps[which])
    told = {
        key: words
        for key, *words in zip(keys.tolist(), *steps, pairs.gap_frames[which], strict=True)
    }
    assert len(set(map(tuple, told.values()))) == len(told)
    for key, *words in zip(keys.tolist(), *steps, pairs.gap_frames[which], strict=True):
        assert told[key] == words


@pytest.mark.parametrize(
    "change", [Change(1.06, 1.06), Change(0.94, 0.94), Change(1.05, 1.0), Change(1.0, 0.95)]
)
def test_under_its_change_a_pair_has_the_key_it_has_in_the_track(change: Change) -> None:
    track = simulated(20_000, 2, per_frame=0.2)
    # Whole steps: only the rounding of times may blur what is looked at here.
    pairs = pair_up(replace(track, steps=np.rint(track.steps)))
    keys, which = keys_of(pairs)
    changed = replace(
        pairs,
        steps=pairs.steps + np.float32(change.steps),
        gap_frames=np.rint(pairs.gap_frames / change.tempo).astype(np.int32),
    )
    found, of_those = keys_of(changed, change)
    np.testing.assert_array_equal(of_those, which)
    np.testing.assert_array_equal(found // GAPS, keys // GAPS)
    assert np.abs(found % GAPS - keys % GAPS).max() <= 1
    assert np.mean(found == keys) > 0.9
    unchanged, of_those = keys_of(changed)
    assert len(np.intersect1d(unchanged * 1e6 + of_those, keys * 1e6 + which)) < 0.5 * len(keys)


def test_steps_of_a_change() -> None:
    assert Change(1.0, 1.06).steps == pytest.approx(np.log(1.06) / STEP)
    assert Change(1.05).steps == 0
