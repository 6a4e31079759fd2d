"""How well a separator does on pieces, voices and scenes it has never heard, by family."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from engine.context import Progress, RunContext
from engine.datasets.corpus import Corpus, Split
from engine.datasets.mixing import Mix, MixSampler
from engine.models.separation import SeparationModel
from engine.training.losses import best_order, si_sdr_db
from engine.training.recipes import Recipe
from engine.training.trainer import ALONE_DB

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """One stem of one mix.

    Attributes:
        stem: `ost` or `bgm`, or the stem's name.
        family: Kind of music; empty for other stems.
        before_db: SI-SDR of the mix against the stem.
        after_db: SI-SDR of the estimate.
    """

    stem: str
    family: str
    before_db: float
    after_db: float

    @property
    def gain_db(self) -> float:
        """What the network won."""
        return self.after_db - self.before_db


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
        example = recipe.make_example(mix, random)
        truth = torch.from_numpy(example.stems)
        heard = torch.from_numpy(example.mix)
        with torch.inference_mode():
            found = model.network(heard.unsqueeze(0))[0]
        if not recipe.ordered:
            # Put the estimates in the truth's order: the names are the truth's.
            found = best_order(truth.unsqueeze(0), found.unsqueeze(0))[0]
        before, after = si_sdr_db(heard.expand_as(truth), truth), si_sdr_db(found, truth)
        sounds = truth.square().mean((1, 2)) > 1e-6 * heard.square().mean()
        for i, (name, family) in enumerate(_labels(recipe, mix)):
            if sounds[i] and before[i] < ALONE_DB:
                scores.append(Score(name, family, before[i].item(), after[i].item()))
        context.report(Progress("evaluate", done + 1, test.mixes))
    return scores


def summarise(scores: Sequence[Score]) -> list[Line]:
    """Means over all, by stem, by family, and by how loud the stem is in the mix."""
    groups: dict[str, list[Score]] = {"all": list(scores)}
    for score in scores:
        groups.setdefault(f"stem {score.stem}", []).append(score)
        if score.family:
            groups.setdefault(f"family {score.family}", []).append(score)
        side = "under" if score.before_db < 0 else "over"
        groups.setdefault(f"stem {side} the rest", []).append(score)
    return [_line(group, members) for group, members in groups.items()]


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table."""
    head = "| group | stems | SI-SDR dB | gain over the mix dB (95 %) |\n|---|---|---|---|\n"
    return head + "\n".join(
        f"| {n.group} | {n.count} | {n.after_db:.2f} | "
        f"{n.gain_db:+.2f} ({n.low_db:+.2f} .. {n.high_db:+.2f}) |"
        for n in lines
    )


def _labels(recipe: Recipe, mix: Mix) -> list[tuple[str, str]]:
    if recipe.ordered:
        return [(name, "") for name in recipe.stems]
    families = [item.family if item else "" for item in (mix.ost_item, mix.bgm_item)]
    return list(zip(("ost", "bgm"), families, strict=True))


def _line(group: str, scores: Sequence[Score]) -> Line:
    gains = np.array([score.gain_db for score in scores])
    draws = np.random.default_rng(0).choice(gains, (_RESAMPLES, len(gains)))
    low, high = np.quantile(draws.mean(1), [0.025, 0.975])
    after_db = float(np.mean([score.after_db for score in scores]))
    return Line(group, len(gains), after_db, float(gains.mean()), float(low), float(high))
