"""Lines of a track: runs of blocks of a mix that agree with it at about one lag, cell by cell."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.dsp.align import Placement, Signal, cut
from engine.dsp.correlate import SEARCH_RATE_HZ, Peak, block_samples

CELL = 1500
"""Samples of a cell, a quarter of a second."""
_CELL_REACH = 4
_MAX_DRIFT = 3e-4
_LAGS = np.arange(2 * _CELL_REACH + 1)
_BETWEEN = np.sinc(np.arange(2 * _LAGS[-1] + 1)[:, None] / 2 - _LAGS)
"""Values at all and half samples, of those at all samples."""
_CHANCE = 2.0, 4.0
"""What counts as nothing, for faint lines and for loud ones, in deviations: of 4,000 cells of noise
half agree by 1.9 at the best of the lags that are looked at, one in a hundred by 3.4; music that is
like itself by a little more."""
_FAINT_SHARE = 0.3
"""Part of what loud cells agree; where less does, it is not heard any more."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SearchedPair:
    """What lines are drawn through.

    Attributes:
        mix: (num_samples,) from `search_signal`.
        track: (num_samples,) from `search_signal`.
        chance: Deviation of a cell's agreement if the track is not there.
    """

    mix: Signal
    track: Signal
    chance: float

    @classmethod
    def of(cls, mix: Signal, track: Signal) -> "SearchedPair":
        """The two with what chance makes of them."""
        return cls(mix, track, math.sqrt(CELL) * _level(mix) * _level(track))

    @property
    def block(self) -> int:
        """Samples of a block in which the mix is looked at."""
        return block_samples(self.mix)


class Line:
    """Peaks of consecutive blocks at about one lag.

    Args:
        peaks: In the order of the mix, at least one.
        pair: What they are peaks of.
        least_cells: Shorter runs of the line are none.
        jump_cost: By how much it has to be better than others before it begins, in deviations.

    Attributes:
        first_cell: Of the mix, from which on the line may sound: a block before its first peak.
        least_cells, jump_cost: As given.
        scores: (cells,) how far each cell agrees beyond what counts as nothing, in deviations.
    """

    def __init__(
        self, peaks: Sequence[Peak], pair: SearchedPair, least_cells: int, jump_cost: float
    ) -> None:
        self.least_cells, self.jump_cost = least_cells, jump_cost
        self._peaks, self._block, self._length = peaks, pair.block, len(pair.mix)
        self._centres = np.array([peak.block_start + self._block / 2 for peak in peaks])
        self._lags = np.array([peak.lag for peak in peaks])
        self.first_cell = max(0, peaks[0].block_start - self._block) // CELL
        self._sums = np.array(list(self._agreements(pair))) / pair.chance
        first, last = (peaks[end].block_start // CELL - self.first_cell for end in (0, -1))
        inner = self._sums[first : last + self._block // CELL]
        nothing = np.clip(_FAINT_SHARE * np.quantile(inner, 0.9), *_CHANCE)
        self.scores: Scores = self._sums - nothing

    def placement(self, first_cell: int, end_cell: int) -> Placement:
        """The line between two cells."""
        first, end = first_cell * CELL, min(end_cell * CELL, self._length)
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
        """So many cells of a stretch, from its start (1) or its end (-1) on, are too faint for it.

        What the block next to that end agrees says what is faint.
        """
        between = self._sums[first_cell - self.first_cell : end_cell - self.first_cell]
        near = between[::step][: self._block // CELL]
        beyond = np.cumsum(near - min(_CHANCE[1], _FAINT_SHARE * np.quantile(near, 0.9)))
        return int(np.argmin(np.append(0.0, beyond)))

    def _agreements(self, pair: SearchedPair) -> Iterator[float]:
        """Correlation of each cell with the track, a few samples around the line."""
        end = min(self._length, self._peaks[-1].block_start + 2 * self._block)
        edges = np.arange(self.first_cell * CELL, end, CELL)
        lags = np.interp(edges, self._centres, self._lags).round().astype(int)
        for edge, lag in zip(edges.tolist(), lags.tolist(), strict=True):
            heard = pair.mix[edge : min(edge + CELL, end)]
            start = edge + lag - _CELL_REACH
            known = cut(pair.track[None], start, start + len(heard) + 2 * _CELL_REACH)[0]
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
        """Middle of the block within a stretch that agrees most, in samples."""
        sums = self._sums[first_cell - self.first_cell : end_cell - self.first_cell]
        cells = min(self._block // CELL, len(sums))
        totals = np.convolve(sums, np.ones(cells), "valid")
        return (first_cell + int(np.argmax(totals)) + cells / 2) * CELL


def chains(peaks: Iterable[Peak], reach: int) -> list[list[Peak]]:
    """Peaks with about the same lag, in blocks that are not too far from each other.

    Args:
        peaks: In the order of the mix.
        reach: So many samples later a block may be to continue a chain.
    """
    made: list[list[Peak]] = []
    near: list[list[Peak]] = []
    for block_start, found in groupby(peaks, key=lambda peak: peak.block_start):
        near = [chain for chain in near if block_start - chain[-1].block_start <= reach]
        for peak in found:
            chain = next((chain for chain in near if _continues(chain[-1], peak)), None)
            if chain is None:
                chain = []
                made.append(chain)
                near.append(chain)
            chain.append(peak)
    return made


def _level(signal: Signal) -> float:
    """Root mean square, without another copy of a long signal."""
    return math.sqrt(float(np.vdot(signal, signal)) / max(1, len(signal)))


def _continues(last: Peak, peak: Peak) -> bool:
    distance = peak.block_start - last.block_start
    return distance > 0 and abs(peak.lag - last.lag) <= 3 + _MAX_DRIFT * distance
