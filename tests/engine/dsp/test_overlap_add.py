"""The overlap-add gives back what a network that changes nothing gives it, wherever it goes on."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.dsp.overlap_add import Chunking, Finished, Network, Order, Stems, Step, overlap_add


@st.composite
def chunkings(draw: st.DrawFn) -> Chunking:
    chunk = draw(st.integers(1, 64))
    return Chunking(chunk, draw(st.integers(1, chunk)), draw(st.integers(1, 5)))


def two_stems(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The identity as the first stem, its negative as the second."""
    return np.stack([batch, -batch], axis=1)


def joined(steps: list[Step]) -> Stems:
    return np.concatenate([step.stems for step in steps], axis=-1)


def run(sound: NDArray[np.float32], chunking: Chunking, network: Network = two_stems) -> Stems:
    return joined(list(overlap_add(sound, network, chunking)))


@given(chunkings(), st.integers(1, 400), st.integers(1, 3))
def test_identity_network_gives_the_sound_back(
    chunking: Chunking, num_samples: int, channels: int
) -> None:
    sound = np.random.default_rng(0).standard_normal((channels, num_samples)).astype(np.float32)
    stems = run(sound, chunking)
    assert stems.shape == (2, channels, num_samples)
    np.testing.assert_allclose(stems[0], sound, rtol=0, atol=2e-6)
    np.testing.assert_allclose(stems[1], -sound, rtol=0, atol=2e-6)


@given(chunkings(), st.integers(1, 1000))
def test_every_sample_has_weight(chunking: Chunking, num_samples: int) -> None:
    weight = np.zeros(max(num_samples, chunking.chunk_samples))
    for start in chunking.starts(num_samples):
        weight[start : start + chunking.chunk_samples] += chunking.window()
    assert weight[:num_samples].min() >= 1e-3


@given(chunkings(), st.integers(1, 1000))
def test_chunks_lie_inside_the_sound(chunking: Chunking, num_samples: int) -> None:
    starts = chunking.starts(num_samples)
    assert starts[0] == 0
    assert all(0 < b - a <= chunking.hop_samples for a, b in pairwise(starts))
    assert starts[-1] + chunking.chunk_samples == max(num_samples, chunking.chunk_samples)


def test_window_fades_over_the_overlap_only() -> None:
    window = Chunking(100, 75).window()
    assert np.all(window[25:75] == 1)
    np.testing.assert_allclose(window[:25] + window[:25][::-1], 1, atol=2e-3)
    assert np.all(np.diff(window[:25]) > 0)


def position_dependent(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return two_stems(np.cumsum(batch, axis=-1))


def test_batches_do_not_change_the_result() -> None:
    sound = np.random.default_rng(1).standard_normal((2, 777)).astype(np.float32)
    results = [run(sound, Chunking(100, 60, n), position_dependent) for n in (1, 2, 7, 50)]
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


def swapping(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two unlike stems of a sound, swapped by a whim of the chunk; batches of others differ."""
    stems = np.stack([batch, 0.1 * batch**2 + 0.01 * len(batch)], axis=1)
    swapped = np.abs(batch).sum((1, 2)) * 1e3 % 2 > 1
    stems[swapped] = stems[swapped, ::-1]
    return stems


def most_parallel(there: Stems, coming: Stems) -> Order:
    return (0, 1) if np.vdot(there[0], coming[0]) > np.vdot(there[0], coming[1]) else (1, 0)


def test_order_undoes_swapped_stems() -> None:
    sound = np.random.default_rng(2).standard_normal((1, 1000)).astype(np.float32)
    steps = list(overlap_add(sound, swapping, Chunking(100, 50), most_parallel))
    first = 0 if np.allclose(joined(steps)[0, 0, :50], sound[0, :50]) else 1
    np.testing.assert_allclose(joined(steps)[first], sound, atol=1e-5)
    assert len({order for step in steps for order in step.orders}) == 2


@given(chunkings(), st.integers(1, 400), st.integers(0, 2**32 - 1), st.data())
def test_work_that_broke_off_anywhere_ends_bit_for_bit_the_same(
    chunking: Chunking, num_samples: int, seed: int, data: st.DataObject
) -> None:
    sound = np.random.default_rng(seed).standard_normal((2, num_samples)).astype(np.float32)
    steps = list(overlap_add(sound, swapping, chunking, most_parallel))
    before = steps[: data.draw(st.integers(0, len(steps)))]
    orders = tuple(order for step in before for order in step.orders)
    there = sum(step.stems.shape[-1] for step in before)
    asked = []

    def network(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        asked.append(len(batch))
        return swapping(batch)

    finished = Finished(there, orders)
    after = list(overlap_add(sound, network, chunking, most_parallel, finished))
    np.testing.assert_array_equal(joined([*before, *after]), joined(steps))
    assert orders + tuple(o for step in after for o in step.orders) == tuple(
        order for step in steps for order in step.orders
    )
    # No more is done again than reaches beyond what is there, in whole batches.
    starts = np.array(chunking.starts(num_samples))
    needed = int((starts + chunking.chunk_samples > there).sum()) if there < num_samples else 0
    assert needed <= sum(asked) < needed + chunking.batch_size


def test_silence_of_no_length_gives_nothing() -> None:
    assert list(overlap_add(np.zeros((2, 0), np.float32), two_stems, Chunking(4, 2))) == []


@pytest.mark.parametrize(("chunk", "hop", "batch"), [(0, 0, 1), (4, 5, 1), (4, 0, 1), (4, 2, 0)])
def test_refuses_gaps(chunk: int, hop: int, batch: int) -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        Chunking(chunk, hop, batch)
