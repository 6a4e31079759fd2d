"""How well a separator does on pieces, voices and scenes it has never heard, by family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from engine.context import Progress, RunContext
from engine.datasets.corpus import Split
from engine.datasets.mixing import Mix
from engine.evaluation.roles import CEILINGS, Row, by_network, measure_roles
from engine.evaluation.tables import markdown
from engine.models.separation import SeparationModel
from engine.training.mixes import held_out_mixes
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
class Order:
    """How often a network that tells its stems apart gave each under its own name.

    Attributes:
        mixes: Mixes in which both sound.
        right: How many of them came out in order.
        accuracy: Probability that the next one does, by Laplace's rule of succession: few mixes
            prove little, and none give even odds.
    """

    mixes: int
    right: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class SeparatorTest:
    """What to measure on.

    Attributes:
        corpus: Folder of `reprise dataset synthetic` or `reprise dataset oasd`.
        mixes: How many mixes.
        split: Part of the corpus.
        seed: Decides the mixes.
    """

    corpus: Path
    mixes: int = 200
    split: Split = "test"
    seed: int = 7

    def draw(self, recipe: Recipe, clip_s: float) -> Iterator[Mix]:
        """The mixes, the same ones each time."""
        mixes = held_out_mixes(self.corpus, recipe, self.split, self.seed, clip_s)
        return islice(mixes, self.mixes)


def score_separator(
    model: SeparationModel, recipe: Recipe, test: SeparatorTest, context: RunContext
) -> list[Score]:
    """Separate mixes and compare each stem with the truth; stems that sound alone are left out."""
    random = np.random.default_rng(test.seed)
    scores: list[Score] = []
    for done, mix in enumerate(test.draw(recipe, model.chunk_samples / model.sample_rate_hz)):
        context.raise_if_cancelled()
        labels = _labels(recipe, mix)
        example = recipe.example(mix, random)
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


def order_of(scores: Sequence[Score]) -> Order | None:
    """How often the order was right; None where the network has none, or no mix could tell."""
    told = [s.figures.in_order for s in scores if s.figures.index == 0]
    right = [each for each in told if each is not None]
    if not right:
        return None
    return Order(len(right), sum(right), (sum(right) + 1) / (len(right) + 2))


def role_rows(
    recipe: Recipe,
    model: SeparationModel,
    untuned: SeparationModel,
    test: SeparatorTest,
    context: RunContext,
) -> list[Row]:
    """A network that tells soundtrack from song, another one that does not, and the ceilings.

    Of the other one the better order of its stems counts, as only the truth can know it.
    """
    ways = {
        f"{untuned.name}, not tuned, better order": by_network(untuned, ordered=False),
        f"{model.name}, tuned": by_network(model, ordered=recipe.ordered),
        **CEILINGS,
    }
    return measure_roles(ways, test.draw(recipe, recipe.clip_s), test.mixes, context)


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


def order_words(order: Order) -> str:
    """The order in a sentence, for people."""
    return (
        f"Stems in their own order: {order.right} of {order.mixes} mixes "
        f"(order_accuracy {order.accuracy:.3f})."
    )


def _labels(recipe: Recipe, mix: Mix) -> list[tuple[str, str]]:
    if recipe.stage != "mixed_music":
        return [(name, "") for name in (*recipe.stems, "rest")]
    families = [item.family if item else "" for item in (mix.ost_item, mix.bgm_item)]
    return list(zip(("ost", "bgm"), families, strict=True))


def _line(group: str, scores: Sequence[Score]) -> Line:
    gains = np.array([score.figures.gain_db for score in scores])
    draws = np.random.default_rng(0).choice(gains, (_RESAMPLES, len(gains)))
    low, high = np.quantile(draws.mean(1), [0.025, 0.975])
    after_db = float(np.mean([score.figures.after_db for score in scores]))
    return Line(group, len(gains), after_db, float(gains.mean()), float(low), float(high))
