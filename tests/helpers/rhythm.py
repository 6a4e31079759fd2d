"""Drums whose beats are known."""

from collections.abc import Iterable

import numpy as np

from engine.types import Samples

RATE_HZ = 22_050


def steady(tempo_bpm: float, end_s: float, start_s: float = 0.0) -> list[float]:
    """Beats of one tempo, in seconds, from one time to before another."""
    return np.arange(start_s, end_s, 60 / tempo_bpm).tolist()


def struck(beats_s: Iterable[float], duration_s: float, hertz: float = 120.0) -> Samples:
    """A stroke at each beat that fits, (1, num_samples) at `RATE_HZ`."""
    sound = np.zeros(round(duration_s * RATE_HZ), np.float32)
    times_s = np.arange(round(0.2 * RATE_HZ)) / RATE_HZ
    stroke = 0.4 * np.exp(-30 * times_s) * np.sin(2 * np.pi * hertz * times_s)
    for beat_s in beats_s:
        first = round(beat_s * RATE_HZ)
        room = sound[first : first + len(stroke)]
        room += stroke[: len(room)].astype(np.float32)
    return sound[None]
