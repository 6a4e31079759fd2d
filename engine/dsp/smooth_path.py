"""Quantities that change slowly along an axis and now and then jump, from noisy measurements.

A gain over time and a frequency response over frequency are the same problem: at each place a
measurement with a known precision (often next to none), and a prior that neighbours are alike.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve_banded, cholesky_banded

_STIFFNESSES: NDArray[np.float64] = np.logspace(-2, 9, 12)
_JUMP_SHARE = 0.3
_REWEIGHTINGS = 2
_DIAGONAL_SHARE = 1e-13
"""So much larger diagonals are positive definite whatever is rounded, and mean the same.

Source: Higham, "Accuracy and Stability of Numerical Algorithms" (2002), theorem 10.7.
"""


def smooth_path(
    precision: NDArray[np.number], weighted: NDArray[np.number], ridge: float, order: int = 1
) -> NDArray[np.number]:
    """The most probable path x of min sum (x - m)' P (x - m) + ridge |x|^2 + stiffness |diff x|^2.

    The stiffness is the one of greatest marginal likelihood; then steps much larger than usual
    are made cheaper, which keeps edges sharp (as an L1 penalty on the differences does).

    Args:
        precision: (places, m, m) Hermitian, P: the inverse covariance of each measurement. It may
            leave directions open, and be of any size, but must not be negative in any direction.
        weighted: (places, m), P times the measurement.
        ridge: Precision of the prior around 0, positive.
        order: Differences that are small: 1 for steps, 2 for changes of slope.

    Returns:
        (places, m), of the type of `weighted`.
    """
    places = len(weighted)
    if places <= order:
        pull = precision + ridge * np.eye(weighted.shape[1])
        return np.linalg.solve(pull, weighted[..., None])[..., 0]
    system = _Banded(precision, weighted, ridge, order)
    stiffness = _STIFFNESSES[_summit(lambda i: system.evidence(_STIFFNESSES[i]))]
    usual = stiffness**-0.5
    path = system.solve(np.full(places - order, stiffness))
    for _ in range(_REWEIGHTINGS):
        step = np.sqrt((np.abs(np.diff(path, order, axis=0)) ** 2).mean(1))
        path = system.solve(1 / (_JUMP_SHARE * step * usual + (1 - _JUMP_SHARE) * usual**2))
    return path


def smooth_paths(
    precision: NDArray[np.float64], weighted: NDArray[np.complex128], ridge: float
) -> NDArray[np.complex128]:
    """Many independent paths of one unknown each, all at once; steps are small (order 1).

    Args:
        precision: (places, paths), at least 2 places.
        weighted: (places, paths), precision times measurement.
        ridge: Precision of the prior around 0, positive.

    Returns:
        (places, paths), each as of `smooth_path`.
    """
    system = _Tridiagonals(precision + ridge, weighted)
    stiffness = _STIFFNESSES[system.evidence(_STIFFNESSES).argmax(0)]
    usual = stiffness**-0.5
    path = system.solve(np.tile(stiffness, (len(weighted) - 1, 1)))
    for _ in range(_REWEIGHTINGS):
        step = np.abs(np.diff(path, axis=0))
        path = system.solve(1 / (_JUMP_SHARE * step * usual + (1 - _JUMP_SHARE) * usual**2))
    return path


def _summit(height: Callable[[int], float]) -> int:
    """Index of the stiffness where a function with one summit is highest, in few steps."""
    known: dict[int, float] = {}
    last = len(_STIFFNESSES) - 1
    best, stride = last // 2, last // 4
    while stride:
        near = {best, max(best - stride, 0), min(best + stride, last)}
        known.update({i: height(i) for i in near - known.keys()})
        highest = max(known, key=known.__getitem__)
        if highest == best:
            stride //= 2
        best = highest
    return best


class _Banded:
    """The linear system of a path as a Hermitian band matrix, upper form."""

    def __init__(
        self,
        precision: NDArray[np.number],
        weighted: NDArray[np.number],
        ridge: float,
        order: int,
    ) -> None:
        self._places, self._width = weighted.shape
        self._weighted = weighted.reshape(-1)
        self._difference = np.array([1.0, -1.0] if order == 1 else [1.0, -2.0, 1.0])
        self._top = self._width * (order + 1) - 1
        self._measured = np.zeros((self._top + 1, weighted.size), precision.dtype)
        for i in range(self._width):
            for j in range(i, self._width):
                self._measured[self._top - (j - i), j :: self._width] = precision[:, i, j]
        self._measured[self._top] += ridge

    def solve(self, stiffness: NDArray[np.float64]) -> NDArray[np.number]:
        """The path (places, m) for a stiffness of each difference."""
        solution = cho_solve_banded(
            (self._factor(stiffness), False), self._weighted, check_finite=False
        )
        return solution.reshape(self._places, self._width)

    def evidence(self, stiffness: float) -> float:
        """Log marginal likelihood of one stiffness for all, up to a constant."""
        each = np.full(self._places - len(self._difference) + 1, stiffness)
        factor = self._factor(each)
        path = cho_solve_banded((factor, False), self._weighted, check_finite=False)
        fit = float(np.vdot(self._weighted, path).real)
        volume: float = 2 * np.log(factor[self._top].real).sum()
        prior = self._width * len(each) * math.log(stiffness)
        return float(fit - volume + prior)

    def _factor(self, stiffness: NDArray[np.float64]) -> NDArray[np.number]:
        matrix = self._measured.copy()
        taps = len(self._difference)
        for p in range(taps):
            for q in range(p, taps):
                entries = np.repeat(
                    stiffness * self._difference[p] * self._difference[q], self._width
                )
                start = q * self._width
                row = self._top - self._width * (q - p)
                matrix[row, start : start + len(entries)] += entries
        matrix[self._top] *= 1 + _DIAGONAL_SHARE
        return cholesky_banded(matrix, overwrite_ab=True, check_finite=False)


class _Tridiagonals:
    """The linear systems of many paths, eliminated side by side, place after place."""

    def __init__(self, diagonal: NDArray[np.float64], weighted: NDArray[np.complex128]) -> None:
        self._diagonal, self._weighted = diagonal, weighted

    def evidence(self, stiffnesses: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log marginal likelihood (stiffnesses, paths) up to a constant."""
        places = len(self._diagonal)
        coupling = stiffnesses[:, None]
        fit = volume = np.zeros(())
        for pivot, right in self._eliminated(lambda _: coupling):
            fit = fit + (right.real**2 + right.imag**2) / pivot
            volume = volume + np.log(pivot)
        return np.asarray(fit - volume + (places - 1) * np.log(coupling))

    def solve(self, coupling: NDArray[np.float64]) -> NDArray[np.complex128]:
        """The paths (places, paths) for the stiffness (places - 1, paths) of each step."""
        eliminated = list(self._eliminated(coupling.__getitem__))
        path = np.empty_like(self._weighted)
        pivot, right = eliminated[-1]
        path[-1] = right / pivot
        for place in range(len(path) - 2, -1, -1):
            pivot, right = eliminated[place]
            path[place] = (right + coupling[place] * path[place + 1]) / pivot
        return path

    def _eliminated(
        self, coupling: Callable[[int], NDArray[np.float64]]
    ) -> Iterator[tuple[NDArray[np.float64], NDArray[np.complex128]]]:
        """Pivot and right side of each place once the places before it are eliminated."""
        last = len(self._diagonal) - 1
        pivot, right = self._diagonal[0] + coupling(0), self._weighted[0]
        yield pivot, right
        for place in range(1, last + 1):
            before = coupling(place - 1)
            ratio = before / pivot
            after = coupling(place) if place < last else 0.0
            right = self._weighted[place] + ratio * right
            # What the elimination leaves of `before`, without the cancellation of a difference.
            pivot = self._diagonal[place] + after + before * (1 - ratio)
            yield pivot, right
