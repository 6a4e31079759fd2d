"""The numbers of a baseline matcher, its weights so to speak. Needs no torch."""

import math
from dataclasses import dataclass

import msgspec

from engine.catalog import ModelCard
from engine.errors import BadCheckpointError
from engine.translation import tr

CUT_LINKS = ("cuts_onsets", "cuts_pulse")
MOVEMENT_LINKS = ("motion_fast", "motion_middle", "motion_slow", "light_fast")
LINKS = CUT_LINKS + MOVEMENT_LINKS


@dataclass(frozen=True, slots=True)
class LinkParams:
    """How one link shows in pictures that belong to their sound.

    Attributes:
        mean: Mean effect, not negative.
        spread: Standard deviation of the effect from video to video, positive.
        weight: Trust in [0, 1] in this measure beside its correlated neighbours.
    """

    mean: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """What is expected before looking, and how sure an answer has to be.

    Attributes:
        prior_one: Probability that the first belongs and the second does not; same for the
            second.
        prior_both: Probability that both belong.
        prior_none: Probability that neither does.
        min_confidence: Less than this is unsure; above 0.5, so that equal sounds never differ.
    """

    prior_one: float = 0.4
    prior_both: float = 0.1
    prior_none: float = 0.1
    min_confidence: float = 0.6

    def __post_init__(self) -> None:
        """Refuse priors that are no probabilities."""
        if not math.isclose(2 * self.prior_one + self.prior_both + self.prior_none, 1.0):
            raise ValueError("the priors must sum to 1")
        if not 0.5 < self.min_confidence <= 1:
            raise ValueError(f"need 0.5 < min_confidence <= 1, got {self.min_confidence}")


@dataclass(frozen=True, slots=True)
class MatcherParams:
    """The numbers of a baseline matcher.

    Attributes:
        links: In the order of `LINKS`.
        doubt: Probability that a strong coincidence is one all the same; bounds every score.
        rule: How scores become a verdict.
    """

    links: tuple[LinkParams, ...]
    doubt: float
    rule: DecisionRule = DecisionRule()

    def __post_init__(self) -> None:
        """Refuse numbers of another version of the matcher."""
        if len(self.links) != len(LINKS):
            raise ValueError(f"need {len(LINKS)} links, got {len(self.links)}")


def read_params(card: ModelCard) -> MatcherParams:
    """The numbers on a card.

    Raises:
        BadCheckpointError: They are not those of this matcher.
    """
    try:
        return msgspec.convert(card.config, MatcherParams)
    except msgspec.ValidationError as error:
        raise BadCheckpointError(
            tr("the card of {model} is of no matcher: {error}", model=card.name, error=error)
        ) from error
