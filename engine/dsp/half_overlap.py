"""Spectra of frames that overlap by half: the transform that the fit of known music works in."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from engine.types import Samples

Spectra = NDArray[np.complex64]
"""(channels, frames, bins) complex."""


def stft(samples: Samples, window: int) -> Spectra:
    """Hann-windowed frames centred at multiples of half a window; the windows add up to 1.

    Args:
        samples: (channels, num_samples) float32.
        window: Even length of a frame in samples.
    """
    hop = window // 2
    frames = samples.shape[1] // hop + 2
    padded = np.pad(samples, ((0, 0), (hop, frames * hop - samples.shape[1])))
    views = sliding_window_view(padded, window, axis=1)[:, ::hop]
    return rfft(views * np.hanning(window + 1)[:-1].astype(np.float32), axis=2, workers=2)


def istft(spectra: Spectra, window: int, num_samples: int) -> Samples:
    """The sound whose `stft` was given, (channels, num_samples) float32."""
    hop = window // 2
    frames = irfft(spectra, window, axis=2, workers=2)
    channels, count = frames.shape[:2]
    out = np.zeros((channels, (count + 1) * hop), np.float32)
    out[:, : count * hop] += frames[:, :, :hop].reshape(channels, -1)
    out[:, hop:] += frames[:, :, hop:].reshape(channels, -1)
    return out[:, hop : hop + num_samples]


def power(spectra: Spectra) -> NDArray[np.float32]:
    """Squared magnitude."""
    return spectra.real**2 + spectra.imag**2
