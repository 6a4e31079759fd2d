"""Finds followed through a mix: fitted block by block, each block taught by the one before.

Finds of which one ends where the next begins are followed as one: what an editor does to one turn
of a loop is done to all.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.dsp.align import Placement, read_aligned
from engine.dsp.subtract import BlockFit, fit_block, window_samples
from engine.stages.track_search import LEAST_GAIN, Find
from engine.types import BgmMatch, Samples

if TYPE_CHECKING:
    from engine.dsp.track_model import Knowledge

Frames = NDArray[np.float64]
"""(4, frames): when, the fit's gain, level of the music, and that of the track's file there."""

_MARGIN_S = 2.0
"""So far beyond a find the fit looks for faint ends: what a fade hides from the search."""
_TAIL_S = 0.5
"""So far beyond another find of the track, or after a pause, it may still be heard."""
_CORE_MARGIN_S = 0.25
"""So far beyond a find single bands may have gains of their own; further out they follow noise."""
_LESSON_S = 5.0
"""A block in which a find has hardly begun, if at all, teaches that the track is not heard."""
_AUDIBLE = 0.1
"""20 dB below its usual gain a track counts as not yet, or no longer, heard."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The part of a find that is heard, as it lies in the cache: without the file, which may move.

    Attributes:
        placement: The stretch.
        gain_db: Level of the track in the mix relative to its file, over the stretch.
    """

    placement: Placement
    gain_db: float

    def match(self, find: Find) -> BgmMatch:
        """The same for the user."""
        stretch = find.track.stretch
        return BgmMatch(
            track=find.track.path.absolute(),
            track_start_s=float(self.placement.track_start_s) * stretch,
            video_start_s=float(self.placement.mix_start_s),
            video_end_s=float(self.placement.mix_end_s),
            gain_db=self.gain_db,
            speed=float(self.placement.speed) * stretch,
            confidence=find.confidence,
        )


def in_turns(finds: Iterable[Find]) -> list[list[Find]]:
    """Finds, strongest first, those of which one ends where the next begins together, in order."""
    groups: list[list[Find]] = []
    for find in sorted(finds, key=lambda find: find.placement.mix_start_s):
        turns = next((turns for turns in groups if _follows(find, turns[-1])), None)
        if turns is None:
            groups.append([find])
        else:
            turns.append(find)
    return sorted(groups, key=lambda turns: -max(find.placement.strength for find in turns))


class Followed:
    """Finds that follow each other, and what the blocks so far told of them.

    A loop is one source: what an editor does to one turn of it is done to all.

    Args:
        turns: In the order of the mix, each beginning where the one before ends.
        store: The cache.
        others: More finds; where they are of the same track, this is not looked for.
    """

    def __init__(
        self, turns: Sequence[Find], store: ArtifactStore, others: Iterable[Find] = ()
    ) -> None:
        self._turns = [_Turn(find, store.map(find.track.audio)) for find in turns]
        self._start_s, self._end_s = turns[0].placement.mix_start_s, turns[-1].placement.mix_end_s
        joints_s = [find.placement.mix_start_s for find in turns[1:]]
        self._borders_s = [-math.inf, *joints_s, math.inf]
        self._reach_s = _reach_s(turns, others)
        self._knowledge: tuple[Knowledge, ...] | None = None
        self._frames: list[Frames] = []

    def within(self, start: int, stop: int, sample_rate_hz: int) -> tuple[int, int]:
        """The part of samples start to stop where the track may sound."""
        first, last = (round(second * sample_rate_hz) for second in self._reach_s)
        return max(first, start), min(last, stop)

    def fit(self, rest: Samples, first: int, sample_rate_hz: int, context: RunContext) -> BlockFit:
        """Fit the track to the mix from sample `first` on."""
        last = first + rest.shape[1]
        window = window_samples(sample_rate_hz)
        margin = window // 2
        known = self._read(first - margin, last + margin, sample_rate_hz)
        core = slice(
            round((self._start_s - _CORE_MARGIN_S) * sample_rate_hz) - first,
            round((self._end_s + _CORE_MARGIN_S) * sample_rate_hz) - first,
        )
        check = context.raise_if_cancelled
        fit = fit_block(rest, known, window, self._knowledge, check, core, margin)
        heard = min(core.stop, last - first) - max(core.start, 0)
        if heard >= round(_LESSON_S * sample_rate_hz):
            self._knowledge = fit.knowledge
        every = window // 2
        times = np.arange(first, last, every) / sample_rate_hz
        sounds = fit.bgm, known[:, margin : margin + rest.shape[1]]
        levels = (_levels(sound, every) for sound in sounds)
        self._frames.append(np.stack([times, fit.gain[::every], *levels]))
        return fit

    def heard(self) -> Iterator[tuple[Find, Heard | None]]:
        """The stretch over which each find is heard; None if it never is."""
        frames = np.concatenate([*self._frames, np.zeros((4, 0))], axis=1)
        times, gains, levels, _ = frames
        # Where the track itself is silent any gain fits; where it is loud, only the true one.
        audible = gains > max(_AUDIBLE * _usual(gains), LEAST_GAIN)
        audible &= levels > _AUDIBLE * _usual(levels)
        audible &= _joins(times, audible, (self._start_s, self._end_s))
        for turn, (from_s, to_s) in zip(self._turns, pairwise(self._borders_s), strict=True):
            yield turn.find, turn.heard(frames[:, audible & (times >= from_s) & (times < to_s)])

    def _read(self, begin: int, end: int, sample_rate_hz: int) -> Samples:
        """The track as it lies under samples begin to end of the mix, turn by turn."""
        rate = sample_rate_hz
        borders = np.clip(np.array(self._borders_s) * rate, begin, end).round().astype(int).tolist()
        spans = zip(self._turns, pairwise(borders), strict=True)
        parts = [turn.read(first, last, rate) for turn, (first, last) in spans if first < last]
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A find and its track."""

    find: Find
    samples: Samples

    def read(self, start: int, stop: int, sample_rate_hz: int) -> Samples:
        """The track as it lies under samples start to stop of the mix."""
        rate_hz = self.find.track.rate_hz
        return read_aligned(self.find.placement, self.samples, rate_hz, sample_rate_hz, start, stop)

    def heard(self, frames: Frames) -> Heard | None:
        """The stretch, of the frames in which it is heard; None if there are none."""
        times, _, levels, sources = frames
        if not times.size:
            return None
        placement = self.find.placement.between(*self._within_file(times))
        return Heard(placement, 10 * float(np.log10(np.sum(levels**2) / np.sum(sources**2))))

    def _within_file(self, heard_s: NDArray[np.float64]) -> tuple[float, float]:
        """First and last of some times of the mix, but not outside the track's file."""
        placement, track = self.find.placement, self.find.track
        begin_s = placement.mix_start_s - placement.track_start_s / placement.speed
        end_s = begin_s + track.audio.duration_s / track.stretch / placement.speed
        return max(float(heard_s.min()), begin_s), min(float(heard_s.max()), end_s)


