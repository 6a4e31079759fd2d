"""Spectra of frames that overlap by half, and filters given as such a spectrum."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import uniform_filter1d

from engine.dsp.side_by_side import threads
from engine.types import Samples

Spectra = NDArray[np.complex64]
"""(channels, frames, bins) complex."""
Spectrum = NDArray[np.complex64]
"""Spectra of one channel: (frames, bins) complex."""
_FILTERED_WINDOWS = 8
"""Length of the blocks in which sound is filtered, in windows."""


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
    return rfft(views * np.hanning(window + 1)[:-1].astype(np.float32), axis=2, workers=threads())


def istft(spectra: Spectra, window: int, num_samples: int) -> Samples:
    """The sound whose `stft` was given, (channels, num_samples) float32."""
    hop = window // 2
    frames = irfft(spectra, window, axis=2, workers=threads())
    channels, count = frames.shape[:2]
    out = np.zeros((channels, (count + 1) * hop), np.float32)
    out[:, : count * hop] += frames[:, :, :hop].reshape(channels, -1)
    out[:, hop:] += frames[:, :, hop:].reshape(channels, -1)
    return out[:, hop : hop + num_samples]


def power(spectra: Spectra) -> NDArray[np.float32]:
    """Squared magnitude, by way of the magnitude: faster than from parts that lie interleaved."""
    magnitude: NDArray[np.float32] = np.abs(spectra)
    return np.square(magnitude, out=magnitude)


def local_mean(powers: NDArray[np.float32], frames: int, bins: int) -> NDArray[np.float32]:
    """Means over neighbourhoods of (..., frames, bins), beyond the borders of which all goes on.

    Args:
        powers: (..., frames, bins).
        frames: Odd width of a neighbourhood in time.
        bins: Its width in frequency.
    """
    if frames == 1:
        means: NDArray[np.float32] = uniform_filter1d(powers, bins, axis=-1, mode="nearest")
        return means
    # Along an axis that is not the last one, adding shifted copies is several times faster.
    half, count = frames // 2, powers.shape[-2]
    padded = np.empty((*powers.shape[:-2], count + 2 * half, powers.shape[-1]), powers.dtype)
    within = padded[..., half : half + count, :]
    uniform_filter1d(powers, bins, axis=-1, mode="nearest", output=within)
    padded[..., :half, :] = within[..., :1, :]
    padded[..., half + count :, :] = within[..., -1:, :]
    total = padded[..., :count, :].copy()
    for shift in range(1, frames):
        total += padded[..., shift : shift + count, :]
    total *= np.float32(1 / frames)
    return total


def filter_both_sided(samples: Samples, response: NDArray[np.complex128], window: int) -> Samples:
    """Filter sound exactly, by overlap-save; the impulse response reaches half a window both ways.

    Args:
        samples: (channels in, num_samples) float32.
        response: (channels out, window // 2 + 1, channels in), a frequency response.
        window: Even number of samples.

    Returns:
        (channels out, num_samples) float32.
    """
    hop, num_samples = window // 2, samples.shape[1]
    length = _FILTERED_WINDOWS * window
    step = length - window  # of each block the first window is wrapped around
    blocks = -(-num_samples // step)
    padded = np.pad(samples, ((0, 0), (hop, blocks * step + hop - num_samples)))
    sources = rfft(
        sliding_window_view(padded, length, axis=1)[:, ::step], axis=2, workers=threads()
    )
    taps = np.roll(irfft(response, axis=1), hop, axis=1).astype(np.float32)
    filters = rfft(taps, length, axis=1)
    filtered = np.stack([np.einsum("ki,ibk->bk", f, sources) for f in filters])
    heard = irfft(filtered, length, axis=2, workers=threads())[:, :, window:]
    return heard.reshape(len(response), -1)[:, :num_samples]
