"""Which passage of a track sounds when.

A loop plays one passage again and again. Its drums agree with the bars before and after as well,
less than what truly plays there. So each short cell of the mix belongs to one line of the track at
most: all lines together are followed along the path on which most agrees (Viterbi, "Error bounds
for convolutional codes and an asymptotically optimum decoding algorithm", 1967).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from engine.dsp.align import Placement, Signal, advanced, cut
from engine.dsp.correlate import SEARCH_RATE_HZ, Peak, find_peaks
from engine.dsp.track_lines import CELL, Line, Scores, SearchedPair, chains

_MIN_CELLS = 6
"""One and a half seconds: with less a trial can say nothing."""
_JUMP_COST = 15.0
"""In deviations of a cell's agreement by chance: what noise makes two lines differ by in eight
seconds is less, what a true passage 20 dB below the rest has in four seconds is twice that."""
_MIN_CELLS_OF_A_TURN = 2
_TELLING_CELLS = 12
_EXPECTED_JUMP_COST = 8.0
"""What a loop leads to expect needs less to be believed, and no trial where one would say little:
music that fades out is faint."""
_FAINT_CELLS = 1
"""So much between two turns may be too faint to belong to either."""
_JOINT_REACH_S = 0.5

_Run = tuple[int, int, int]
"""Line, first cell, end."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a mix that one line of a track has to itself.

    Attributes:
        placement: Where it lies.
        line: Number of the line.
        first_cell: Quarter of a second of the searched mix with which it begins.
        end_cell: The first one behind it.
    """

    placement: Placement
    line: int
    first_cell: int
    end_cell: int

    @property
    def is_short(self) -> bool:
        """Whether it is too short for a trial that tells."""
        return self.end_cell - self.first_cell < _TELLING_CELLS

    def is_mostly(self, other: "Passage") -> bool:
        """Whether more than half of it lies within another passage of the same line."""
        common = min(self.end_cell, other.end_cell) - max(self.first_cell, other.first_cell)
        return self.line == other.line and 2 * common > self.end_cell - self.first_cell


class Passages:
    """All that a mix may hold of a track; what turns out not to be it is dropped.

    Args:
        mix: (num_samples,) from `search_signal`.
        track: (num_samples,) from `search_signal`.
        check: Called once a block, line or path; may raise to cancel.
        begin_s: Where the mix begins in a longer one; added to all placements.
    """

    def __init__(
        self,
        mix: Signal,
        track: Signal,
        check: Callable[[], None] = lambda: None,
        begin_s: float = 0.0,
    ) -> None:
        self._pair = SearchedPair.of(mix, track)
        self._begin_s, self._check = begin_s, check
        peaks = find_peaks(mix, track, check)
        self._lines = [
            self._line(chain, _MIN_CELLS, _JUMP_COST) for chain in chains(peaks, 2 * self._block)
        ]
        self._now: list[Passage] | None = None

    @property
    def _block(self) -> int:
        return self._pair.block

    def now(self) -> list[Passage]:
        """The passages that are left, strongest first; no two overlap."""
        if self._now is None:
            self._now = self._followed()
        return self._now

    def drop(self, passage: Passage) -> None:
        """Leave a passage to other lines from now on."""
        self._lines[passage.line].silence(passage.first_cell, passage.end_cell)
        self._now = None

    def another_turn(self, beside: Passage, outermost: Passage) -> Passage | None:
        """The turn of a loop beyond the outermost one that is known; it may be a short one.

        Args:
            beside: The turn before the last one, or after the first one.
            outermost: The last one, or the first one.
        """
        at_end = beside.first_cell < outermost.first_cell
        edge = outermost.end_cell if at_end else outermost.first_cell
        lag = 2 * self._lag(outermost) - self._lag(beside)
        middle = edge * CELL - self._block // 2
        block_start = min(max(0, middle), len(self._pair.mix) - self._block)
        peak = Peak(block_start, lag, outermost.placement.strength)
        before, scores = self._now, [line.scores.copy() for line in self._lines]
        self._lines.append(self._line([peak], _MIN_CELLS_OF_A_TURN, _EXPECTED_JUMP_COST))
        self._now = None
        for passage in self.now():
            if passage.line == len(scores) and self._is_beyond(passage, outermost, at_end=at_end):
                return passage
        self._lines.pop()
        for line, known in zip(self._lines, scores, strict=True):
            line.scores = known
        self._now = before
        return None

    def _is_beyond(self, passage: Passage, outermost: Passage, *, at_end: bool) -> bool:
        """Whether a passage begins where the outermost turn, as it is now, ends, or ends there."""
        now = [known for known in self.now() if known.is_mostly(outermost)]
        if at_end:
            gaps = [passage.first_cell - known.end_cell for known in now]
        else:
            gaps = [known.first_cell - passage.end_cell for known in now]
        return any(0 <= gap <= _FAINT_CELLS for gap in gaps)

    def joint_s(self, before: Placement, after: Placement) -> float:
        """When one placement gives way to another.

        Args:
            before: The one that ends.
            after: The one that begins, less than half a second from there.

        Returns:
            Seconds, within half a second of either.
        """
        first_s = max(before.mix_start_s, before.mix_end_s - _JOINT_REACH_S)
        last_s = min(after.mix_end_s, after.mix_start_s + _JOINT_REACH_S)
        first, end = (round((s - self._begin_s) * SEARCH_RATE_HZ) for s in (first_s, last_s))
        heard = self._pair.mix[first:end]
        better = self._agreement(before, heard, first_s) - self._agreement(after, heard, first_s)
        return first_s + (int(np.argmax(better)) + 1) / SEARCH_RATE_HZ

    def _agreement(self, placement: Placement, heard: Signal, first_s: float) -> Scores:
        """How far a placement agrees with what is heard, up to each sample, of either sign."""
        position = placement.track_time_s(first_s) * SEARCH_RATE_HZ
        start = math.floor(position)
        known = cut(self._pair.track[None], start, start + len(heard) + 1)
        products = heard * advanced(known, position - start)[0, : len(heard)]
        total: Scores = np.cumsum(products, dtype=np.float64)
        return total if total[-1] >= 0 else -total

    def _line(self, peaks: Sequence[Peak], least_cells: int, jump_cost: float) -> Line:
        self._check()
        return Line(peaks, self._pair, least_cells, jump_cost)

    def _lag(self, passage: Passage) -> float:
        """In samples, at the middle of a passage; clocks that drift do not drift far in a turn."""
        placement = passage.placement
        middle_s = (placement.mix_start_s + placement.mix_end_s) / 2
        lag_s = placement.track_time_s(middle_s) - middle_s + self._begin_s
        return lag_s * SEARCH_RATE_HZ

    def _followed(self) -> list[Passage]:
        """What each line has on the best path, strongest first."""
        while True:
            self._check()
            runs = list(self._without_pauses(_runs(_best_path(self._lines))))
            short = [run for run in runs if run[2] - run[1] < self._lines[run[0]].least_cells]
            for line, first_cell, end_cell in short:
                self._lines[line].silence(first_cell, end_cell)
            if not short:
                break
        begins, ends = {first for _, first, _ in runs}, {end for _, _, end in runs}
        found = [
            self._passage(run, begins=run[1] not in ends, ends=run[2] not in begins) for run in runs
        ]
        return sorted(found, key=lambda passage: -passage.placement.strength)

    def _passage(self, run: _Run, *, begins: bool, ends: bool) -> Passage:
        """A run without what is faint where it begins or ends, and borders on no other."""
        number, first_cell, end_cell = run
        line = self._lines[number]
        if begins:
            first_cell += line.faint_cells(first_cell, end_cell, 1)
        if ends:
            end_cell -= line.faint_cells(first_cell, end_cell, -1)
        placement = line.placement(first_cell, end_cell).later(self._begin_s)
        return Passage(placement, number, first_cell, end_cell)

    def _without_pauses(self, runs: Iterable[_Run]) -> Iterator[_Run]:
        """The same, runs of one line as one where nothing else is heard in between."""
        last: _Run | None = None
        for run in runs:
            line, _, end = run
            if last and line == last[0] and self._lines[line].may_sound(last[2], run[1]):
                last = line, last[1], end
                continue
            if last:
                yield last
            last = run
        if last:
            yield last


def _best_path(lines: Sequence[Line]) -> list[int]:
    """The line that has each cell of the mix; -1 where none has.

    It costs nothing to fall silent, and the line's `jump_cost` to begin it.
    """
    nobody = len(lines)
    costs = np.array([line.jump_cost for line in lines])
    values = np.full(nobody + 1, -np.inf)  # of the best way to each line, and last to none
    values[nobody] = 0.0
    steps = []
    sounding = np.array([nobody])
    for here, scores in _cells(lines):
        best = int(sounding[np.argmax(values[sounding])])
        jump = values[best] - costs[here]
        jumps = jump > values[here]
        reached = np.maximum(values[here], jump) + scores
        silent = values[best]
        values[sounding] = -np.inf
        values[here], values[nobody] = reached, silent
        sounding = np.append(here, nobody)
        steps.append((best, frozenset(here[jumps].tolist())))
    path: list[int] = []
    now = int(sounding[np.argmax(values[sounding])])
    for best, entered in reversed(steps):
        path.append(-1 if now == nobody else now)
        if now == nobody or now in entered:
            now = best
    return path[::-1]


def _cells(lines: Sequence[Line]) -> Iterator[tuple[NDArray[np.intp], Scores]]:
    """Cell by cell of the mix the lines that may sound there, and their scores: (lines,) both."""
    if not lines:
        return
    cells = [line.first_cell + np.arange(len(line.scores)) for line in lines]
    numbers = np.repeat(np.arange(len(lines)), [len(line.scores) for line in lines])
    cell, scores = np.concatenate(cells), np.concatenate([line.scores for line in lines])
    order = np.argsort(cell, kind="stable")
    borders = np.searchsorted(cell[order], np.arange(1, int(cell.max()) + 1))
    yield from zip(np.split(numbers[order], borders), np.split(scores[order], borders), strict=True)


def _runs(path: Sequence[int]) -> Iterator[_Run]:
    """Line, first cell and end of each run of cells that one line has."""
    for line, group in groupby(range(len(path)), key=lambda cell: path[cell]):
        cells = list(group)
        if line >= 0:
            yield line, cells[0], cells[-1] + 1
