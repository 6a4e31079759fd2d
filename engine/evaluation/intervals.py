"""Means with intervals that know that mixes of the same two tracks are no independent tries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its 95 % bootstrap interval; None where nothing could be measured."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0

    def __str__(self) -> str:
        """For a table."""
        if self.mean is None:
            return "-"
        if self.low is None or self.high is None:
            return f"{self.mean:.2f}"
        return f"{self.mean:.2f} ({self.low:.2f} .. {self.high:.2f})"


def crossed_mean(
    values: Sequence[float], first: Sequence[str], second: Sequence[str], seed: int = 0
) -> Mean:
    """Mean of the finite values, with the tracks of both sides drawn anew for the interval.

    Args:
        values: One a mix.
        first: Name of the track on one side of each mix.
        second: Name of the track on the other.
        seed: Of the draws.

    Source: Owen, "The pigeonhole bootstrap" (2007).
    """
    finite = np.isfinite(values)
    if not finite.any():
        return Mean(None)
    kept = np.asarray(values, np.float64)[finite]
    rng = np.random.default_rng(seed)
    weights = np.ones((RESAMPLES, kept.size))
    for names in (first, second):
        weights *= _drawn_counts(np.asarray(names)[finite], rng)
    total = weights.sum(axis=1)
    means = (weights @ kept)[total > 0] / total[total > 0]
    low, high = np.quantile(means, [0.025, 0.975]) if means.size else (kept.mean(), kept.mean())
    return Mean(float(kept.mean()), float(low), float(high), int(kept.size))


def _drawn_counts(names: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.float64]:
    """How often each value's track is drawn: (RESAMPLES, num_values)."""
    tracks, place = np.unique(names, return_inverse=True)
    shares = np.full(tracks.size, 1 / tracks.size)
    return np.asarray(rng.multinomial(tracks.size, shares, RESAMPLES)[:, place], np.float64)
