"""How well a separator does on pieces, voices and scenes it has never heard, by family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.context import Progress, RunContext
from engine.datasets.corpus import Corpus, Split
from engine.datasets.mixing import Mix, MixSampler
from engine.evaluation.tables import markdown
from engine.models.separation import SeparationModel
from engine.training.recipes import Recipe
from engine.training.scoring import StemScore, score_example

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """One stem of one mix.

    Attributes:
        stem: `ost` or `bgm`, or the stem's name.
        family: Kind of music; empty for other stems.
        figures: What was measured.
    """

    stem: str
    family: str
    figures: StemScore


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a group of scores.

    Attributes:
        group: What they have in common.
        count: How many.
        after_db: Mean SI-SDR.
        gain_db: Mean gain over the mix.
        low_db: Lower end of the 95 % bootstrap interval of the mean gain.
        high_db: Upper end.
    """

    group: str
    count: int
    after_db: float
    gain_db: float
    low_db: float
    high_db: float


@dataclass(frozen=True, slots=True)
class SeparatorTest:
    """What to measure on.

    Attributes:
        corpus: Folder of `reprise dataset synthetic`.
        mixes: How many mixes.
        split: Part of the corpus.
        seed: Decides the mixes.
    """

    corpus: Path
    mixes: int = 200
    split: Split = "test"
    seed: int = 7


def score_separator(
    model: SeparationModel, recipe: Recipe, test: SeparatorTest, context: RunContext
) -> list[Score]:
    """Separate mixes and compare each stem with the truth; stems that sound alone are left out."""
    clip_s = model.chunk_samples / model.sample_rate_hz
    sampler = MixSampler(Corpus.load(test.corpus), test.split, clip_s=clip_s, seed=test.seed)
    random = np.random.default_rng(test.seed)
    scores: list[Score] = []
    for done in range(test.mixes):
        context.raise_if_cancelled()
        mix = sampler.sample()
        labels = _labels(recipe, mix)
        example = recipe.make_example(mix, random)
        found = score_example(model.network, example, ordered=recipe.ordered)
        scores += [Score(*labels[figures.index], figures) for figures in found]
        context.report(Progress("evaluate", done + 1, test.mixes))
    return scores


def summarise(scores: Sequence[Score]) -> list[Line]:
    """Means over all, by stem, by family, and by how loud the stem is in the mix."""
    groups: dict[str, list[Score]] = {"all": list(scores)}
    for score in scores:
        groups.setdefault(f"stem {score.stem}", []).append(score)
        if score.family:
            groups.setdefault(f"family {score.family}", []).append(score)
        side = "under" if score.figures.before_db < 0 else "over"
        groups.setdefault(f"stem {side} the rest", []).append(score)
    return [_line(group, members) for group, members in groups.items()]


def table(lines: Sequence[Line]) -> Iterator[str]:
    """The lines of a table in Markdown."""
    return markdown(
        ("group", "stems", "SI-SDR dB", "gain over the mix dB (95 %)"),
        (
            (
                n.group,
                f"{n.count}",
                f"{n.after_db:.2f}",
                f"{n.gain_db:+.2f} ({n.low_db:+.2f} .. {n.high_db:+.2f})",
            )
            for n in lines
        ),
    )


def _labels(recipe: Recipe, mix: Mix) -> list[tuple[str, str]]:
    if recipe.ordered:
        return [(name, "") for name in (*recipe.stems, "rest")]
    families = [item.family if item else "" for item in (mix.ost_item, mix.bgm_item)]
    return list(zip(("ost", "bgm"), families, strict=True))


def _line(group: str, scores: Sequence[Score]) -> Line:
    gains = np.array([score.figures.gain_db for score in scores])
    draws = np.random.default_rng(0).choice(gains, (_RESAMPLES, len(gains)))
    low, high = np.quantile(draws.mean(1), [0.025, 0.975])
    after_db = float(np.mean([score.figures.after_db for score in scores]))
    return Line(group, len(gains), after_db, float(gains.mean()), float(low), float(high))
