"""Which networks a restore takes: by the user's word, else by the quality, the cards, the machine.

*standard* takes the default of each stage, *draft* the cheapest that was measured, *best* the best
one by the figures on the cards that is here and does not take absurdly long. Equal questions get
equal answers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine import remarks
from engine.catalog import DEFAULT_MODELS, ModelCard, read_cards
from engine.types import Quality
from engine.weights import find

STAGES = ("separator", "mixed_music")
"""Stages whose networks differ in quality and cost; the others have one."""

LONGEST = 60.0
"""Times real time: what would take longer is not chosen unasked."""

_FIGURES = (
    ("multisong_vocals_sdr_db", remarks.ON_VOICES),
    ("claimed_sdr_db", remarks.BY_ITS_AUTHOR),
    ("si_sdr_gain_db", remarks.GAIN),
)
"""Figures by which networks of one stage are compared, the most telling first.

Those of one kind are compared with each other; of two kinds the more telling one wins, whatever
its number: what an author says of a file never beats what was measured.
"""

_LEAST_DB = {"separator": 0.0, "mixed_music": 1.0}
"""A network that separates two musics by less does more harm than good."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network that is on this machine and was measured.

    Attributes:
        card: The network.
        figure_db: How well it separates.
        kind: Which of the figures that is, 0 the most telling.
    """

    card: ModelCard
    figure_db: float
    kind: int

    @property
    def words(self) -> str:
        """Figure for people."""
        return _FIGURES[self.kind][1](figure=f"{self.figure_db:.1f}")

    @property
    def rank(self) -> tuple[int, float, str]:
        """Greater is better."""
        return -self.kind, self.figure_db, self.card.name


@dataclass(frozen=True, slots=True)
class Choice:
    """The network of one stage, and why it was taken.

    Attributes:
        stage: The stage.
        model: Name of its card, or what else the user named.
        why: The reason for people; empty if it is the default and nothing better is here.
        times_real_time: Seconds of work for a second of sound; 0 if that is not known.
    """

    stage: str
    model: str
    why: str = ""
    times_real_time: float = 0.0

    def words(self, quality: Quality, duration_s: float) -> str:
        """One line on what was picked for a film of that length; empty if there is no need."""
        if not self.why:
            return ""
        why = self.why
        if self.times_real_time:
            times, whole_s = f"{self.times_real_time:.2g}", self.times_real_time * duration_s
            why = remarks.WITH_COST(why=why, times=times, time=_time(whole_s))
        return remarks.NETWORK(quality=quality, stage=self.stage, model=self.model, why=why)


def choose_models(
    quality: Quality, wanted: Mapping[str, str], cost: Callable[[ModelCard], float]
) -> dict[str, Choice]:
    """The network of each stage.

    Args:
        quality: How much time a restore may take.
        wanted: The user's own choice by stage, which always wins.
        cost: How many times real time a network takes here; asked only where it matters.
    """
    defaults = {stage: Choice(stage, name) for stage, name in DEFAULT_MODELS.items()}
    picked = {
        stage: _pick(stage, quality, list(candidates(stage, read_cards())), cost)
        for stage in STAGES
        if stage not in wanted
    }
    return {**defaults, **picked, **{stage: Choice(stage, name) for stage, name in wanted.items()}}


def candidates(stage: str, cards: Iterable[ModelCard]) -> Iterator[Candidate]:
    """The networks that may serve a stage unasked: here, measured, and good enough."""
    for card in cards:
        kinds = (kind for kind, (name, _) in enumerate(_FIGURES) if name in card.measured)
        figure = next(((card.measured[_FIGURES[kind][0]], kind) for kind in kinds), None)
        if card.stage != stage or figure is None or figure[0] < _LEAST_DB[stage]:
            continue
        if find(card) is not None:
            yield Candidate(card, *figure)


def _pick(
    stage: str, quality: Quality, found: list[Candidate], cost: Callable[[ModelCard], float]
) -> Choice:
    default = DEFAULT_MODELS[stage]
    if not found:
        return Choice(stage, default)
    if quality is Quality.STANDARD:
        return _standard(stage, found)
    if quality is Quality.DRAFT:
        return _draft(stage, found, cost)
    return _best(stage, found, cost)


def _standard(stage: str, found: list[Candidate]) -> Choice:
    """The default; what is here and measured better is said, but not instead of no network."""
    default = DEFAULT_MODELS[stage]
    best = max(found, key=lambda candidate: candidate.rank)
    own = next((c for c in found if c.card.name == default), None)
    if own is None or best.rank[:2] <= own.rank[:2]:
        return Choice(stage, default)
    why = remarks.BETTER_IS_HERE(model=best.card.name, figure=best.words)
    return Choice(stage, default, why)


def _draft(stage: str, found: list[Candidate], cost: Callable[[ModelCard], float]) -> Choice:
    """The cheapest; a stage whose default is no network at all goes without."""
    default = DEFAULT_MODELS[stage]
    counted = [c for c in found if c.card.gflop_per_s > 0]
    if not counted or not any(c.card.name == default for c in found):
        return Choice(stage, default)
    cheapest = min(counted, key=lambda c: (c.card.gflop_per_s, c.card.name))
    is_chosen = len(counted) > 1
    why = remarks.CHEAPEST(number=len(counted)) if is_chosen else remarks.ONLY_ONE()
    return Choice(stage, cheapest.card.name, why, cost(cheapest.card))


def _best(stage: str, found: list[Candidate], cost: Callable[[ModelCard], float]) -> Choice:
    """The best that does not take absurdly long; a better one that would is said."""
    ranked = sorted(found, key=lambda candidate: candidate.rank, reverse=True)
    too_slow: tuple[Candidate, float] | None = None
    for candidate in ranked:
        times = cost(candidate.card)
        if times <= LONGEST:
            rank = remarks.BEST_KNOWN if len(found) > 1 else remarks.ONLY_KNOWN
            why = _beside(too_slow, rank(figure=candidate.words))
            return Choice(stage, candidate.card.name, why, times)
        too_slow = too_slow or (candidate, times)
    return Choice(stage, DEFAULT_MODELS[stage], _beside(too_slow, remarks.THE_DEFAULT()))


def _beside(too_slow: tuple[Candidate, float] | None, why: str) -> str:
    """A reason, and the better network that would take too long."""
    if too_slow is None:
        return why
    candidate, times = too_slow
    return remarks.TOO_SLOW(
        why=why, model=candidate.card.name, figure=candidate.words, times=f"{times:.0f}"
    )


def _time(seconds: float) -> str:
    """A duration for people."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
