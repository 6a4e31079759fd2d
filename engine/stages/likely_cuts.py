"""Would an editor have cut a track like that?

Where a film's own music was made of the same samples as a track, some chord of the track fits here,
a bar of its drums there: turns of a second or three, each from another place. An editor cuts, jumps
and loops, but what is heard of a track goes on for a while, or comes again.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from engine.dsp.align import Placement
from engine.dsp.subtract import Trial
from engine.stages.turns import touch

_LEAST_S = 6.0
_HALF, _MOSTLY = 0.5, 2 / 3
_SAME_S = 0.05
_UNSURE_S = 0.5
_LOUDER = 2.0
_SHARE = 0.7


class Tried(Protocol):
    """A turn and how its trial went."""

    @property
    def placement(self) -> Placement:
        """Where it lies."""

    @property
    def trial(self) -> Trial:
        """How it went."""


T = TypeVar("T", bound=Tried)


def likely_turns(turns: list[T], length_s: float) -> list[T]:
    """The turns that may be an editor's; none of them if most are not.

    Args:
        turns: In the order of the mix.
        length_s: Of the mix in which they were looked for.
    """
    least_s = min(_LEAST_S, _HALF * length_s)
    lasting = [turn for turn in turns if _heard_s(turn, turns) >= least_s]
    if _total_s(lasting) < _MOSTLY * _total_s(turns):
        return []
    return [
        turn for turn in turns if turn in lasting or any(_joins(turn, other) for other in lasting)
    ]


def _heard_s(turn: Tried, turns: Sequence[Tried]) -> float:
    """How long the same goes on, or is played again and again."""
    own = turn.placement
    same_s = _total_s(_loop(turn, turns))
    going_on = [other for other in turns if _goes_on(own, other.placement)]
    heard_s = _total_s(going_on)
    span_s = going_on[-1].placement.mix_end_s - going_on[0].placement.mix_start_s
    return max(same_s, heard_s) if heard_s > _HALF * span_s else same_s


def _goes_on(one: Placement, other: Placement) -> bool:
    """Whether both lie where one cut would have put them."""
    middle_s = (one.mix_start_s + other.mix_end_s) / 2
    return abs(one.track_time_s(middle_s) - other.track_time_s(middle_s)) < _SAME_S


def _loop(turn: Tried, turns: Sequence[Tried]) -> Sequence[Tried]:
    """All turns of the loop that a turn is one of."""
    at = turns.index(turn)
    first = last = at
    while first > 0 and _is_again(turns[first - 1].placement, turns[first].placement):
        first -= 1
    while last + 1 < len(turns) and _is_again(turns[last].placement, turns[last + 1].placement):
        last += 1
    return turns[first : last + 1]


def _is_again(before: Placement, after: Placement) -> bool:
    """Whether the next turn plays the same again.

    Only the first turn of a loop begins late, only the last one ends early.
    """
    start_s, end_s = max(before.track_start_s, after.track_start_s), _track_end_s(after)
    begins_again = after.track_start_s < before.track_start_s + _UNSURE_S
    ends_there = end_s < _track_end_s(before) + _UNSURE_S
    lengths_s = (each.mix_end_s - each.mix_start_s for each in (before, after))
    return begins_again and ends_there and end_s - start_s > _HALF * min(lengths_s)


def _track_end_s(placement: Placement) -> float:
    return placement.track_time_s(placement.mix_end_s)


def _joins(turn: Tried, lasting: Tried) -> bool:
    """Whether a short turn is surely there right before or behind a lasting one, as loud."""
    ends = sorted((turn.placement, lasting.placement), key=lambda each: each.mix_start_s)
    louder = max(turn.trial.gain, lasting.trial.gain)
    is_as_loud = louder < _LOUDER * min(turn.trial.gain, lasting.trial.gain)
    return touch(*ends) and is_as_loud and turn.trial.consistency.share >= _SHARE


def _total_s(turns: Iterable[Tried]) -> float:
    return sum(turn.placement.mix_end_s - turn.placement.mix_start_s for turn in turns)
