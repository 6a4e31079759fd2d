"""Smooth paths through noisy measurements."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.dsp.smooth_path import smooth_path, smooth_paths

Path = NDArray[np.float64]


def scalar_path(precision: Path, values: Path, ridge: float = 1e-9, order: int = 1) -> Path:
    precision = np.asarray(precision, float)
    weighted = precision * np.asarray(values, float)
    path = smooth_path(precision[:, None, None], weighted[:, None], ridge, order)
    return np.asarray(path[:, 0], np.float64)


def test_noise_is_averaged_away() -> None:
    rng = np.random.default_rng(0)
    path = scalar_path(np.ones(400), 3 + rng.normal(size=400))
    assert np.abs(path - 3).max() < 0.35


def test_a_jump_stays_sharp() -> None:
    rng = np.random.default_rng(0)
    truth = np.where(np.arange(400) < 200, 0.0, 5.0)
    path = scalar_path(np.full(400, 25.0), truth + 0.2 * rng.normal(size=400))
    assert abs(path[197]) < 0.7
    assert abs(path[202] - 5) < 0.7


def test_places_without_measurement_are_bridged() -> None:
    precision = np.ones(101)
    precision[1:100] = 0
    path = scalar_path(precision, np.linspace(0, 10, 101), order=1)
    assert np.all(np.diff(path) > 0)
    assert path[50] == pytest.approx(5, abs=0.1)


def test_a_line_is_no_change_of_slope() -> None:
    line = np.linspace(-1, 4, 60)
    np.testing.assert_allclose(scalar_path(np.ones(60), line, order=2), line, atol=1e-3)


@pytest.mark.parametrize("places", [1, 2, 3])
@pytest.mark.parametrize("order", [1, 2])
def test_very_short_paths(places: int, order: int) -> None:
    path = scalar_path(np.full(places, 1e6), np.full(places, 2.0), order=order)
    np.testing.assert_allclose(path, 2.0, rtol=1e-3)


def test_nothing_measured_gives_the_prior() -> None:
    assert not scalar_path(np.zeros(50), np.ones(50), ridge=1e-3, order=2).any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 40))
def test_coupled_complex_unknowns_are_recovered(seed: int, places: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.tile(rng.normal(size=2) + 1j * rng.normal(size=2), (places, 1))
    root = rng.normal(size=(places, 2, 2)) + 1j * rng.normal(size=(places, 2, 2))
    precision = 100 * (root @ root.conj().swapaxes(1, 2) + 0.1 * np.eye(2))
    weighted = np.einsum("nij,nj->ni", precision, truth)
    np.testing.assert_allclose(smooth_path(precision, weighted, 1e-9), truth, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    places=st.integers(1, 80),
    unknowns=st.integers(1, 8),
    exponents=st.tuples(st.integers(-20, 25), st.integers(-20, 25)),
    share_measured=st.sampled_from([0.0, 0.1, 1.0]),
    ridge=st.sampled_from([1e-3, 1e-9]),
    order=st.sampled_from([1, 2]),
)
def test_any_size_of_precision_gives_a_path_of_the_size_of_the_measurements(
    seed: int,
    places: int,
    unknowns: int,
    exponents: tuple[int, int],
    share_measured: float,
    ridge: float,
    order: int,
) -> None:
    rng = np.random.default_rng(seed)
    # Copies of one channel: all directions but one are open.
    root = rng.normal(size=(places, 1, 1)) * np.ones((1, unknowns, 1))
    size = 10.0 ** rng.uniform(min(exponents), max(exponents), (places, 1, 1))
    size *= rng.random((places, 1, 1)) < share_measured
    precision = (size * (root @ root.swapaxes(1, 2))).astype(complex)
    values = rng.normal(size=(places, unknowns))
    weighted = np.einsum("nij,nj->ni", precision, values)
    path = smooth_path(precision, weighted, ridge + 1e-9 * float(np.abs(precision).mean()), order)
    assert np.abs(path).max() < 1e3 * max(1.0, float(np.abs(values).max()))


def test_many_paths_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    precision = rng.uniform(0, 4, (90, 5)) ** 3
    steps = np.cumsum(rng.normal(size=(90, 5)) * [0, 0.01, 0.1, 1, 3], axis=0)
    noise = rng.normal(size=(2, 90, 5)) / np.sqrt(precision + 1e-9)
    weighted = precision * (steps + noise[0] + 1j * noise[1])
    together = smooth_paths(precision, weighted, 1e-3)
    for path, p, w in zip(together.T, precision.T, weighted.T, strict=True):
        alone = smooth_path(p[:, None, None], w[:, None], 1e-3)[:, 0]
        np.testing.assert_allclose(path, alone, rtol=1e-6, atol=1e-9)
