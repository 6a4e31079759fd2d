"""Landmarks lie where the sound stands out, however it is cut, mixed down, or played."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dsp.landmarks import (
    FRAME_S,
    HOP_SAMPLES,
    NUM_STEPS,
    RATE_HZ,
    STEP,
    Landmarks,
    find_landmarks,
)
from engine.types import Samples
from tests.helpers.library import faster
from tests.helpers.media import noise

SOUND_S = 4
SOUNDS = {rate_hz: noise(SOUND_S, rate_hz, seed=3) for rate_hz in (RATE_HZ, 44_100)}


def plucked(*hertz: float, seconds: float = 2.0) -> Samples:
    """Tones that begin together in the middle and fade away, (1, num_samples) at `RATE_HZ`."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ - seconds / 2
    envelope = np.where(time_s < 0, 0.0, np.exp(-3 * time_s) * np.minimum(1, time_s / 0.02))
    tones = sum(np.sin(2 * np.pi * f * time_s) for f in hertz)
    return (0.2 * envelope * tones)[None].astype(np.float32)


def places(landmarks: Landmarks) -> set[tuple[int, int]]:
    """Frames and whole steps."""
    steps = np.rint(landmarks.steps).astype(int)
    return set(zip(landmarks.frames.tolist(), steps.tolist(), strict=True))


def assert_alike(one: Landmarks, other: Landmarks) -> None:
    np.testing.assert_array_equal(one.frames, other.frames)
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_array_equal(one.ranks, other.ranks)
    assert one.num_frames == other.num_frames


@given(
    rate_hz=st.sampled_from(list(SOUNDS)),
    cuts=st.lists(st.integers(0, SOUND_S * RATE_HZ), max_size=6),
)
@settings(max_examples=8)
def test_it_does_not_matter_how_the_sound_is_cut(rate_hz: int, cuts: list[int]) -> None:
    sound = SOUNDS[rate_hz]
    edges = (0, *sorted(cuts), sound.shape[1])
    blocks = [sound[:, start:stop] for start, stop in pairwise(edges)]
    found = find_landmarks(blocks, rate_hz, 25)
    assert_alike(found, find_landmarks([sound], rate_hz, 25))
    assert len(found.frames) > 20 * SOUND_S


def test_where_the_inner_blocks_meet_nothing_is_lost_or_found_twice() -> None:
    # One inner block is 43.7 s long: the same second of sound lies in it and across its end.
    second = noise(1.0, RATE_HZ, 1, seed=8)
    silence = np.zeros((1, 256 * 2048 - 256 * 24), np.float32)
    rest = np.zeros((1, 5 * RATE_HZ), np.float32)
    found = find_landmarks([silence, second, rest], RATE_HZ, 1000)
    alone = find_landmarks([np.zeros((1, 256 * 100), np.float32), second, rest], RATE_HZ, 1000)
    np.testing.assert_array_equal(found.frames - (2048 - 24), alone.frames - 100)
    np.testing.assert_allclose(found.steps, alone.steps, atol=0.01)


@pytest.mark.parametrize("hertz", [230.0, 440.0, 1234.5, 4400.0])
def test_a_pure_tone_gives_its_step(hertz: float) -> None:
    found = find_landmarks([plucked(hertz)], RATE_HZ, 25)
    (first,) = np.flatnonzero(found.ranks == 0)
    assert found.steps[first] == pytest.approx(np.log(hertz / 200) / STEP, abs=0.1)
    assert found.frames[first] * FRAME_S == pytest.approx(1.08, abs=0.05)


@pytest.mark.parametrize("pitch", [0.94, 1.03, 1.06])
def test_another_pitch_moves_all_steps_alike(pitch: float) -> None:
    hertz = np.array([330.0, 620.0, 1500.0, 3300.0])
    found = [find_landmarks([plucked(*tones)], RATE_HZ, 25) for tones in (hertz, hertz * pitch)]
    steps = [np.sort(each.steps[each.ranks < len(hertz)]) for each in found]
    np.testing.assert_allclose(steps[1] - steps[0], np.log(pitch) / STEP, atol=0.25)


def test_another_speed_moves_times_as_well() -> None:
    sound = noise(6, RATE_HZ, 1, seed=5)
    slow = find_landmarks([sound], RATE_HZ, 25)
    fast = find_landmarks([faster(sound, 1.05)], RATE_HZ, 25)
    expected = np.stack((slow.frames / 1.05, slow.steps + np.log(1.05) / STEP), axis=1)
    got = np.stack((fast.frames, fast.steps), axis=1)
    far = np.abs(expected[:, None] - got[None]).max(2).min(1)
    assert np.mean(far <= 2) > 0.4
    unmoved = np.stack((slow.frames, slow.steps), axis=1)
    assert np.mean(np.abs(unmoved[:, None] - got[None]).max(2).min(1) <= 2) < 0.2


def test_neither_level_nor_channels_matter() -> None:
    mono = noise(3, RATE_HZ, 1, seed=6)
    plain = places(find_landmarks([mono], RATE_HZ, 25))
    wide = np.concatenate((1.5 * mono, 0.5 * mono))
    for other in (0.03 * mono, wide):
        found = places(find_landmarks([other], RATE_HZ, 25))
        assert len(found & plain) > 0.85 * len(plain)


@pytest.mark.parametrize("per_s", [1, 10, 60])
def test_the_strongest_of_each_second_are_taken(per_s: int) -> None:
    sound = SOUNDS[RATE_HZ]
    every = find_landmarks([sound], RATE_HZ, 10_000)
    few = find_landmarks([sound], RATE_HZ, per_s)
    assert_alike(few, every.strongest(per_s))
    seconds = few.frames // round(1 / FRAME_S)
    # A second is counted as 47 frames, which is a little more.
    assert np.bincount(seconds).max() <= per_s + 1
    assert (np.diff(every.frames) >= 0).all()


@pytest.mark.parametrize("num_samples", [0, 1, 256, 257, 30_000])
def test_all_lie_inside_the_sound(num_samples: int) -> None:
    found = find_landmarks([SOUNDS[RATE_HZ][:, :num_samples]], RATE_HZ, 10_000)
    assert found.num_frames == -(-num_samples // HOP_SAMPLES)
    assert ((found.frames >= 0) & (found.frames < found.num_frames)).all()
    assert ((found.steps >= 0) & (found.steps <= NUM_STEPS)).all()


@pytest.mark.parametrize("blocks", [[], [np.zeros((2, 3 * RATE_HZ), np.float32)]])
def test_silence_has_none(blocks: list[Samples]) -> None:
    assert len(find_landmarks(blocks, RATE_HZ, 25).frames) == 0


@given(first=st.integers(0, 200), length=st.integers(0, 300))
@settings(max_examples=20)
def test_a_stretch_counts_from_its_own_beginning(first: int, length: int) -> None:
    whole = EVERY
    part = whole.between(first, first + length)
    inside = (whole.frames >= first) & (whole.frames < first + length)
    np.testing.assert_array_equal(part.frames, whole.frames[inside] - first)
    np.testing.assert_array_equal(part.steps, whole.steps[inside])
    assert part.num_frames == length


EVERY = find_landmarks([SOUNDS[RATE_HZ]], RATE_HZ, 60)
