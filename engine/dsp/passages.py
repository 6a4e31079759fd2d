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
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.dsp.align import Placement, Signal, advanced, cut
from engine.dsp.correlate import SEARCH_RATE_HZ, Peak, block_samples, find_peaks

_CELL = 1500
"""A quarter of a second."""
_MIN_CELLS = 6
_MIN_CELLS_OF_A_TURN = 2
"""What a loop leads to expect needs less to be believed."""
_CELL_REACH = 4
_MAX_DRIFT = 3e-4
_JUMP_COST = 15.0
"""In deviations of a cell's agreement by chance: noise alone does not come to it in a minute."""
_LAGS = np.arange(2 * _CELL_REACH + 1)
_BETWEEN = np.sinc(np.arange(2 * _LAGS[-1] + 1)[:, None] / 2 - _LAGS)
"""Values at all and half samples, of those at all samples."""
_CHANCE = 2.0, 3.0
"""What counts as nothing in the same deviations, for faint lines and for loud ones: chance alone
agrees by 1.9, and hardly ever by more than 3."""
_FAINT = 4.0
"""What chance hardly comes to in a cell."""
_FAINT_SHARE = 0.3
"""Part of what the loud cells near an end agree; where less does, it is not heard any more."""
_JOINT_REACH_S = 0.5

Scores = NDArray[np.float64]
_Run = tuple[int, int, int]
"""Line, first cell, end."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a mix that one line of a track has to itself.

    Attributes:
        placement: Where it lies.
        line: Number of the line.
        first_cell: Of the mix.
        end_cell: The first one behind it.
    """

    placement: Placement
    line: int
    first_cell: int
    end_cell: int

    @property
    def is_short(self) -> bool:
        """Whether it is too short for a trial of its own."""
        return self.end_cell - self.first_cell < _MIN_CELLS

    def is_mostly(self, other: "Passage") -> bool:
        """Whether more than half of it lies within another passage of the same line."""
        common = min(self.end_cell, other.end_cell) - max(self.first_cell, other.first_cell)
        return self.line == other.line and 2 * common > self.end_cell - self.first_cell


