"""Search signals of loops: what is heard of a track that is played again and again."""

import numpy as np

from engine.dsp.align import Signal
from engine.dsp.correlate import SEARCH_RATE_HZ

BEAT_S = 0.5
BAR_S = 4 * BEAT_S


def _whitened(length: int, rng: np.random.Generator) -> Signal:
    return rng.normal(0, 1, length).astype(np.float32)


def song(seconds: float, seed: int, drums: float = 1.0) -> Signal:
    """Noise that never comes again, with a stroke on each beat that always does."""
    rng = np.random.default_rng(seed)
    sound = _whitened(round(seconds * SEARCH_RATE_HZ), rng)
    stroke = drums * 3 * _whitened(SEARCH_RATE_HZ // 10, rng)
    for start_s in np.arange(0, seconds - 0.1, BEAT_S):
        first = round(start_s * SEARCH_RATE_HZ)
        sound[first : first + len(stroke)] += stroke
    return sound


def looped(track: Signal, start_s: float, loop_s: float, seconds: float) -> Signal:
    first, length = (round(s * SEARCH_RATE_HZ) for s in (start_s, loop_s))
    turns = -(-round(seconds * SEARCH_RATE_HZ) // length)
    return np.tile(track[first : first + length], turns)[: round(seconds * SEARCH_RATE_HZ)]


def film(seconds: float, level: float = 1.0) -> Signal:
    samples = _whitened(round(seconds * SEARCH_RATE_HZ), np.random.default_rng(99))
    return np.float32(level) * samples