def _levels(sound: Samples, every: int) -> Samples:
    """Root mean square of each stretch of `every` samples, the last one with what there is."""
    starts = np.arange(0, sound.shape[1], every)
    lengths = np.diff(starts, append=sound.shape[1])
    power = np.add.reduceat(np.mean(sound**2, axis=0), starts) / lengths
    return np.sqrt(power).astype(np.float32)


def _joins(
    times: NDArray[np.float64], audible: NDArray[np.bool_], between_s: tuple[float, float]
) -> NDArray[np.bool_]:
    """Which frames no pause cuts off from a stretch: at its edges a fit may be mistaken."""
    start_s, end_s = between_s
    heard_s = np.sort(times[audible])
    runs = np.split(heard_s, np.flatnonzero(np.diff(heard_s) > _TAIL_S) + 1)
    joined = [run for run in runs if run.size and run[-1] >= start_s and run[0] <= end_s]
    if not joined:
        return np.zeros_like(audible)
    return np.asarray((times >= joined[0][0]) & (times <= joined[-1][-1]))


def _usual(values: NDArray[np.float64]) -> float:
    """Median of what is above 0."""
    return float(np.median(values[values > 0])) if np.any(values > 0) else 0.0


def _reach_s(turns: Sequence[Find], others: Iterable[Find]) -> tuple[float, float]:
    """From when to when turns are looked for: beyond their ends, but not where others are."""
    start_s, end_s = turns[0].placement.mix_start_s, turns[-1].placement.mix_end_s
    same = [one.placement for one in others if one.track == turns[0].track]
    before_s = (one.mix_end_s + _TAIL_S for one in same if one.mix_end_s < start_s)
    after_s = (one.mix_start_s - _TAIL_S for one in same if one.mix_start_s > end_s)
    earliest_s = max([start_s - _MARGIN_S, *before_s])
    latest_s = min([end_s + _MARGIN_S, *after_s])
    return min(start_s, earliest_s), max(end_s, latest_s)


def _follows(find: Find, last: Find) -> bool:
    gap_s = find.placement.mix_start_s - last.placement.mix_end_s
    return find.track == last.track and gap_s == 0.0
