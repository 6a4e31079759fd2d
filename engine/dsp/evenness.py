"""Are the notes and the strokes of a track in a mix at the same level?

Songs share drum loops, drum kits and backings, and what is shared fits to the very sample. But the
gain of an editor moves the whole track: where its strokes are heard, its notes must be heard as
loudly, in every band by itself, for filters may stand between the bands. Both are measured against
the phase of the track, so that other notes at the same place do not count.

Notes and strokes: Fitzgerald, "Harmonic/percussive separation using median filtering" (DAFx 2010).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from engine.dsp.half_overlap import Spectra, power
from engine.dsp.level_evidence import OVERLAP, LevelEvidence

_NOTES = 0
_NOTE_FRAMES, _STROKE_BINS = 9, 41
_CLEARLY = 2.0
"""What stands out so much in one direction is a note or a stroke; the rest is left out."""
_BANDS = 23
_LOWEST_BIN, _HIGHEST_SHARE = 20, 0.7
_LOW_BANDS = slice(14)
"""Up to 2.5 kHz: what lasts is a note there. Further up it may be a drum: one that is played fast
has the same peaks stroke by stroke."""
_HEARD_DEVIATIONS = 5.0
"""A part that is heard by less gives no level to compare with."""
_TELLING_DEVIATIONS = 3.0
_LEAST_DEVIATIONS = 10.0
_LEAST_USUAL = 0.5
"""Tracks that are there mostly come to 0.9; those of which no more than the drums are there to less
than this, unless the drums are louder than all else (`reprise evaluate identification`)."""
_SURELY_MISSING = 0.3
_MISSED_STROKES = 0.8
"""A codec keeps notes before strokes: no more of what is missing of these counts."""

Parts = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Evenness:
    """How loud the less heard part of a track is, if the other one is 1.

    Attributes:
        usual: Median of all bands, or of the low ones, if these tell enough and it is less.
        deviations: How far what was looked for would stand out; little says little.
    """

    usual: float
    deviations: float

    @property
    def tells(self) -> bool:
        """Whether there was enough to hear."""
        return self.deviations >= _LEAST_DEVIATIONS

    @property
    def is_uneven(self) -> bool:
        """Whether the track should not be taken for found."""
        return self.tells and self.usual < _LEAST_USUAL

    @property
    def is_another_song(self) -> bool:
        """Whether a part is so surely missing that what is found elsewhere counts no more."""
        return self.tells and self.usual < _SURELY_MISSING


def evenness(track: Spectra, evidence: LevelEvidence) -> Evenness:
    """Compare the notes of a track with its strokes, as both are heard in a mix.

    Args:
        track: (track channels, frames, bins).
        evidence: Of the same track in the mix.
    """
    levels, weights = _levels(track, evidence)
    band = np.arange(len(levels))
    heard = (np.abs(levels) ** 2 * weights).argmax(1)
    level, other = levels[band, heard], levels[band, 1 - heard]
    is_heard = np.abs(level) ** 2 * weights[band, heard] > _HEARD_DEVIATIONS**2
    expected = is_heard * weights[band, 1 - heard] * np.abs(level) ** 2
    found = is_heard * weights[band, 1 - heard] * (other * level.conj()).real
    found += np.where(heard == _NOTES, 1 - _MISSED_STROKES, 0.0) * (expected - found)
    low, both = (_usual(found[part], expected[part]) for part in (_LOW_BANDS, slice(None)))
    return low if low.tells and low.usual < both.usual else both


def _usual(found: NDArray[np.float64], expected: NDArray[np.float64]) -> Evenness:
    """What some bands say."""
    telling = expected > _TELLING_DEVIATIONS**2
    if not telling.any():
        return Evenness(1.0, 0.0)
    return Evenness(
        usual=float(np.median(found[telling] / expected[telling])),
        deviations=float(np.sqrt(expected.sum())),
    )


def _levels(track: Spectra, evidence: LevelEvidence) -> tuple[Parts, NDArray[np.float64]]:
    """Level of notes and strokes in the middle of the mix, and how surely it is known.

    Returns:
        Complex gains (bands, 2), and (bands, 2) one over their variance.
    """
    pull, precision = evidence.pull, evidence.precision
    edges = np.geomspace(_LOWEST_BIN, _HIGHEST_SHARE * pull.shape[1], _BANDS + 1).astype(int)
    masks = _notes_and_strokes(power(track.mean(0)))
    pulls = np.stack([_band_sums(pull * mask, edges) for mask in masks], 1)
    precisions = np.stack([_band_sums(precision * mask, edges).real for mask in masks], 1)
    levels = np.divide(pulls, precisions, out=np.zeros_like(pulls), where=precisions > 0)
    return levels, precisions / OVERLAP


def _band_sums(values: NDArray[np.inexact], edges: NDArray[np.int_]) -> Parts:
    totals = values.sum(0, dtype=np.complex128)
    return np.array([totals[low:high].sum() for low, high in pairwise(edges.tolist())])


def _notes_and_strokes(powers: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where (frames, bins) there are notes, and where strokes."""
    lasting = _medians(powers.T, _NOTE_FRAMES).T
    wide = _medians(powers, _STROKE_BINS)
    return lasting > _CLEARLY * wide, wide > _CLEARLY * lasting


def _medians(rows: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Running medians along each row, mirrored at its ends.

    All rows in one go: SciPy's filter of one dimension is ten times as fast as that of two.
    """
    half = width // 2
    padded = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    medians: NDArray[np.float32] = median_filter(padded.ravel(), width).reshape(padded.shape)
    return medians[:, half:-half]
