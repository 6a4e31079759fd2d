"""Turns: passages of a track that stood their trial, where each begins and ends among the others.

A track that is laid in once has one turn, a loop has many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.dsp.align import Placement
from engine.dsp.passages import Passage, Passages
from engine.dsp.subtract import Trial

_TOUCHING_S = 0.5
"""Turns that are no further apart follow each other without a break."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A passage that stood its trial.

    Attributes:
        passage: As it was then.
        placement: The same, aligned to the sample.
        trial: What a fit said of it.
    """

    passage: Passage
    placement: Placement
    trial: Trial

    def over(self, passage: Passage) -> "Turn":
        """The same alignment over the passage as it is now."""
        now = passage.placement
        return replace(self.between(now.mix_start_s, now.mix_end_s), passage=passage)

    def between(self, start_s: float, end_s: float) -> "Turn":
        """The same alignment over another stretch of the mix."""
        return replace(self, placement=self.placement.between(start_s, end_s))


def untried(passages: Passages, settled: Sequence[Turn]) -> Passage | None:
    """The strongest passage that was not tried, or has changed much since."""
    open_ = (p for p in passages.now() if not any(p.is_mostly(turn.passage) for turn in settled))
    return next(open_, None)


def turns_now(passages: Passages, settled: Sequence[Turn]) -> list[Turn]:
    """Turns as they are after all trials, in the order of the mix: no two overlap."""
    cut: list[Turn] = []
    for turn in _in_order(passages, settled):
        start_s = turn.placement.mix_start_s
        if cut and _touch(cut[-1].placement, turn.placement):
            start_s = passages.joint_s(cut[-1].placement, turn.placement)
            cut[-1] = cut[-1].between(cut[-1].placement.mix_start_s, start_s)
        cut.append(turn.between(start_s, turn.placement.mix_end_s))
    return cut


def expected_turns(passages: Passages, settled: Sequence[Turn]) -> Iterator[Turn]:
    """What comes before the first and after the last turn of each loop, if it does.

    What is long enough for a trial is among the passages from now on, but not told.
    """
    turns = _in_order(passages, settled)
    touching = [_touch(one.placement, other.placement) for one, other in pairwise(turns)]
    for number, (one, other) in enumerate(pairwise(turns)):
        if not touching[number]:
            continue
        if number == 0 or not touching[number - 1]:
            yield from _next_turn(passages, other, one)
        if number + 1 == len(touching) or not touching[number + 1]:
            yield from _next_turn(passages, one, other)


def _in_order(passages: Passages, settled: Sequence[Turn]) -> list[Turn]:
    """What the passages are now, of those that are settled."""
    now = sorted(passages.now(), key=lambda passage: passage.first_cell)
    found = ((p, next((t for t in settled if p.is_mostly(t.passage)), None)) for p in now)
    return [turn.over(passage) for passage, turn in found if turn is not None]


def _next_turn(passages: Passages, turn: Turn, last: Turn) -> Iterator[Turn]:
    """The turn that comes after the last one as that came after the one beside it, if it does."""
    passage = passages.another_turn(turn.passage, last.passage)
    if passage is not None and passage.is_short:
        jump_s = last.placement.track_time_s(0.0) - turn.placement.track_time_s(0.0)
        start_s = last.placement.track_start_s + jump_s
        yield Turn(passage, replace(last.placement, track_start_s=start_s), last.trial)


def _touch(before: Placement, after: Placement) -> bool:
    return abs(after.mix_start_s - before.mix_end_s) <= _TOUCHING_S
