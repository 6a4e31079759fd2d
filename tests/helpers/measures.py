"""Test sounds, and measures of sound."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.types import Samples

RATE_HZ = 44_100
Values = NDArray[np.floating[Any]]


def sine(frequency_hz: float, duration_s: float, level: float = 0.5) -> NDArray[np.float32]:
    """One channel of a pure tone."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return (level * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


def stereo(sound: NDArray[np.float32]) -> Samples:
    """The same in both channels."""
    return np.stack([sound, sound])


def rms_db(samples: Values) -> float:
    """Mean level in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


def spectrum(sound: NDArray[np.float32]) -> tuple[Values, Values]:
    """Frequencies in Hz and magnitudes of the whole of a sound."""
    windowed = sound * np.hanning(len(sound))
    return np.fft.rfftfreq(len(sound), 1 / RATE_HZ), np.abs(np.fft.rfft(windowed))


def strongest_hz(sound: NDArray[np.float32]) -> float:
    """Frequency of the highest peak of the spectrum."""
    frequencies, magnitudes = spectrum(sound)
    return float(frequencies[magnitudes.argmax()])


def pitch_hz(sound: NDArray[np.float32], low_hz: float = 60, high_hz: float = 1200) -> float:
    """Fundamental frequency by autocorrelation."""
    power = np.abs(np.fft.rfft(sound, 2 * len(sound))) ** 2
    correlation = np.fft.irfft(power)
    lags = np.arange(int(RATE_HZ / high_hz), int(RATE_HZ / low_hz))
    best = int(lags[correlation[lags].argmax()])
    left, middle, right = correlation[best - 1 : best + 2]
    return float(RATE_HZ / (best + 0.5 * (left - right) / (left - 2 * middle + right)))