class Passages:
    """All that a mix may hold of a track; what turns out not to be it is dropped.

    Args:
        mix: (num_samples,) from `search_signal`.
        track: (num_samples,) from `search_signal`.
        check: Called once a block; may raise to cancel.
        begin_s: Time of the mix's first sample, from which placements count.
    """

    def __init__(
        self,
        mix: Signal,
        track: Signal,
        check: Callable[[], None] = lambda: None,
        begin_s: float = 0.0,
    ) -> None:
        self._mix, self._track, self._block = mix, track, block_samples(mix)
        self._begin_s = begin_s
        peaks = find_peaks(mix, track, check)
        self._lines = [self._line(chain) for chain in _chains(peaks, 2 * self._block)]
        self._now: list[Passage] | None = None

    def now(self) -> list[Passage]:
        """The passages that are left, strongest first; no two overlap."""
        if self._now is None:
            self._now = self._followed()
        return self._now

    def drop(self, passage: Passage) -> None:
        """Leave a passage to other lines from now on."""
        self._lines[passage.line].silence(passage.first_cell, passage.end_cell)
        self._now = None

    def another_turn(self, turn: Passage, last: Passage) -> Passage | None:
        """The turn of a loop that comes after the last one, or before the first; maybe a short one.

        Args:
            turn: The one before it, or after it, beside the last.
            last: The last, or first, turn that is known.
        """
        edge = last.end_cell if turn.first_cell < last.first_cell else last.first_cell
        lag = 2 * self._lag(last) - self._lag(turn)
        peak = Peak(edge * _CELL - self._block // 2, lag, last.placement.strength)
        line = len(self._lines)
        self._lines.append(self._line([peak], _MIN_CELLS_OF_A_TURN))
        self._now = None
        return next((passage for passage in self.now() if passage.line == line), None)

    def joint_s(self, before: Placement, after: Placement) -> float:
        """When one placement gives way to the next, which begins about where it ends."""
        first_s = max(before.mix_start_s, before.mix_end_s - _JOINT_REACH_S)
        last_s = min(after.mix_end_s, after.mix_start_s + _JOINT_REACH_S)
        first, end = (round((s - self._begin_s) * SEARCH_RATE_HZ) for s in (first_s, last_s))
        heard = self._mix[first:end]

        def agreement(placement: Placement) -> Scores:
            position = placement.track_time_s(first_s) * SEARCH_RATE_HZ
            start = math.floor(position)
            known = cut(self._track[None], start, start + len(heard) + 1)
            products = heard * advanced(known, position - start)[0, : len(heard)]
            total: Scores = np.cumsum(products, dtype=np.float64)
            return total if total[-1] >= 0 else -total

        better = int(np.argmax(agreement(before) - agreement(after)))
        return first_s + better / SEARCH_RATE_HZ

    def _line(self, peaks: Sequence[Peak], least_cells: int = _MIN_CELLS) -> "_Line":
        return _Line(peaks, self._mix, self._track, self._block, least_cells)

    def _lag(self, passage: Passage) -> float:
        """In samples, at the middle of a passage; clocks that drift do not drift far in a turn."""
        placement = passage.placement
        middle_s = (placement.mix_start_s + placement.mix_end_s) / 2
        lag_s = placement.track_time_s(middle_s) - middle_s + self._begin_s
        return lag_s * SEARCH_RATE_HZ

    def _followed(self) -> list[Passage]:
        while True:
            runs = list(self._without_pauses(_runs(_best_path(self._lines))))
            short = [run for run in runs if run[2] - run[1] < self._lines[run[0]].least_cells]
            for line, first_cell, end_cell in short:
                self._lines[line].silence(first_cell, end_cell)
            if not short:
                break
        found = [self._trimmed(run, runs) for run in runs]
        return sorted(found, key=lambda passage: -passage.placement.strength)

    def _trimmed(self, run: _Run, runs: Iterable[_Run]) -> Passage:
        """A run without what is faint at its ends, where it borders on no other."""
        number, first_cell, end_cell = run
        line = self._lines[number]
        if all(end != first_cell for _, _, end in runs):
            first_cell += line.faint_cells(first_cell, end_cell, 1)
        if all(first != end_cell for _, first, _ in runs):
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


class _Line:
    """Peaks of consecutive blocks at about one lag.

    Attributes:
        first_cell: Of the mix, from which on the line may sound.
        least_cells: Shorter runs of it are none.
        scores: (cells,) how far each cell agrees beyond what counts as nothing, in deviations.
    """

    def __init__(
        self, peaks: Sequence[Peak], mix: Signal, track: Signal, block: int, least_cells: int
    ) -> None:
        self.least_cells = least_cells
        self._peaks, self._block, self._length = peaks, block, len(mix)
        self._centres = np.array([peak.block_start + block / 2 for peak in peaks])
        self._lags = np.array([peak.lag for peak in peaks])
        self.first_cell = max(0, peaks[0].block_start - block) // _CELL
        end = min(len(mix), peaks[-1].block_start + 2 * block)
        sums = np.array(list(self._agreements(mix, track, end)))
        chance = np.sqrt(_CELL) * float(mix.std()) * float(track.std())
        self._sums = sums / chance
        nothing = np.clip(_FAINT_SHARE * np.quantile(self._sums, 0.9), *_CHANCE)
        self.scores: Scores = self._sums - nothing

    def placement(self, first_cell: int, end_cell: int) -> Placement:
        """The line between two cells."""
        first, end = first_cell * _CELL, min(end_cell * _CELL, self._length)
        offset, slope = self._straight()
        strengths = [
            peak.strength
            for peak in self._peaks
            if first < peak.block_start + self._block and peak.block_start < end
        ]
        return Placement(
            mix_start_s=first / SEARCH_RATE_HZ,
            mix_end_s=end / SEARCH_RATE_HZ,
            track_start_s=(first + offset + slope * first) / SEARCH_RATE_HZ,
            speed=1.0 + slope,
            strength=float(np.mean(strengths or [peak.strength for peak in self._peaks])),
            strongest_s=self._strongest(first_cell, end_cell) / SEARCH_RATE_HZ,
        )

    def silence(self, first_cell: int, end_cell: int) -> None:
        """Let the line not sound between two cells."""
        self.scores[first_cell - self.first_cell : end_cell - self.first_cell] = -np.inf

    def may_sound(self, first_cell: int, end_cell: int) -> bool:
        """Whether no cell of a stretch was silenced."""
        between = self.scores[first_cell - self.first_cell : end_cell - self.first_cell]
        return bool(np.isfinite(between).all())

    def faint_cells(self, first_cell: int, end_cell: int, step: int) -> int:
        """So many cells of a stretch, from its start or backwards, are before it really begins."""
        between = self._sums[first_cell - self.first_cell : end_cell - self.first_cell]
        near = between[::step][: self._block // _CELL]
        beyond = np.cumsum(near - min(_FAINT, _FAINT_SHARE * np.quantile(near, 0.9)))
        return int(np.argmin(np.append(0.0, beyond)))

    def _agreements(self, mix: Signal, track: Signal, end: int) -> Iterator[float]:
        """Correlation of each cell with the track, a few samples around the line."""
        edges = np.arange(self.first_cell * _CELL, end, _CELL)
        lags = np.interp(edges, self._centres, self._lags).round().astype(int)
        for edge, lag in zip(edges.tolist(), lags.tolist(), strict=True):
            heard = mix[edge : min(edge + _CELL, end)]
            start = edge + lag - _CELL_REACH
            known = cut(track[None], start, start + len(heard) + 2 * _CELL_REACH)[0]
            products = sliding_window_view(known, len(heard)) @ heard
            yield float(np.abs(_BETWEEN @ products).max())

    def _straight(self) -> tuple[float, float]:
        """Lag at the mix's first sample, and how much it grows a sample."""
        spread = self._centres[-1] - self._centres[0]
        slope = 0.0
        if len(self._peaks) >= 4:
            slope = float(np.polyfit(self._centres, self._lags, 1)[0])
        if abs(slope) * spread <= 3:
            slope = 0.0
        return float(np.median(self._lags - slope * self._centres)), slope

    def _strongest(self, first_cell: int, end_cell: int) -> float:
        """Middle of the block within a stretch that agrees most."""
        sums = self._sums[first_cell - self.first_cell : end_cell - self.first_cell]
        cells = min(self._block // _CELL, len(sums))
        totals = np.convolve(sums, np.ones(cells), "valid")
        return (first_cell + int(np.argmax(totals)) + cells / 2) * _CELL


def _chains(peaks: Iterable[Peak], reach: int) -> list[list[Peak]]:
    """Peaks with about the same lag, in blocks that are not too far from each other."""
    chains: list[list[Peak]] = []
    for block_start, found in groupby(peaks, key=lambda peak: peak.block_start):
        near = [chain for chain in chains if block_start - chain[-1].block_start <= reach]
        for peak in found:
            chain = next((chain for chain in near if _continues(chain[-1], peak)), None)
            if chain is None:
                chains.append([peak])
            else:
                chain.append(peak)
    return chains


def _continues(last: Peak, peak: Peak) -> bool:
    distance = peak.block_start - last.block_start
    return distance > 0 and abs(peak.lag - last.lag) <= 3 + _MAX_DRIFT * distance


def _best_path(lines: Sequence[_Line]) -> list[int]:
    """The line that has each cell of the mix; -1 where none has."""
    nobody = len(lines)
    values = np.full(nobody + 1, -np.inf)
    values[nobody] = 0.0
    steps = []
    sounding = np.array([nobody])
    for here, scores in _cells(lines):
        best = int(sounding[np.argmax(values[sounding])])
        jump = values[best] - _JUMP_COST
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


def _cells(lines: Sequence[_Line]) -> Iterator[tuple[NDArray[np.intp], Scores]]:
    """Cell by cell of the mix the lines that may sound there, and their scores."""
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
