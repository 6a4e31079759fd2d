"""How many landmarks of a track are heard in a mix, compared with what chance would give."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.dsp.landmark_pairs import Change
from engine.dsp.landmarks import NUM_STEPS, Landmarks

_REACH_FRAMES = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """A track laid against a mix.

    Attributes:
        start_frame: Frame of the track at frame 0 of the mix.
        change: How the track was changed.
        deviations: Landmarks that are heard beyond what chance gives, in standard deviations.
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
        self._grid = grid[1:-1, 1:-1]
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
        deviations = (hits - usual) / (np.sqrt(variance) + 1)
        places = []
        for _ in range(count):
            best = int(np.argmax(deviations))
            start_frame = (best - self.num_frames) * change.tempo
            places.append(Agreement(start_frame, change, float(deviations[best]), 0.0))
            deviations[max(0, best - _REACH_FRAMES) : best + _REACH_FRAMES + 1] = -np.inf
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
        reach = (self.num_frames * max(change.tempo, 1.0) * 1.01) / 2 + _REACH_FRAMES
        part = slice(*np.searchsorted(track.frames, (middle - reach, middle + reach)))
        frames, steps = track.frames[part] - middle, track.steps[part]
        tries = [
            self._agreement(frames, steps, middle, near, raster.shifts)
            for near in _near(change, raster.tempo_offsets)
        ]
        return max(tries, key=lambda agreement: agreement.deviations)

    def _agreement(
        self,
        frames: NDArray[np.floating],
        steps: NDArray[np.float32],
        middle: float,
        change: Change,
        shifts: tuple[int, ...],
    ) -> Agreement:
        """The best shift by a few frames under one change; frames count from the mix's middle."""
        at = np.rint(frames / change.tempo + self.num_frames / 2).astype(int)
        step = np.rint(steps + change.steps).astype(int)
        inside = (step >= 0) & (step <= NUM_STEPS)
        inside &= (at >= _REACH_FRAMES) & (at < self.num_frames - _REACH_FRAMES)
        at, step = at[inside], step[inside]
        counts = [int(self._grid[at + shift, step].sum()) for shift in shifts]
        best = int(np.argmax(counts))
        odds = self._odds[step]
        spread = float(np.sqrt((odds * (1 - odds)).sum())) + 1e-9
        return Agreement(
            start_frame=middle - (self.num_frames / 2 + shifts[best]) * change.tempo,
            change=change,
            deviations=(counts[best] - float(odds.sum())) / spread,
            heard=counts[best] / max(1, len(at)),
        )


@dataclass(frozen=True, slots=True)
class _Raster:
    """Alignments that are tried around a given one."""

    shifts: tuple[int, ...]
    tempo_offsets: tuple[float, ...]


_ROUGH = _Raster((-2, 0, 2), (-0.0035, 0.0, 0.0035))
_FINE = _Raster(tuple(range(-3, 4)), tuple(thousandth / 1000 for thousandth in range(-6, 7)))


def _near(change: Change, offsets: tuple[float, ...]) -> list[Change]:
    """Tempos around that of a change; the pitch goes with it if it did before."""
    if change.tempo == 1.0:
        return [change]
    follows = change.pitch == change.tempo
    tempos = [change.tempo + offset for offset in offsets]
    return [Change(tempo, tempo if follows else change.pitch) for tempo in tempos]
