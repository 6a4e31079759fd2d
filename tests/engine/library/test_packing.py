"""Landmarks come back as they were, to an eighth of a step; what is damaged is said."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.dsp.landmarks import NUM_STEPS, Landmarks
from engine.errors import LibraryError
from engine.library.packing import pack, unpack
from tests.helpers.library import simulated

points = st.lists(st.tuples(st.integers(0, 2**24), st.floats(0, NUM_STEPS, width=32)), max_size=40)


@given(points)
@example([])
@example([(2**24, 320.0)])
def test_there_and_back(points: list[tuple[int, float]]) -> None:
    points.sort()
    frames = np.array([frame for frame, _ in points], np.int32)
    steps = np.array([step for _, step in points], np.float32)
    back = unpack(pack(Landmarks(frames, steps, np.ones_like(frames), 12_345)))
    np.testing.assert_array_equal(back.frames, frames)
    np.testing.assert_allclose(back.steps, steps, atol=1 / 16)
    assert back.steps.dtype == np.float32
    assert not back.ranks.any()
    assert back.num_frames == 12_345


def test_three_bytes_a_landmark() -> None:
    landmarks = simulated(10_000, 1)
    assert len(pack(landmarks)) < 3.01 * len(landmarks.frames)


def test_of_what_is_no_music_there_are_none() -> None:
    assert len(unpack(b"").frames) == 0


DAMAGES = {
    "cut": lambda data: data[:-5],
    "only the header": lambda data: data[:8],
    "half a header": lambda data: data[:5],
    "garbage": lambda data: data[:8] + bytes(200),
    "another count": lambda data: data[:8] + b"\x09" + data[9:],
    "fewer gaps": lambda data: data[:4] + b"\x09" + data[5:],
    "a bit turned": lambda data: data[:100] + bytes([data[100] ^ 4]) + data[101:],
}


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_said(how: str) -> None:
    damaged = DAMAGES[how](pack(simulated(500, 2)))
    with pytest.raises(LibraryError, match="damaged") as caught:
        unpack(damaged)
    assert "rebuild" in caught.value.hint
