"""Is a track in a mix from note to note and from the lowest to the highest, or only some of it?

What two songs of one band share need not be drums: the same chord on the same beat, played by the
same sampler, fits to the very sample, and the next one is missing. A steady shaker that both have
may be all that is shared, or one note of a pad. An editor's gain and filters are neither as fast
nor as steep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.dsp.level_evidence import OVERLAP, LevelEvidence

_PIECE_FRAMES = 6
"""A quarter of a second, about a note."""
_LOWEST_BIN, _OCTAVES, _BANDS_PER_OCTAVE = 9, 7, 3
"""From 100 Hz up."""
_LOW_BANDS = 14
"""Up to 2.5 kHz. Further up drums are most of music, and a codec keeps less than it hears."""
_HEARD_DEVIATIONS = 5.0
_LEAST_PIECES = 25
_FEW = 0.1
_LEAST_HEARD = 0.55
"""What is left of the least heard pieces by limiters and codecs is more, and of tracks of which
half is missing less."""
_LOWS_DEVIATIONS = 20.0
_UPPER_BANDS = 0.8
"""A filter may take the lowest octaves; this part of the low bands has no more level."""
_LEAST_LOWS = 0.25
_BAND_DEVIATIONS = 8.0
_LEAST_BANDS, _LEAST_IN_A_BAND = 4, 0.3
"""A filter may cut all below a band or all above it, or one band; it makes no comb."""

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wholeness:
    """How much of a track is heard, if 1 is its usual level.

    Attributes:
        pieces: Pieces of a note's length and width up to 2.5 kHz in which it can be said.
        least: Level that all but the least heard tenth of them reach.
        lows: Level up to 2.5 kHz, relative to that above.
        lows_deviations: How far they would stand out at the level above; little says little.
        bands: Bands up to 2.5 kHz in which it can be said how loud they are beside the others.
        least_band: Level that all but the least heard tenth of them reach, relative to that on the
            one or the other side, whichever is less.
    """

    pieces: int
    least: float
    lows: float
    lows_deviations: float
    bands: int
    least_band: float

    @property
    def is_patchy(self) -> bool:
        """Whether notes of the track are missing between those that are heard."""
        is_short_of_notes = self.pieces >= _LEAST_PIECES and self.least < _LEAST_HEARD
        return is_short_of_notes or self._is_comb

    @property
    def _is_comb(self) -> bool:
        return self.bands >= _LEAST_BANDS and self.least_band < _LEAST_IN_A_BAND

    @property
    def lacks_lows(self) -> bool:
        """Whether no more of it is heard than its treble."""
        return self.lows_deviations >= _LOWS_DEVIATIONS and self.lows < _LEAST_LOWS


def wholeness(evidence: LevelEvidence) -> Wholeness:
    """Compare the pieces of a track with each other, as they are heard in a mix."""
    pulls, precisions = (_pieces(each) for each in (evidence.pull, evidence.precision))
    weights = precisions.sum(0)
    levels = np.divide(pulls.sum(0), weights, out=np.zeros_like(pulls[0]), where=weights > 0)
    expected = np.abs(levels) ** 2 * precisions
    is_heard = expected.sum(0) > OVERLAP * _HEARD_DEVIATIONS**2
    low = np.arange(len(levels)) < _LOW_BANDS
    tells = (is_heard & low) & (expected > OVERLAP * _HEARD_DEVIATIONS**2)
    heard = (pulls * levels.conj()).real[tells] / expected[tells]
    told = np.abs(levels), weights / OVERLAP, is_heard
    return Wholeness(len(heard), _least(heard), *_lows(*told), *_beside_each_other(*told))


def _least(heard: Levels) -> float:
    return float(np.quantile(heard, _FEW)) if len(heard) else 1.0


def _lows(levels: Levels, weights: Levels, is_heard: NDArray[np.bool_]) -> tuple[float, float]:
    """Level of the low bands relative to the high ones, and how far these would stand out."""
    high = levels[_LOW_BANDS:][is_heard[_LOW_BANDS:]]
    if not len(high):
        return 1.0, 0.0
    usual = float(np.median(high))
    expected = usual**2 * weights[:_LOW_BANDS]
    telling = expected > _HEARD_DEVIATIONS**2
    if not telling.any():
        return 1.0, 0.0
    found = np.quantile(levels[:_LOW_BANDS][telling] / usual, _UPPER_BANDS)
    return float(found), float(np.sqrt(expected.sum()))


def _beside_each_other(
    levels: Levels, weights: Levels, is_heard: NDArray[np.bool_]
) -> tuple[int, float]:
    """In how many low bands it can be told, and how loud the least heard are beside the others."""
    low = slice(_LOW_BANDS)
    heard = np.where(is_heard, levels, 0)[low]
    below, above = np.maximum.accumulate(heard), np.maximum.accumulate(heard[::-1])[::-1]
    usual = np.minimum(below, above)
    telling = usual**2 * weights[low] > _BAND_DEVIATIONS**2
    return int(telling.sum()), _least(levels[low][telling] / usual[telling])


def _pieces(places: NDArray[np.inexact]) -> NDArray[np.inexact]:
    """Sums of (frames, bins) over pieces: (pieces in time, bands)."""
    octaves = np.arange(_OCTAVES * _BANDS_PER_OCTAVE + 1) / _BANDS_PER_OCTAVE
    edges = np.round(_LOWEST_BIN * 2**octaves).astype(int)
    edges = edges[edges < places.shape[1]]
    starts = np.arange(0, len(places), _PIECE_FRAMES)
    in_bands = np.add.reduceat(places, edges, axis=1)[:, :-1]
    return np.add.reduceat(in_bands, starts, axis=0)
