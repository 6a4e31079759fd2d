"""Is it the track that was found, or only something that the track has in common with the mix?

Songs share drum samples, loops and synthesiser notes to the very sample, and shared bits correlate
as well as the whole does. But they play at a certain level, and at that level the rest of the track
would have to be in the mix as well. Where it would stand above all that the mix holds, it is
missing. Only places count that would stand out from the mix around them, because a codec may drop
the others. And all frames count alike, because drums fill many places for a short time.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from engine.dsp.half_overlap import Spectra, Spectrum, local_mean, power
from engine.dsp.side_by_side import on_each

FEW_FRAMES = 5
_FRAMES, _BINS = 3, 9
_GAIN_FRAMES = 33
_BANDS = 18
_LOWEST_BIN, _HIGHEST_SHARE = 20, 0.7
_EXPLAINED = 0.25
_MISSING = 0.3
_PROMINENT = 0.5
_SURROUNDINGS_BINS = 81
_CODED = 1e-4
"""Power, relative to the mean: what is fainter a codec may leave out. High up, where a film has
little of its own, that would be most of a quiet track; more would hide what other songs miss."""
_MIN_PLACES = 10

Tiles = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Consistency:
    """How much of a track is there.

    Attributes:
        frames: Frames in which something can be said.
        share: Part of the places at which the track should be heard that it is heard at, the mean
            of these frames, 0 to 1; pulled to 0.5 where the frames are few.
    """

    frames: int
    share: float


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
    slow = uniform_filter1d(gain**2, _GAIN_FRAMES, mode="nearest").astype(np.float32)
    source = _tiles(slow[:, None] * power(track).mean(0))
    floor = _CODED * float(power(mix).mean())

    def counted(channel: tuple[Spectrum, Spectrum]) -> NDArray[np.int64]:
        return _count(source, *channel, floor)

    heard, missing = np.sum(on_each(counted, zip(mix, bgm, strict=True)), axis=0)
    telling = heard + missing >= _MIN_PLACES
    shares = heard[telling] / (heard + missing)[telling]
    frames = len(shares)
    return Consistency(frames, float((shares.sum() + FEW_FRAMES / 2) / (frames + FEW_FRAMES)))


def _count(source: Tiles, mix: Spectrum, bgm: Spectrum, floor: float) -> NDArray[np.int64]:
    """In how many bins of each frame of a channel the track is heard and missing: (2, frames)."""
    found, present, left = (_tiles(power(spectra)) for spectra in (bgm, mix, mix - bgm))
    around = uniform_filter1d(present, _SURROUNDINGS_BINS, axis=1, mode="nearest")
    around += np.float32(floor)
    edges = np.geomspace(_LOWEST_BIN, _HIGHEST_SHARE * mix.shape[1], _BANDS).astype(int)
    counts = np.zeros((2, len(mix)), np.int64)
    for low, high in pairwise(edges.tolist()):
        band = (slice(None), slice(low, high))
        places = _places(source[band], found[band], present[band], left[band], around[band])
        counts += [places.heard.sum(1), places.missing.sum(1)]
    return counts


@dataclass(frozen=True, slots=True)
class _Places:
    """Where (frames, bins) the track is heard and where it is missing."""

    heard: NDArray[np.bool_]
    missing: NDArray[np.bool_]


def _places(source: Tiles, found: Tiles, present: Tiles, left: Tiles, around: Tiles) -> _Places:
    """Look at the tiles of one band; its level is the usual one where the fit explains the mix."""
    explained = (left < _EXPLAINED * found) & (found > 0) & (source > 0)
    if int(explained.sum()) < _MIN_PLACES:
        nowhere = np.zeros_like(explained)
        return _Places(nowhere, nowhere)
    level = float(np.median(found[explained] / source[explained]))
    expected = np.float32(level) * source
    prominent = expected > _PROMINENT * around
    as_expected = (expected < 3 * found) & (found < 3 * expected)
    return _Places(explained & prominent & as_expected, prominent & (present < _MISSING * expected))


def _tiles(powers: Tiles) -> Tiles:
    return local_mean(powers, _FRAMES, _BINS)
