"""The mixer adds exactly, ramps without jumps and loops to the sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.playback.mixer import (
    RAMP_S,
    Loop,
    Mixer,
    MixerLane,
    Part,
    downmix_matrix,
    limit,
    plan_spans,
    position_after,
)
from engine.types import Samples

RATE_HZ = 8000
RAMP = round(RAMP_S * RATE_HZ)


def noise(seed: int, num_samples: int = 1000, channels: int = 2) -> Samples:
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal((channels, num_samples))).astype(np.float32)


def lane(name: str, *samples: Samples) -> MixerLane:
    return MixerLane(name, tuple(Part(s) for s in samples))


@given(
    blocks=st.lists(st.integers(1, 300), min_size=1, max_size=20),
    position=st.integers(0, 1200),
    loop=st.none()
    | st.tuples(st.integers(0, 900), st.integers(1, 400)).map(lambda t: Loop(t[0], sum(t))),
)
def test_blocks_read_the_samples_that_follow_each_other(
    blocks: list[int], position: int, loop: Loop | None
) -> None:
    samples = np.arange(1, 2001, dtype=np.float32)[None].repeat(2, axis=0)
    mixer = Mixer([lane("a", samples)], RATE_HZ, {"a": 1.0})
    expected = position
    for count in blocks:
        block = mixer.mix_block(position, count, loop)
        for value in block[:, 0]:
            assert value == (expected + 1 if expected < 2000 else 0)
            expected += 1
            if loop is not None and expected == loop.end:
                expected = loop.start
        position = position_after(plan_spans(position, count, loop)[-1], loop)
        assert position == expected


@given(gains=st.lists(st.floats(0, 2), min_size=3, max_size=3), start=st.integers(0, 900))
def test_the_sum_is_that_of_the_lanes(gains: list[float], start: int) -> None:
    sounds = [noise(seed) for seed in range(3)]
    lanes = [lane(str(index), sound) for index, sound in enumerate(sounds)]
    mixer = Mixer(lanes, RATE_HZ, {str(i): g for i, g in enumerate(gains)})
    expected = sum(
        g * s[:, start : start + 100].astype(np.float64) for g, s in zip(gains, sounds, strict=True)
    )
    np.testing.assert_allclose(mixer.mix_block(start, 100).T, expected, atol=1e-6)


@given(start=st.integers(0, 500), position=st.integers(0, 1600), count=st.integers(1, 300))
def test_a_part_that_begins_later_is_silent_before_and_behind(
    start: int, position: int, count: int
) -> None:
    sound = noise(1)
    mixer = Mixer([MixerLane("a", (Part(sound, start=start),))], RATE_HZ, {"a": 1.0})
    assert mixer.num_samples == start + 1000
    whole = np.zeros((2, 2500), np.float32)
    whole[:, start : start + 1000] = sound
    heard = mixer.mix_block(position, count).T
    np.testing.assert_array_equal(heard, whole[:, position : position + count])


def test_a_weight_of_minus_one_takes_a_sound_out_exactly() -> None:
    mix, bgm = noise(1), noise(2)
    parts = (Part(mix), Part(bgm), Part(mix, -1.0))
    mixer = Mixer([MixerLane("ost", parts)], RATE_HZ, {"ost": 1.0})
    np.testing.assert_allclose(mixer.mix_block(0, 1000).T, bgm, atol=1e-6)


@settings(max_examples=50)
@given(changes=st.lists(st.tuples(st.integers(1, 200), st.floats(0, 4)), min_size=1, max_size=10))
def test_gains_never_move_faster_than_the_ramp(changes: list[tuple[int, float]]) -> None:
    ones = np.ones((2, 4000), np.float32)
    mixer = Mixer([lane("a", ones)], RATE_HZ, {"a": 1.0})
    heard, position = [1.0], 0
    for count, gain in changes:
        mixer.set_gains({"a": gain})
        heard += mixer.mix_block(position, count)[:, 0].tolist()
        position += count
    assert np.abs(np.diff(heard)).max() <= 4.0 / RAMP + 1e-5


def test_a_gain_is_reached_exactly_after_the_ramp_and_not_before() -> None:
    mixer = Mixer([lane("a", np.ones((2, 4000), np.float32))], RATE_HZ, {"a": 1.0})
    mixer.set_gains({"a": 0.1})
    block = mixer.mix_block(0, 3 * RAMP)[:, 0]
    assert block[0] < 1.0
    assert block[RAMP - 2] > 0.1
    assert (block[RAMP - 1 :] == np.float32(0.1)).all()


def test_the_ramp_goes_on_over_block_borders() -> None:
    def ramped(block_samples: int) -> list[float]:
        mixer = Mixer([lane("a", np.ones((2, 4000), np.float32))], RATE_HZ, {})
        mixer.set_gains({"a": 1.0})
        starts = range(0, 2 * RAMP, block_samples)
        return [v for s in starts for v in mixer.mix_block(s, block_samples)[:, 0].tolist()]

    np.testing.assert_allclose(ramped(1), ramped(2 * RAMP), atol=1e-6)


def test_lanes_of_different_length_end_in_silence() -> None:
    mixer = Mixer([lane("a", noise(1, 50)), lane("b", noise(2, 80))], RATE_HZ, {"a": 1, "b": 1})
    assert mixer.num_samples == 80
    np.testing.assert_array_equal(mixer.mix_block(60, 40)[:20].T, noise(2, 80)[:, 60:])
    assert not mixer.mix_block(80, 40).any()


@pytest.mark.parametrize("channels", range(1, 11))
def test_every_layout_becomes_stereo_with_nothing_on_the_wrong_side(channels: int) -> None:
    matrix = downmix_matrix(channels)
    assert matrix.shape == (channels, 2)
    np.testing.assert_allclose(matrix[:, 0].sum(), matrix[:, 1].sum(), rtol=1e-6)
    if channels > 1:
        assert matrix[0].tolist()[1] == 0
        assert matrix[1].tolist()[0] == 0


def test_mono_sounds_on_both_sides_at_full_level() -> None:
    samples = noise(3, channels=1)
    block = Mixer([lane("a", samples)], RATE_HZ, {"a": 1.0}).mix_block(0, 1000)
    np.testing.assert_array_equal(block[:, 0], samples[0])
    np.testing.assert_array_equal(block[:, 1], samples[0])


def test_limit_clips_only_what_is_over_and_counts_frames() -> None:
    block = np.array([[0.5, -2.0], [1.0, -1.0], [3.0, 3.0]], np.float32)
    assert limit(block) == 2
    assert block.tolist() == [[0.5, -1.0], [1.0, -1.0], [1.0, 1.0]]
    assert limit(np.zeros((0, 2), np.float32)) == 0


def test_a_loop_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="start < end"):
        Loop(5, 5)


def test_it_is_as_long_as_it_is_said_to_be_whatever_the_lanes_hold() -> None:
    lane = MixerLane("mix", (Part(np.ones((2, 100), np.float32)),))
    for length in (60, 100, 140):
        mixer = Mixer([lane], 8000, {"mix": 1.0}, length)
        assert mixer.num_samples == length
        heard = mixer.mix_block(0, 200)
        assert not heard[100:].any()
    assert Mixer([lane], 8000, {}).num_samples == 100
