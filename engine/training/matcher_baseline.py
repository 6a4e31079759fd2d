"""The recipe of the baseline matcher: fits its few numbers to generated pictures and music."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from engine.catalog import ModelCard
from engine.evaluation.matcher import LINKED, MeasuredCase, accuracy, measure_cases, verdicts
from engine.models.matcher import LINKS, LinkParams, MatcherParams
from engine.stages.matcher import ANSWERS, BASELINE, answer_log_probabilities, log_ratio

SEED, SEED_HELD_OUT = 0, 1_000_000
_BOUNDS = [*[(0.0, 2.0), (0.02, 2.0), (0.0, 1.0)] * len(LINKS), (0.001, 0.2)]
_START = [*[0.3, 0.3, 0.7] * len(LINKS), 0.01]


def fit(cases: Sequence[MeasuredCase]) -> MatcherParams:
    """Find the numbers that give the true answers the highest probability.

    That is the loss the confidence is judged by, so it comes out calibrated.
    """

    def loss(values: NDArray[np.float64]) -> float:
        return _loss(_params(values), cases)

    return _params(minimize(loss, np.array(_START), method="L-BFGS-B", bounds=_BOUNDS).x)


def _params(values: NDArray[np.float64]) -> MatcherParams:
    links = np.asarray(values[:-1]).reshape(-1, 3).tolist()
    return MatcherParams(tuple(LinkParams(*link) for link in links), float(values[-1]))


def _loss(params: MatcherParams, cases: Sequence[MeasuredCase]) -> float:
    losses = []
    for case in cases:
        scores = log_ratio(case.first, params), log_ratio(case.second, params)
        answers = answer_log_probabilities(*scores, params.rule)
        losses.append(-float(answers[ANSWERS.index(case.truth)]))
    return float(np.mean(losses))


def fitted_card(num_cases: int, num_held_out: int, processes: int = 1) -> ModelCard:
    """Generate cases, fit the numbers to them, and rate them on others."""
    cases = measure_cases(SEED, num_cases, processes=processes)
    return make_card(cases, measure_cases(SEED_HELD_OUT, num_held_out, processes=processes))


def make_card(cases: Sequence[MeasuredCase], held_out: Sequence[MeasuredCase]) -> ModelCard:
    """Fit the numbers to some cases and rate them on others."""
    params = fit(cases)
    rows = [accuracy(link, held_out, params) for link in LINKED]
    rated = verdicts(held_out, params)
    measured = {f"accuracy_{row.link}": row.matcher for row in rows} | {
        "decided": rated.decided,
        "decided_right": rated.right,
        "calibration_error": rated.calibration_error,
        "held_out_cases": float(len(held_out)),
    }
    return ModelCard(
        name=BASELINE,
        title="Baseline matcher: cuts and movement against rhythm and energy",
        stage="matcher",
        builder="baseline_matcher",
        licence="MIT",
        config=msgspec.to_builtins(params),
        measured={name: round(value, 4) for name, value in measured.items()},
        trained_on=f"{len(cases)} generated pictures with music (engine.datasets.linked_pairs)",
    )
