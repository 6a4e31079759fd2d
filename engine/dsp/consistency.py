"""Is it the track that was found, or only something that the track has in common with the mix?

Songs share drum samples, loops and synthesiser notes to the very sample, and shared bits correlate
as well as the whole does. But they play at a certain level, and at that level the rest of the track
would have to be in the mix as well. Where it would stand above all that the mix holds, it is
missing. Only places count that would stand out from the mix around them, because a codec may drop
the others.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from engine.dsp.half_overlap import Spectra, power

FEW_PLACES = 50
_FRAMES, _BINS = 3, 9
_GAIN_FRAMES = 33
_BANDS = 18
_LOWEST_BIN, _HIGHEST_SHARE = 20, 0.7
_EXPLAINED = 0.25
_MISSING = 0.3
_PROMINENT = 0.5
_SURROUNDINGS_BINS = 81
_MIN_TILES = 10

Tiles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Places where the track should be heard: at how many it is, and at how many it is not."""

    heard: int
    missing: int

    @property
    def share(self) -> float:
        """Part of the places at which the track is heard, 0 to 1; 0.5 if nothing can be said."""
        return (self.heard + FEW_PLACES / 2) / (self.heard + self.missing + FEW_PLACES)


def consistency(
    mix: Spectra, track: Spectra, bgm: Spectra, gain: NDArray[np.float64]
) -> Consistency:
    """Compare a mix with what the track would add to it everywhere at its level.

    Args:
        mix: (mix channels, frames, bins).
        track: (track channels, frames, bins).
        bgm: (mix channels, frames, bins), the track as it was fitted to the mix.
        gain: (frames,), of that fit; only its slow changes count, for a gain that follows every
            drum stroke is no gain of an editor's.
    """
    bins = mix.shape[2]
    slow = uniform_filter1d(gain**2, _GAIN_FRAMES, mode="nearest").astype(np.float32)
    source = _tiles(slow[:, None] * power(track).mean(0, keepdims=True))[0]
    found, present, left = _tiles(power(bgm)), _tiles(power(mix)), _tiles(power(mix - bgm))
    around = uniform_filter1d(present, _SURROUNDINGS_BINS, axis=2, mode="nearest")
    edges = np.geomspace(_LOWEST_BIN, _HIGHEST_SHARE * bins, _BANDS).astype(int)
    heard = missing = 0
    for low, high in pairwise(edges.tolist()):
        band = (slice(None), slice(low, high))
        for channel in range(len(mix)):
            counts = _count(
                source[band], *(tiles[channel][band] for tiles in (found, present, left, around))
            )
            heard += counts[0]
            missing += counts[1]
    return Consistency(heard, missing)


def _count(
    source: Tiles, found: Tiles, present: Tiles, left: Tiles, around: Tiles
) -> tuple[int, int]:
    """Tiles of one band in which the track is heard, and in which it is missing."""
    explained = (left < _EXPLAINED * found) & (found > 0) & (source > 0)
    if int(explained.sum()) < _MIN_TILES:
        return 0, 0
    level = float(np.median(found[explained] / source[explained]))
    expected = np.float32(level) * source
    prominent = expected > _PROMINENT * around
    heard = explained & prominent & (expected < 3 * found) & (found < 3 * expected)
    missing = prominent & (present < _MISSING * expected)
    return int(heard.sum()), int(missing.sum())


def _tiles(powers: Tiles) -> Tiles:
    return uniform_filter1d(
        uniform_filter1d(powers, _BINS, axis=2, mode="nearest"), _FRAMES, axis=1, mode="nearest"
    )
