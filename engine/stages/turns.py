"""Turns: passages of a track that stand their trial, where each begins and ends among the others.

A track that is laid in once has one turn, a loop has many.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
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


def find_turns(
    passages: Passages, try_passage: Callable[[Passage], Turn | None], max_failed: int
) -> list[Turn]:
    """The passages that stand their trial, in the order of the mix: no two overlap.

    Args:
        passages: All that the mix may hold; what fails is dropped from it.
        try_passage: The turn if it stands the trial, None if it fails.
        max_failed: After so many failures nothing more is tried.
    """
    trials = _Trials(passages, try_passage, max_failed)
    trials.go_on()
    trials.expect_turns()
    trials.go_on()
    return _without_gaps(passages, trials.in_order())


class _Trials:
    """What was tried so far."""

    def __init__(
        self, passages: Passages, try_passage: Callable[[Passage], Turn | None], max_failed: int
    ) -> None:
        self._passages, self._try, self._left = passages, try_passage, max_failed
        self._settled: dict[int, list[Turn]] = defaultdict(list)

    def go_on(self) -> None:
        """Try the strongest of what was not tried, again and again."""
        while self._left and (passage := next(self._untried(), None)):
            turn = self._try(passage)
            if turn is not None:
                self._settled[passage.line].append(turn)
            else:
                self._passages.drop(passage)
                self._left -= 1

    def expect_turns(self) -> None:
        """See what comes before the first and after the last turn of each loop.

        Short turns need no trial; what is long enough for one is among the passages from now on.
        """
        for beside, outermost in list(_ends_of_loops(self.in_order())):
            passage = self._passages.another_turn(beside.passage, outermost.passage)
            if passage is not None and passage.is_short:
                turn = _one_turn_further(beside, outermost, passage)
                self._settled[passage.line].append(turn)

    def in_order(self) -> list[Turn]:
        """What the passages are now, of those that stood their trial, in the order of the mix."""
        now = sorted(self._passages.now(), key=lambda passage: passage.first_cell)
        turns = ((passage, self._turn(passage)) for passage in now)
        return [turn.over(passage) for passage, turn in turns if turn is not None]

    def _untried(self) -> Iterator[Passage]:
        """What was not tried, or has changed much since."""
        return (passage for passage in self._passages.now() if self._turn(passage) is None)

    def _turn(self, passage: Passage) -> Turn | None:
        known = self._settled[passage.line]
        return next((turn for turn in known if passage.is_mostly(turn.passage)), None)


def _ends_of_loops(turns: list[Turn]) -> Iterator[tuple[Turn, Turn]]:
    """The last turn of each loop after the one before it, and the first after the one behind it."""
    joined = [touch(one.placement, other.placement) for one, other in pairwise(turns)]
    for number, joins in enumerate(joined):
        one, other = turns[number : number + 2]
        if joins and not any(joined[number - 1 : number]):
            yield other, one
        if joins and not any(joined[number + 1 : number + 2]):
            yield one, other


def _one_turn_further(beside: Turn, outermost: Turn, passage: Passage) -> Turn:
    """The track at a passage jumps as it did between the two turns beside it."""
    one, other = beside.placement, outermost.placement
    # Where they meet: further away their clocks would tell another jump.
    meet_s = max(one.mix_start_s, other.mix_start_s)
    jump_s = other.track_time_s(meet_s) - one.track_time_s(meet_s)
    moved = replace(other, track_start_s=other.track_start_s + jump_s)
    return Turn(passage, moved, outermost.trial).over(passage)


def _without_gaps(passages: Passages, turns: Iterable[Turn]) -> list[Turn]:
    """The same, each that begins about where another ends cut there to the sample."""
    cut: list[Turn] = []
    for turn in turns:
        start_s = turn.placement.mix_start_s
        if cut and touch(cut[-1].placement, turn.placement):
            start_s = passages.joint_s(cut[-1].placement, turn.placement)
            cut[-1] = cut[-1].between(cut[-1].placement.mix_start_s, start_s)
        cut.append(turn.between(start_s, turn.placement.mix_end_s))
    return cut


def touch(before: Placement, after: Placement) -> bool:
    """Whether one turn follows another without a break."""
    return abs(after.mix_start_s - before.mix_end_s) <= _TOUCHING_S
