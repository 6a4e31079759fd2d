"""How many landmarks of a track are heard in a mix, compared with what is usual between the two.

Chance alone would be a poor judge: strokes of drums have dozens of landmarks in the same frame, and
music in the same beat agrees by many of them at once. So the same track is laid against the same
mix at many other shifts, and what agrees there is the measure.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from engine.dsp.compiled import compiled
from engine.dsp.landmark_pairs import Change
from engine.dsp.landmarks import NUM_STEPS, Landmarks

_Points = tuple[NDArray[np.floating], NDArray[np.float32]]
"""(n,) frames of a track's landmarks from the middle of the mix, and (n,) their steps."""
_SAME_FRAMES = 3
"""Places nearer to each other are the same."""
_NEAREST_FRAMES, _FARTHEST_FRAMES = 8, 300
"""What is usual is told from so far away: some bars of music."""
_ELSEWHERE = np.array(
    [
        shift
        for shift in range(-_FARTHEST_FRAMES, _FARTHEST_FRAMES + 1, 7)
        if abs(shift) > _NEAREST_FRAMES
    ]
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A track laid against a mix.

    Attributes:
        start_frame: Frame of the track at frame 0 of the mix.
        change: How the track was changed.
        deviations: Landmarks that are heard beyond what is heard at other shifts, in standard
            deviations.
        heard: Part of the track's landmarks that are heard, 0 to 1.
    """

    start_frame: float
    change: Change
    deviations: float
    heard: float


class HeardLandmarks:
    """The landmarks of a stretch of a mix, laid out to be looked up."""

    def __init__(self, landmarks: Landmarks) -> None:
        self.num_frames = landmarks.num_frames
        steps = np.rint(landmarks.steps).astype(int)
        grid = np.zeros((self.num_frames + 2, NUM_STEPS + 3), bool)
        for later in (0, 1, 2):
            for higher in (0, 1, 2):
                grid[landmarks.frames + later, steps + higher] = True
        self._grid = np.ascontiguousarray(grid[1:-1, 1:-1])
        self._odds = self._grid.sum(0) / max(1, self.num_frames)

    def rough_agreement(self, track: Landmarks, start_frame: float, change: Change) -> Agreement:
        """The best of a few alignments near a given one; arguments as for `best_agreement`."""
        return self._best(track, start_frame, change, _ROUGH)

    def best_agreement(self, track: Landmarks, start_frame: float, change: Change) -> Agreement:
        """The best of all alignments near a given one.

        Args:
            track: All landmarks of a track.
            start_frame: Frame of the track at about frame 0 of the mix.
            change: How the track was changed, its tempo to about half a per cent.
        """
        return self._best(track, start_frame, change, _FINE)

    def best_places(self, track: Landmarks, change: Change, count: int) -> list[Agreement]:
        """Where in a track the stretch agrees best with it: every frame of it gets a hearing.

        Takes some ten thousandths of the track's length. A tempo counts as right if it is so to
        some thousandths.

        Args:
            track: All landmarks of a track.
            change: How the track was changed.
            count: So many places at most, none two of which are the same.
        """
        at = np.rint(track.frames / change.tempo).astype(int)
        step = np.rint(track.steps + change.steps).astype(int)
        inside = (step >= 0) & (step <= NUM_STEPS)
        at, step = at[inside], step[inside]
        length = int(at.max(initial=0)) + self.num_frames + 1
        hits = self._hits(at, step, length)
        odds = self._odds[step]
        usual, variance = (self._in_stretch(at, each, length) for each in (odds, odds * (1 - odds)))
        deviations = _beyond_those_around((hits - usual) / (np.sqrt(variance) + 1))
        places = []
        for _ in range(count):
            best = int(np.argmax(deviations))
            start_frame = (best - self.num_frames) * change.tempo
            places.append(Agreement(start_frame, change, float(deviations[best]), 0.0))
            deviations[max(0, best - _SAME_FRAMES) : best + _SAME_FRAMES + 1] = -np.inf
        return places

    def _hits(
        self, at: NDArray[np.int64], step: NDArray[np.int64], length: int
    ) -> NDArray[np.int64]:
        """(length,) landmarks that are heard if the stretch begins so late, less its length."""
        when, begins = self._times
        lengths = begins[step + 1] - begins[step]
        skipped = np.cumsum(lengths) - lengths
        which = np.repeat(begins[step] - skipped, lengths) + np.arange(lengths.sum())
        late = np.repeat(at + self.num_frames, lengths) - when[which]
        return np.bincount(late, minlength=length)

    @cached_property
    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Frames at which the steps are heard, step by step, and where each step's begin."""
        steps, frames = np.nonzero(self._grid.T)
        return frames, np.searchsorted(steps, np.arange(NUM_STEPS + 2))

    def _in_stretch(
        self, at: NDArray[np.int64], values: NDArray[np.floating], length: int
    ) -> NDArray[np.float64]:
        """(length,) sums of what lies in the stretch if it begins so late, less its length."""
        late = np.bincount(at + self.num_frames, values, length)
        sums: NDArray[np.float64] = np.concatenate((np.zeros(1), np.cumsum(late)))
        first = np.arange(length)
        return sums[np.minimum(first + self.num_frames, length)] - sums[first]

    def _best(
        self, track: Landmarks, start_frame: float, change: Change, raster: "_Raster"
    ) -> Agreement:
        middle = start_frame + change.tempo * self.num_frames / 2
        reach = (self.num_frames / 2 + _FARTHEST_FRAMES) * max(change.tempo, 1.0) * 1.01
        part = slice(*np.searchsorted(track.frames, (middle - reach, middle + reach)))
        points = track.frames[part] - middle, track.steps[part]
        tries = [
            self._laid(points, near, raster.shifts) for near in _near(change, raster.tempo_offsets)
        ]
        best = max(tries, key=lambda laid: laid.beyond)
        elsewhere, _ = self._by_shift(points, best.change, _ELSEWHERE)
        return Agreement(
            start_frame=middle - (self.num_frames / 2 + best.shift) * best.change.tempo,
            change=best.change,
            deviations=float((best.beyond - elsewhere.mean()) / max(1.0, elsewhere.std())),
            heard=best.heard,
        )

    def _laid(self, points: _Points, change: Change, shifts: NDArray[np.int64]) -> "_Laid":
        """Landmarks of a track at the shift that fits best."""
        beyond, heard = self._by_shift(points, change, shifts)
        best = int(np.argmax(beyond))
        return _Laid(change, int(shifts[best]), float(beyond[best]), float(heard[best]))

    def _by_shift(
        self, points: _Points, change: Change, shifts: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _by_shift(self._grid, self._odds, *points, change.tempo, change.steps, shifts)


def _beyond_those_around(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviations at all shifts, by those of the shifts around each; the highest lose some."""
    around = 2 * _FARTHEST_FRAMES + 1
    usual = uniform_filter1d(deviations, around)
    variance = uniform_filter1d(deviations**2, around) - usual**2
    return np.asarray((deviations - usual) / np.sqrt(np.maximum(variance, 1.0)))


@compiled
def _by_shift(
    grid: NDArray[np.bool_],
    odds: NDArray[np.float64],
    frames: NDArray[np.floating],
    steps: NDArray[np.float32],
    tempo: float,
    higher: float,
    shifts: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is heard of a track's landmarks if they lie some frames later.

    Args:
        grid: (frames, steps) whether something is heard.
        odds: (steps,) how often that is.
        frames: (n,) where they lie, ascending, from the middle of the mix.
        steps: (n,) their steps.
        tempo: Frames of the track a frame of the mix.
        higher: How many steps higher they are in the mix.
        shifts: (m,) frames of the mix.

    Returns:
        (m,) how many are heard beyond chance in its deviations, and (m,) which part.
    """
    at, step, count = np.empty(len(frames), np.int64), np.empty(len(frames), np.int64), 0
    usual, variance = np.zeros(len(frames) + 1), np.zeros(len(frames) + 1)
    for i in range(len(frames)):
        there = round(steps[i] + higher)
        if 0 <= there < len(odds):
            at[count], step[count] = round(frames[i] / tempo + len(grid) / 2), there
            chance = odds[there]
            count += 1
            usual[count] = usual[count - 1] + chance
            variance[count] = variance[count - 1] + chance * (1 - chance)
    beyond, heard = np.zeros(len(shifts)), np.zeros(len(shifts))
    for k in range(len(shifts)):
        first = np.searchsorted(at[:count], -shifts[k])
        last = np.searchsorted(at[:count], len(grid) - shifts[k])
        hits = 0
        for i in range(first, last):
            hits += grid[np.uint64(at[i] + shifts[k]), np.uint64(step[i])]
        spread = np.sqrt(max(variance[last] - variance[first], 1e-9))
        beyond[k] = (hits - (usual[last] - usual[first])) / spread
        heard[k] = hits / max(1, last - first)
    return beyond, heard


@dataclass(frozen=True, slots=True)
class _Laid:
    """A track laid against a mix under one change.

    Attributes:
        change: The change.
        shift: By how many frames more than it was said they fit best.
        beyond: What is heard of its landmarks beyond what chance gives, in its deviations.
        heard: Part that is heard.
    """

    change: Change
    shift: int
    beyond: float
    heard: float


@dataclass(frozen=True, slots=True)
class _Raster:
    """Alignments that are tried around a given one."""

    shifts: NDArray[np.int64]
    tempo_offsets: tuple[float, ...]


_ROUGH = _Raster(np.arange(-4, 5, 2), (0.0, -0.0035, 0.0035))
_FINE = _Raster(np.arange(-4, 5), tuple(sorted((step / 1000 for step in range(-6, 7)), key=abs)))


def _near(change: Change, offsets: tuple[float, ...]) -> list[Change]:
    """Tempos around that of a change, the nearest first; the pitch goes with it if it did before.

    If only the pitch was changed, pitches: they are told three times less exactly.
    """
    tempo, pitch = change.tempo, change.pitch
    if tempo == 1.0:
        return [Change(1.0, pitch + 3 * offset) for offset in offsets] if pitch != 1.0 else [change]
    tempos = [tempo + offset for offset in offsets]
    return [Change(near, near if tempo == pitch else pitch) for near in tempos]
