"""Rhythm and energy of music as curves over time: what a picture can be compared with.

All curves are free of level: the samples are scaled to unit power first, so the same sound louder
or softer gives the same curves. They are written in numpy because librosa imports numba, which
takes longer than everything here together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from engine.types import Samples

Curve = NDArray[np.float64]
"""One value a frame: (num_frames,) float64."""

ONSET_RATE_HZ = 100
ENERGY_RATE_HZ = 10
SILENCE_RMS = 1e-5
_WINDOW_S = 0.046
_NUM_BANDS = 24
_TOP_HZ = 8000.0
_BAND_GROUPS = (slice(0, 3), slice(3, 12), slice(12, _NUM_BANDS))


@dataclass(frozen=True, slots=True)
class SoundCurves:
    """Rhythm and energy of one stretch of sound.

    Attributes:
        onsets: (num_frames,) onset strength at `ONSET_RATE_HZ`.
        pulse: (num_frames,) the local beat as a half-wave rectified sinusoid, same rate.
        energy: (num_frames / 10,) level in low, middle and high bands, each standardised, then
            averaged, at `ENERGY_RATE_HZ`.
    """

    onsets: Curve
    pulse: Curve
    energy: Curve

    @property
    def accents(self) -> Curve:
        """Onset strength at `ENERGY_RATE_HZ`."""
        return per_energy_frame(self.onsets)


def sound_curves(samples: Samples, sample_rate_hz: int) -> SoundCurves | None:
    """Compute the curves of one stretch; None if it is silent or shorter than one energy frame.

    Args:
        samples: (channels, num_samples) float32.
        sample_rate_hz: Frames a second.
    """
    if samples.shape[1] * ENERGY_RATE_HZ < sample_rate_hz:
        return None
    mono = samples.mean(axis=0, dtype=np.float64)
    rms = float(np.sqrt(np.mean(mono**2)))
    if rms < SILENCE_RMS:
        return None
    powers = band_powers(mono / rms, sample_rate_hz)
    onsets = onset_strength(powers)
    return SoundCurves(onsets, local_pulse(onsets), band_energy(powers))


def band_powers(mono: Curve, sample_rate_hz: int) -> NDArray[np.float64]:
    """Short-time power in mel bands up to 8 kHz.

    Args:
        mono: (num_samples,) float64, unit power.
        sample_rate_hz: Frames a second.

    Returns:
        (num_frames, num_bands) at `ONSET_RATE_HZ`; frame k is centred in [k, k + 1) / rate.
    """
    size = 1 << round(np.log2(_WINDOW_S * sample_rate_hz))
    num_frames = mono.size * ONSET_RATE_HZ // sample_rate_hz
    centres = ((np.arange(num_frames) + 0.5) * sample_rate_hz / ONSET_RATE_HZ).astype(int)
    padded = np.pad(mono.astype(np.float32), size // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[centres]
    spectra = np.abs(rfft(windows * np.hanning(size).astype(np.float32), axis=1)) ** 2
    return np.asarray(spectra @ _mel_filters(size, sample_rate_hz) / size, np.float64)


def onset_strength(powers: NDArray[np.float64]) -> Curve:
    """Rise of the amplitude over 30 ms, averaged over bands.

    The reference frame is widened by one band to both sides, so that vibrato is no onset
    (SuperFlux: Boeck and Widmer, DAFx 2013). Amplitude and not decibels, because in decibels the
    short holes that separation leaves in quiet bands look like notes.

    Args:
        powers: (num_frames, num_bands) at `ONSET_RATE_HZ`.
    """
    lag = 3
    amplitudes = np.sqrt(powers)
    reference = maximum_filter1d(amplitudes, 3, axis=1)
    flux = np.maximum(amplitudes[lag:] - reference[:-lag], 0.0).mean(axis=1)
    return np.concatenate([np.zeros(min(lag, len(powers))), flux])


def band_energy(powers: NDArray[np.float64]) -> Curve:
    """Level over time with equal say for low, middle and high bands.

    Args:
        powers: (num_frames, num_bands) at `ONSET_RATE_HZ`.
    """
    levels = []
    for group in _BAND_GROUPS:
        power = per_energy_frame(powers[:, group].sum(axis=1))
        level = np.log10(power + 1e-4 * power.mean() + 1e-30)
        levels.append((level - level.mean()) / max(float(level.std()), 0.05))
    return np.asarray(np.mean(levels, axis=0))


def local_pulse(onsets: Curve) -> Curve:
    """The beat near each moment, from 60 to 240 a minute.

    In overlapping windows the strongest periodicity of the onsets is kept as a sinusoid with its
    phase; their sum is positive near beats (Grosche and Mueller, IEEE TASLP 2011).

    Args:
        onsets: (num_frames,) at `ONSET_RATE_HZ`.
    """
    size, hop = 6 * ONSET_RATE_HZ, ONSET_RATE_HZ // 2
    padded = np.pad(onsets - gaussian_filter1d(onsets, ONSET_RATE_HZ), size // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    tempi_hz = np.arange(60, 241) / 60
    time_s = np.arange(size) / ONSET_RATE_HZ
    taper = np.hanning(size)
    spectra = (windows * taper) @ np.exp(-2j * np.pi * np.outer(time_s, tempi_hz))
    best = np.argmax(np.abs(spectra), axis=1)
    phase = np.angle(spectra[np.arange(len(best)), best])
    kernels = taper * np.cos(2 * np.pi * np.outer(tempi_hz[best], time_s) + phase[:, None])
    pulse = np.zeros(padded.size)
    for index, kernel in enumerate(kernels):
        pulse[index * hop : index * hop + size] += kernel
    return np.asarray(np.maximum(pulse[size // 2 : size // 2 + onsets.size], 0.0))


def per_energy_frame(curve: Curve) -> Curve:
    """Average a curve at `ONSET_RATE_HZ` down to `ENERGY_RATE_HZ`."""
    step = ONSET_RATE_HZ // ENERGY_RATE_HZ
    whole = curve.size // step * step
    return np.asarray(curve[:whole].reshape(-1, step).mean(axis=1))


def _mel_filters(size: int, sample_rate_hz: int) -> NDArray[np.float32]:
    """Triangles, equally spaced in mel: (size / 2 + 1, num_bands) float32."""
    top_mel = 2595 * np.log10(1 + _TOP_HZ / 700)
    edges_hz = 700 * (10 ** (np.linspace(0, top_mel, _NUM_BANDS + 2) / 2595) - 1)
    bins_hz = np.arange(size // 2 + 1)[:, None] * sample_rate_hz / size
    rise = (bins_hz - edges_hz[:-2]) / np.diff(edges_hz)[:-1]
    fall = (edges_hz[2:] - bins_hz) / np.diff(edges_hz)[1:]
    return np.asarray(np.maximum(np.minimum(rise, fall), 0.0), np.float32)
