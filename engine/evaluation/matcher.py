"""How well the baseline matcher tells a picture's own music from foreign music.

Two-way accuracy for each kind of link stands beside the trivial lines, then the verdicts with their
calibration. With the link taken away, accuracy must fall to one half; if it does not, the matcher
goes by something else than the picture.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.context import PlainContext
from engine.datasets.linked_pairs import Case, Link, make_case
from engine.dsp.coincidence import Evidence
from engine.evaluation.tables import markdown
from engine.models.matcher import DecisionRule, MatcherParams
from engine.stages.matcher import (
    ANSWERS,
    baseline_params,
    decide,
    log_ratio,
    pair_evidence,
)
from engine.stages.picture_features import picture_curves
from engine.types import Verdict

LINKED = (Link.CUTS, Link.MOVEMENT, Link.BOTH)
SEED = 2_000_000
SEED_WITHOUT_LINK = 3_000_000
DURATIONS_S = (10.0, 40.0)


@dataclass(frozen=True, slots=True)
class MeasuredCase:
    """What is left of a case once its links are measured.

    Attributes:
        truth: Which of the sounds belong to the picture.
        link: What of the picture follows the music.
        first: Evidence for the first sound, in the order of `LINKS`.
        second: Evidence for the second.
        louder_first: Whether the first sound has the higher level.
    """

    truth: Verdict
    link: Link
    first: tuple[Evidence, ...]
    second: tuple[Evidence, ...]
    louder_first: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Two-way accuracy on the cases of one kind in which exactly one sound belongs.

    Attributes:
        link: The kind.
        num_cases: How many there were.
        matcher: Part in which the sound that belongs scores higher.
        louder: Part in which it is the louder one.
    """

    link: Link
    num_cases: int
    matcher: float
    louder: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How often there is an answer other than unsure, and how good those are.

    Attributes:
        decided: Part of all cases with an answer.
        right: Part of the answers that is right.
        calibration_error: Expected calibration error of the answers' confidence, ten bins.
    """

    decided: float
    right: float
    calibration_error: float


def measure_cases(
    first_seed: int, num_cases: int, links: Sequence[Link] = LINKED, processes: int = 1
) -> list[MeasuredCase]:
    """Generate cases and measure them; the kinds of link take turns.

    Which sounds belong is drawn with the priors of the decision rule.
    """
    seeds = range(first_seed, first_seed + num_cases)
    if processes == 1:
        return [measure_case(seed, links) for seed in seeds]
    # A fork would copy the locks of whatever threads run here.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return list(pool.map(partial(measure_case, links=links), seeds, chunksize=8))


def measure_case(seed: int, links: Sequence[Link]) -> MeasuredCase:
    """Generate one case and measure it."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng([seed, 1])
    rule = DecisionRule()
    priors = (rule.prior_one, rule.prior_one, rule.prior_both, rule.prior_none)
    truth = ANSWERS[rng.choice(len(ANSWERS), p=priors)]
    return measure(make_case(truth, links[seed % len(links)], rng.uniform(*DURATIONS_S), seed))


def measure(case: Case) -> MeasuredCase:
    """Measure the links of one case."""
    picture = picture_curves(case.frames())
    first, second = (
        pair_evidence(picture, sound.samples, sound.sample_rate_hz, PlainContext())
        for sound in (case.first, case.second)
    )
    louder_first = bool(case.first.samples.std() > case.second.samples.std())
    return MeasuredCase(case.truth, case.link, first, second, louder_first)


def accuracy(link: Link, cases: Sequence[MeasuredCase], params: MatcherParams) -> Accuracy:
    """Two-way accuracy on the cases of one kind."""
    pairs = [c for c in cases if c.link is link and c.truth in (Verdict.FIRST, Verdict.SECOND)]
    num_right = num_louder = 0
    for case in pairs:
        is_first = case.truth is Verdict.FIRST
        scores = log_ratio(case.first, params), log_ratio(case.second, params)
        num_right += (scores[0] > scores[1]) is is_first
        num_louder += case.louder_first is is_first
    count = max(len(pairs), 1)
    return Accuracy(link, len(pairs), num_right / count, num_louder / count)


def verdicts(cases: Sequence[MeasuredCase], params: MatcherParams) -> Verdicts:
    """Rate the verdicts over all cases."""
    answers = [
        decide(log_ratio(c.first, params), log_ratio(c.second, params), params.rule) for c in cases
    ]
    decided = np.array([choice is not Verdict.UNSURE for choice, _ in answers])
    right = np.array([choice is c.truth for (choice, _), c in zip(answers, cases, strict=True)])
    confidence = np.array([confidence for _, confidence in answers])
    error = calibration_error(confidence[decided], right[decided])
    num_right = int((right & decided).sum())
    return Verdicts(float(decided.mean()), num_right / max(int(decided.sum()), 1), error)


def calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], num_bins: int = 10
) -> float:
    """Expected calibration error (Guo et al., ICML 2017).

    Args:
        confidence: (num_answers,) in [0, 1].
        right: (num_answers,).
        num_bins: Equally wide bins.
    """
    bins = np.minimum((confidence * num_bins).astype(int), num_bins - 1)
    gaps = np.bincount(bins, right - confidence, num_bins)
    return float(np.abs(gaps).sum() / max(confidence.size, 1))


def table(rows: Sequence[Accuracy], summary: Verdicts) -> Iterator[str]:
    """The figures as lines of text, first a table in Markdown."""
    yield from markdown(
        ("link", "cases", "matcher", "louder", "random"),
        (
            (row.link, f"{row.num_cases}", f"{row.matcher:.1%}", f"{row.louder:.1%}", f"{0.5:.1%}")
            for row in rows
        ),
    )
    yield (
        f"\nverdicts: {summary.decided:.1%} decided, {summary.right:.1%} of them right, "
        f"expected calibration error {summary.calibration_error:.3f}\n"
    )


def report(num_cases: int, processes: int = 1) -> Iterator[str]:
    """The table for the numbers that ship with the program, on fresh cases."""
    params = baseline_params()
    cases = measure_cases(SEED, num_cases, LINKED, processes)
    without = measure_cases(SEED_WITHOUT_LINK, num_cases, [Link.NONE], processes)
    rows = [accuracy(link, [*cases, *without], params) for link in Link]
    yield from table(rows, verdicts(cases, params))
