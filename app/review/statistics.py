"""What answers of a listening test show: exact tests and intervals, at the few trials there are."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""What chance alone does less often than this is not put down to chance."""

_CONFIDENCE = 0.95
_EXACT_UP_TO = 1000
"""Answers up to which whole numbers are counted with; more are counted with logarithms."""

_FEW_SPLITS = 100
_MOST_SPLITS = 1_000_000
_RESAMPLES = 4000
_BISECTIONS = 60


def chance_of_at_least(right: int, trials: int, share: float = 0.5) -> float:
    """Probability of `right` or more hits in independent trials that each hit with `share`."""
    if trials > _EXACT_UP_TO:
        return _tail_of_many(right, trials, share)
    return min(1.0, math.fsum(_binomial(k, trials, share) for k in range(right, trials + 1)))


def right_needed(trials: int) -> int | None:
    """The fewest hits that chance alone gives in less than `LEVEL`; None: too few trials."""
    chances = ((k, chance_of_at_least(k, trials)) for k in range(trials + 1))
    return next((k for k, chance in chances if chance < LEVEL), None)


def power(trials: int, share: float) -> float:
    """How often a listener passes who is right in `share` of the trials."""
    needed = right_needed(trials)
    return 0.0 if needed is None else chance_of_at_least(needed, trials, share)


def share_interval(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934: exact, so it never covers less.
    """
    tail = (1 - _CONFIDENCE) / 2
    low = _root(lambda p: chance_of_at_least(count, total, p) - tail) if count else 0.0
    is_all = count == total
    high = 1.0 if is_all else _root(lambda p: chance_of_at_least(count + 1, total, p) - 1 + tail)
    return low, high


def chance_of_shares(counts: Sequence[int]) -> float:
    """Probability that equally good candidates differ as much as this or more.

    The exact multinomial test: all outcomes that are no more probable than the one seen. With two
    candidates it is the two-sided sign test. Of thousands of answers to three candidates it is
    Pearson's chi-squared test, which by then says the same.
    """
    if len(counts) == 3 and math.comb(sum(counts) + 2, 2) > _MOST_SPLITS:
        return _chance_of_three(counts)
    if sum(counts) > _FEW_SPLITS:
        return _chance_of_many(counts)
    seen = _multinomial(counts)
    # Outcomes as probable as the one seen differ from it by rounding only.
    bound = seen * (1 + 1e-9)
    outcomes = (_multinomial(each) for each in _splits(sum(counts), len(counts)))
    return min(1.0, math.fsum(chance for chance in outcomes if chance <= bound))


def nominal_agreement(units: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha of choices: 1 is agreement, 0 what chance would do.

    Krippendorff, "Content Analysis: An Introduction to Its Methodology", chapter 11: agreement on
    nominal data with missing values.

    Args:
        units: What the listeners chose, for each stretch that was listened to.

    Returns:
        None if no two stretches were heard by two listeners, or all was chosen alike everywhere.
    """
    shared = [Counter(unit) for unit in units if len(unit) >= 2]
    chosen = sum(shared, Counter[str]())
    total = chosen.total()
    expected = _pairs(chosen) / (total - 1) if total else 0.0
    if len(shared) < 2 or not expected:
        return None
    observed = math.fsum(_pairs(unit) / (unit.total() - 1) for unit in shared)
    return 1 - observed / expected


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean by the bootstrap; the same for the same values."""
    drawn = np.random.default_rng(0).choice(values, (_RESAMPLES, len(values)))
    low, high = np.quantile(drawn.mean(axis=1), [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)


def _pairs(chosen: Counter[str]) -> int:
    """Ordered pairs of two different choices."""
    return chosen.total() ** 2 - sum(count**2 for count in chosen.values())


def _binomial(hits: int, trials: int, share: float) -> float:
    return math.comb(trials, hits) * share**hits * (1 - share) ** (trials - hits)


def _tail_of_many(right: int, trials: int, share: float) -> float:
    """The same tail by logarithms: powers of whole numbers would be too large."""
    if share in (0.0, 1.0):
        return float(trials * share >= right)
    hits = np.arange(right, trials + 1)
    logs = _log_factorials(trials)
    log_chances = logs[trials] - logs[hits] - logs[trials - hits]
    log_chances += hits * math.log(share) + (trials - hits) * math.log1p(-share)
    return min(1.0, float(np.exp(log_chances).sum()))


@lru_cache(maxsize=8)
def _log_factorials(largest: int) -> NDArray[np.float64]:
    return np.array([math.lgamma(count + 1) for count in range(largest + 1)])


def _chance_of_many(counts: Sequence[int]) -> float:
    """The exact multinomial test of two or three candidates, by logarithms."""
    total = sum(counts)
    logs = _log_factorials(total)
    first = np.arange(total + 1)
    second = first[:, None] if len(counts) == 3 else np.zeros((1, 1), np.int64)
    third = total - first - second
    log_ways = logs[total] - logs[first] - logs[second] - logs[np.maximum(third, 0)]
    seen = logs[total] - sum(logs[count] for count in counts)
    is_as_odd = (third >= 0) & (log_ways <= seen + 1e-9)
    return min(1.0, float(np.exp(log_ways[is_as_odd] - total * math.log(len(counts))).sum()))


def _chance_of_three(counts: Sequence[int]) -> float:
    """Pearson's test of three counts: of two degrees of freedom the tail is an exponential."""
    mean = sum(counts) / 3
    return math.exp(-sum((count - mean) ** 2 for count in counts) / mean / 2)


def _multinomial(counts: Sequence[int]) -> float:
    ways = math.factorial(sum(counts)) // math.prod(math.factorial(count) for count in counts)
    return float(ways / len(counts) ** sum(counts))


def _splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to give `total` answers to so many candidates."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _splits(total - first, parts - 1):
            yield (first, *rest)


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
