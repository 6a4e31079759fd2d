"""Mixes of an OASD set drawn on the fly: any clip of one side under any clip of the other."""

import numpy as np

from engine.datasets.corpus import Split
from engine.datasets.mixing import Mix, MixOdds, coded, faded, happens, shaped
from engine.datasets.oasd import Oasd
from engine.datasets.processing import decibels
from engine.errors import CorpusError
from engine.types import Samples

_LEVEL_SPREAD_DB, _LARGEST_GAP_DB = 5.0, 12.0


class PairSampler:
    """Draws mixes without end; the same seed draws the same mixes.

    The clips lie ready cut and levelled, so a mix costs little more than reading it.
    """

    def __init__(
        self, oasd: Oasd, split: Split, seed: int | tuple[int, ...], odds: MixOdds
    ) -> None:
        self._oasd, self._odds = oasd, odds
        self._rng = np.random.default_rng(seed)
        self._osts, self._bgms = oasd.clips("ost", split), oasd.clips("bgm", split)
        if not (self._osts and self._bgms):
            raise CorpusError(f"the split {split} of {oasd.root} is empty", "make a larger set")

    def sample(self) -> Mix:
        """Draw one mix."""
        rng, odds = self._rng, self._odds
        ost, bgm = self._clip(self._osts), self._clip(self._bgms)
        gap_db = np.clip(rng.normal(0, _LEVEL_SPREAD_DB), -_LARGEST_GAP_DB, _LARGEST_GAP_DB)
        bgm = shaped(bgm, odds, rng) * np.float32(decibels(float(gap_db)))
        ost, bgm = faded(ost, odds, rng), faded(bgm, odds, rng)
        silence = np.zeros_like(ost)
        mix = Mix(silence, silence, ost, bgm, ost_item=None, bgm_item=None)
        return coded(mix, rng) if happens(odds.coded_mix, rng) else mix

    def _clip(self, names: tuple[str, ...]) -> Samples:
        """A clip, half of the time with its sides exchanged."""
        samples = self._oasd.read(names[int(self._rng.integers(len(names)))])
        return np.ascontiguousarray(samples[::-1]) if self._rng.random() < 0.5 else samples
