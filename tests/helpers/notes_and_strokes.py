"""Short pieces of music, taken apart."""

import numpy as np

from engine.dsp.half_overlap import stft
from engine.dsp.level_evidence import LevelEvidence, level_evidence
from engine.types import Samples

RATE_HZ = 44_100
WINDOW = 4096
NUM_SAMPLES = 4 * RATE_HZ
GAIN = np.ones(NUM_SAMPLES // (WINDOW // 2) + 2)


def notes(seed: int) -> Samples:
    """Chords of half a second, with partials."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(NUM_SAMPLES) / RATE_HZ
    out = np.zeros(NUM_SAMPLES)
    for start in range(0, NUM_SAMPLES, RATE_HZ // 2):
        part = slice(start, start + RATE_HZ // 2)
        for hertz in rng.uniform(150, 900, 3):
            for partial in range(1, 12):
                phase = rng.uniform(0, 2 * np.pi)
                wave = np.sin(2 * np.pi * hertz * partial * time_s[part] + phase)
                out[part] += 0.05 / partial * wave
    return out[None].astype(np.float32)


def strokes(seed: int) -> Samples:
    """Four noises a second."""
    rng = np.random.default_rng(seed)
    out = np.zeros(NUM_SAMPLES)
    for start in range(0, NUM_SAMPLES - 3000, RATE_HZ // 4):
        out[start : start + 3000] += 0.3 * rng.normal(size=3000) * np.exp(-np.arange(3000) / 500)
    return out[None].astype(np.float32)


def fast_strokes(seed: int) -> Samples:
    """One noise again and again, ten times a second: its peaks last as those of notes do."""
    rng = np.random.default_rng(seed)
    stroke = rng.normal(size=4000) * np.exp(-np.arange(4000) / 1500)
    out = np.tile(np.append(stroke, np.zeros(410)), NUM_SAMPLES // 4410 + 1)
    return 0.3 * out[None, :NUM_SAMPLES].astype(np.float32)


def hiss(seed: int) -> Samples:
    """A little of everything."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.01, (1, NUM_SAMPLES)).astype(np.float32)


def evidence(mix: Samples, track: Samples, fitted: Samples) -> LevelEvidence:
    """What a mix tells of a track that was fitted to it, at a gain of 1."""
    return level_evidence(stft(mix, WINDOW), stft(track, WINDOW), stft(fitted, WINDOW), GAIN)
