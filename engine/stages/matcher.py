"""Which of two sounds belongs to a picture: the baseline that needs no network.

An editor cuts on the beat and lets movement and light follow the energy of the music. Each such
link is measured against chance on the material itself; how strong links are in pictures that
belong to their sound is a handful of numbers from `engine.training.matcher_baseline`. Bayes' rule
then gives the probability of every answer.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore
from engine.catalog import find_card
from engine.context import Progress, RunContext
from engine.dsp.coincidence import (
    NO_EVIDENCE,
    Evidence,
    curve_evidence,
    event_evidence,
    pool,
    time_scale,
)
from engine.dsp.onsets import ONSET_RATE_HZ, SoundCurves, sound_curves
from engine.models.matcher import (
    CUT_LINKS,
    LINKS,
    DecisionRule,
    LinkParams,
    MatcherParams,
    read_params,
)
from engine.stages.picture_features import STAGE, PictureCurves, read_picture
from engine.types import AudioRef, MatchResult, Samples, Verdict

BASELINE = "baseline-matcher"
UNIT_S = 28.0
MIN_UNIT_S = 4.0
ANSWERS = (Verdict.FIRST, Verdict.SECOND, Verdict.BOTH, Verdict.NONE)


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """Two sounds in the time of one video.

    Attributes:
        video: Only its picture is read.
        first: One sound.
        second: The other.
        start_s: Time of the picture that the first samples belong to.
    """

    video: Path
    first: AudioRef
    second: AudioRef
    start_s: float = 0.0


class Matcher:
    """The stage.

    Attributes:
        params: The numbers, from `baseline_params()` or a recipe.
        store: Where the sounds lie.
        model_name: Name of the card that the numbers are from.
    """

    def __init__(
        self, params: MatcherParams, store: ArtifactStore, model_name: str = BASELINE
    ) -> None:
        self.params = params
        self.store = store
        self.model_name = model_name

    def __call__(self, request: MatchRequest, context: RunContext) -> MatchResult:
        """Decide which of the two sounds belongs to the picture.

        A picture or a sound that gives nothing to go by is no error: the answer is unsure.
        """
        whole = read_picture(request.video, self.store, context)
        picture = whole.between(request.start_s, whole.duration_s)
        scores = []
        for ref in (request.first, request.second):
            samples = self.store.map(ref)
            evidence = pair_evidence(picture, samples, ref.sample_rate_hz, context)
            scores.append(log_ratio(evidence, self.params))
        choice, confidence = decide(scores[0], scores[1], self.params.rule)
        context.report(Progress(STAGE, 1, 1))
        return MatchResult(choice, confidence, (scores[0], scores[1]), self.model_name)


def baseline_params() -> MatcherParams:
    """The numbers that ship with the program."""
    return read_params(find_card(BASELINE))


def pair_evidence(
    picture: PictureCurves, samples: Samples, sample_rate_hz: int, context: RunContext
) -> tuple[Evidence, ...]:
    """Measure every link of `LINKS` between a picture and a sound of any length.

    Args:
        picture: Curves of the picture.
        samples: (channels, num_samples) float32, read unit by unit.
        sample_rate_hz: Frames a second.
        context: Asked at each unit whether to go on.
    """
    parts = [(NO_EVIDENCE,) * len(LINKS)]
    for start_s, end_s in units(min(picture.duration_s, samples.shape[1] / sample_rate_hz)):
        context.raise_if_cancelled()
        span = slice(round(start_s * sample_rate_hz), round(end_s * sample_rate_hz))
        sound = sound_curves(samples[:, span], sample_rate_hz)
        if sound is not None:
            parts.append(unit_evidence(picture.between(start_s, end_s), sound))
    return tuple(pool(link) for link in zip(*parts, strict=True))


def units(duration_s: float) -> Iterator[tuple[float, float]]:
    """Cut a duration into equal units of at most 28 s, the length the published matchers use."""
    if duration_s < MIN_UNIT_S:
        return
    edges_s = np.linspace(0.0, duration_s, math.ceil(duration_s / UNIT_S) + 1).round(1)
    yield from zip(edges_s[:-1].tolist(), edges_s[1:].tolist(), strict=True)


def unit_evidence(picture: PictureCurves, sound: SoundCurves) -> tuple[Evidence, ...]:
    """Measure every link of `LINKS` in one unit."""
    length = min(picture.motion.size, sound.energy.size)
    motion, light = picture.motion[:length], picture.light[:length]
    energy, accents = sound.energy[:length], sound.accents[:length]
    return (
        event_evidence(picture.cuts_s, sound.onsets, ONSET_RATE_HZ),
        event_evidence(picture.cuts_s, sound.pulse, ONSET_RATE_HZ),
        curve_evidence(time_scale(motion, 0.5, 5), time_scale(energy, 0.5, 5), lag=1),
        curve_evidence(time_scale(motion, 4, 15), time_scale(energy, 4, 15), lag=1),
        curve_evidence(time_scale(motion, 12, 60), time_scale(energy, 12, 60), lag=0),
        curve_evidence(time_scale(light, 0.5, 5), time_scale(accents, 0.5, 5), lag=1),
    )


def log_ratio(evidence: tuple[Evidence, ...], params: MatcherParams) -> float:
    """Log of how much likelier the evidence is if the sound belongs to the picture.

    Editors follow the music with the cuts, with the movement, or with both, so one of the two may
    be missing in a picture that belongs.
    """
    if not any(measured.precision for measured in evidence):
        return 0.0
    cuts, movement = 0.0, 0.0
    for name, measured, link in zip(LINKS, evidence, params.links, strict=True):
        if name in CUT_LINKS:
            cuts += link_log_ratio(measured, link)
        else:
            movement += link_log_ratio(measured, link)
    belongs = float(np.logaddexp.reduce([cuts, movement, cuts + movement])) - math.log(3)
    foreign = float(np.logaddexp(math.log1p(-params.doubt), math.log(params.doubt) + belongs))
    return belongs - foreign


def link_log_ratio(measured: Evidence, link: LinkParams) -> float:
    """Log-likelihood ratio of one measure: N(mean, chance + spread^2) against N(0, chance).

    Never falls when the effect rises: below its minimum the parabola is continued flat.
    """
    if measured.precision <= 0:
        return 0.0
    chance = 1 / measured.precision
    varied = chance + link.spread**2
    effect = max(measured.effect, -link.mean * chance / link.spread**2)
    belongs = math.log(varied) + (effect - link.mean) ** 2 / varied
    foreign = math.log(chance) + effect**2 / chance
    return link.weight * (foreign - belongs) / 2


def answer_log_probabilities(
    first: float, second: float, rule: DecisionRule
) -> NDArray[np.float64]:
    """Log-probability of each of `ANSWERS`; the sounds are independent given the picture.

    Args:
        first: Log ratio of the first sound.
        second: Log ratio of the second.
        rule: What is expected before looking.
    """
    one, both, none = (math.log(p) for p in (rule.prior_one, rule.prior_both, rule.prior_none))
    logs = np.array([one + first, one + second, both + (first + second), none])
    scaled = np.exp(logs - logs.max())
    # In this order swapping the sounds changes no rounding.
    total = (scaled[0] + scaled[1]) + scaled[2] + scaled[3]
    return np.asarray(logs - logs.max() - np.log(total))


def decide(first: float, second: float, rule: DecisionRule) -> tuple[Verdict, float]:
    """Turn two log ratios into the likeliest answer and its probability.

    If even that is not likely enough the verdict is unsure, with the probability of that answer.
    """
    probabilities = np.exp(answer_log_probabilities(first, second, rule))
    best = int(np.argmax(probabilities))
    confidence = float(probabilities[best])
    return ANSWERS[best] if confidence >= rule.min_confidence else Verdict.UNSURE, confidence
