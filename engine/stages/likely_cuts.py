"""Would an editor have cut a track like that?

Where a film's own music was made of the same samples as a track, some chord of the track fits here,
a bar of its drums there: turns of a second or three, each from another place. An editor cuts, jumps
and loops, but what is heard of a track goes on for a while, or comes again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from engine.dsp.align import Placement
from engine.dsp.subtract import Trial
from engine.stages.turns import touch

_LEAST_S = 6.0
_LEAST_CLEAR_S = 5.0
"""Two bars at most: so long songs of one band may be alike."""
_HALF, _MOSTLY = 0.5, 2 / 3
_SAME_S = 0.05
_UNSURE_S = 0.5
"""A search tells the ends of a turn to a quarter of a second each."""
_LOUDER, _AS_LOUD = 2.0, 1.25
"""What an editor's automation may do from turn to turn, and what is left to it from cut to cut."""
_SHARE, _CLEAR_SHARE = 0.7, 0.8
_CLEAR_FRAMES, _CLEAR_PIECES, _CLEAR_LEAST = 30, 40, 0.75
"""Of a track that is there the faintest notes are heard like this where anything can be told."""


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
    lasting = _lasting(turns, length_s)
    if _total_s(lasting) < _MOSTLY * _total_s(turns):
        return []
    return [turn for turn in turns if turn in lasting or _joins_one_of(lasting, turn)]


def named_turns(turns: list[T], length_s: float) -> list[T]:
    """The same for a track of which the user says that it is there."""
    lasting = _lasting(turns, length_s)
    if not lasting:
        return turns
    return [
        turn
        for turn in turns
        if turn in lasting or _joins_one_of(lasting, turn) or _is_clear(turn.trial)
    ]


def _lasting(turns: list[T], length_s: float) -> list[T]:
    """What goes on for a while, or comes again."""
    return [
        turn
        for turn in turns
        if _heard_s(turn, turns)
        >= min(_LEAST_CLEAR_S if _is_clear(turn.trial) else _LEAST_S, _HALF * length_s)
    ]


def _heard_s(turn: Tried, turns: Sequence[Tried]) -> float:
    """How long the same goes on, is played again and again, or is cut on without a break."""
    own = turn.placement
    going_on = [other for other in turns if _goes_on(own, other.placement)]
    heard_s = _total_s(going_on)
    span_s = going_on[-1].placement.mix_end_s - going_on[0].placement.mix_start_s
    in_rows = (_row(turn, turns, _plays_again), _row(turn, turns, _cuts_on))
    return max(heard_s if heard_s > _HALF * span_s else 0.0, *map(_total_s, in_rows))


def _goes_on(one: Placement, other: Placement) -> bool:
    """Whether both lie where one cut would have put them."""
    middle_s = (one.mix_start_s + other.mix_end_s) / 2
    return abs(one.track_time_s(middle_s) - other.track_time_s(middle_s)) < _SAME_S


def _row(
    turn: Tried, turns: Sequence[Tried], goes_with: Callable[[Tried, Tried], bool]
) -> Sequence[Tried]:
    """A turn and those before and behind it, as far as each goes with the next."""
    first = last = turns.index(turn)
    while first > 0 and goes_with(turns[first - 1], turns[first]):
        first -= 1
    while last + 1 < len(turns) and goes_with(turns[last], turns[last + 1]):
        last += 1
    return turns[first : last + 1]


def _plays_again(before: Tried, after: Tried) -> bool:
    """Whether both are turns of a loop."""
    return _is_again(before.placement, after.placement)


def _cuts_on(before: Tried, after: Tried) -> bool:
    """Whether both are surely there, as loud as each other, without a break: cuts on the beat."""
    are_clear = _is_clear(before.trial) and _is_clear(after.trial)
    return (
        are_clear and touch(before.placement, after.placement) and _louder(before, after) < _AS_LOUD
    )


def _is_clear(trial: Trial) -> bool:
    found, whole = trial.consistency, trial.wholeness
    tells = found.frames >= _CLEAR_FRAMES and whole.pieces >= _CLEAR_PIECES
    return tells and found.share >= _CLEAR_SHARE and whole.least >= _CLEAR_LEAST


def _louder(one: Tried, other: Tried) -> float:
    """How much louder the louder one is."""
    quiet, loud = sorted((one.trial.gain, other.trial.gain))
    return loud / quiet


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


def _joins_one_of(lasting: Iterable[Tried], turn: Tried) -> bool:
    """Whether a short turn is there right before or behind a lasting one, about as loud."""
    return turn.trial.consistency.share >= _SHARE and any(
        touch(*sorted((turn.placement, other.placement), key=_start_s))
        and _louder(turn, other) < _LOUDER
        for other in lasting
    )


def _start_s(placement: Placement) -> float:
    return placement.mix_start_s


def _total_s(turns: Iterable[Tried]) -> float:
    return sum(turn.placement.mix_end_s - turn.placement.mix_start_s for turn in turns)
