"""What answers of a listening test show: exact tests and intervals, at the few trials there are."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

LEVEL = 0.05
"""What chance alone does less often than this is not put down to chance."""

_CONFIDENCE = 0.95
_RESAMPLES = 4000
_BISECTIONS = 60


def chance_of_at_least(right: int, trials: int, share: float = 0.5) -> float:
    """Probability of `right` or more hits in independent trials that each hit with `share`."""
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
    candidates it is the two-sided sign test.
    """
    seen = _multinomial(counts)
    # Outcomes as probable as the one seen differ from it by rounding only.
    bound = seen * (1 + 1e-9)
    outcomes = (_multinomial(each) for each in _splits(sum(counts), len(counts)))
    return min(1.0, math.fsum(chance for chance in outcomes if chance <= bound))


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean by the bootstrap; the same for the same values."""
    drawn = np.random.default_rng(0).choice(values, (_RESAMPLES, len(values)))
    low, high = np.quantile(drawn.mean(axis=1), [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return float(low), float(high)


def _binomial(hits: int, trials: int, share: float) -> float:
    return math.comb(trials, hits) * share**hits * (1 - share) ** (trials - hits)


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
