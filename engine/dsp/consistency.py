"""Is it the track that was found, or only something that the track has in common with the mix?

Songs share drum samples, loops and synthesiser notes to the very sample, and shared bits correlate
as well as the whole does. But they play at a certain level, and at that level the rest of the track
would have to be in the mix as well. Where it would stand above all that the mix holds, it is
missing.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from engine.dsp.half_overlap import Spectra, power

_FRAMES, _BINS = 3, 9
_BANDS = 18
_LOWEST_BIN, _HIGHEST_SHARE = 20, 0.7
_EXPLAINED = 0.25
_MISSING = 0.3
_MIN_TILES = 10

Tiles = NDArray[np.float32]


def consistency(mix: Spectra, track: Spectra, bgm: Spectra) -> float:
    """Part of the places where the track should be heard at which it is, from 0 to 1.

    Args:
        mix: (mix channels, frames, bins).
        track: (track channels, frames, bins).
        bgm: (mix channels, frames, bins), the track as it was fitted to the mix.
    """
    bins = mix.shape[2]
    source = _tiles(power(track).mean(0, keepdims=True))[0]
    found, present, left = _tiles(power(bgm)), _tiles(power(mix)), _tiles(power(mix - bgm))
    edges = np.geomspace(_LOWEST_BIN, _HIGHEST_SHARE * bins, _BANDS).astype(int)
    heard = missing = 0
    for low, high in pairwise(edges.tolist()):
        band = (slice(None), slice(low, high))
        for channel in range(len(mix)):
            counts = _count(
                source[band], found[channel][band], present[channel][band], left[channel][band]
            )
            heard += counts[0]
            missing += counts[1]
    return heard / (heard + missing) if heard else 0.0


def _count(source: Tiles, found: Tiles, present: Tiles, left: Tiles) -> tuple[int, int]:
    """Tiles of one band in which the track is heard, and in which it is missing."""
    explained = (left < _EXPLAINED * found) & (found > 0) & (source > 0)
    if int(explained.sum()) < _MIN_TILES:
        return 0, 0
    level = float(np.median(found[explained] / source[explained]))
    expected = np.float32(level) * source
    usual = (expected < 3 * found) & (found < 3 * expected)
    return int((explained & usual).sum()), int((present < _MISSING * expected).sum())


def _tiles(powers: Tiles) -> Tiles:
    return uniform_filter1d(
        uniform_filter1d(powers, _BINS, axis=2, mode="nearest"), _FRAMES, axis=1, mode="nearest"
    )
