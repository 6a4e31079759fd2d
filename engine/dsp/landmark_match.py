"""How many landmarks of a track are heard in a mix, compared with what chance would give."""

from dataclasses import dataclass

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
