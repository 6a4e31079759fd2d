"""What a mixing desk does: rooms, tone, width, levels and limiting, for sound made offline."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from engine.types import Samples

SAMPLE_RATE_HZ = 44_100
_BLOCK_SAMPLES = 64


def decibels(gain_db: float) -> float:
    """Gain as a factor."""
    return float(10 ** (gain_db / 20))


def room_response(decay_s: float, damping_hz: float, rng: np.random.Generator) -> Samples:
    """Impulse response of a synthetic room: (2, num_samples) float32, of unit energy a channel.

    Early reflections, then noise that decays by 60 dB in `decay_s`; above `damping_hz` it decays
    three times as fast (Moorer, "About this reverberation business", 1979).
    """
    num_samples = max(64, round(1.2 * decay_s * SAMPLE_RATE_HZ))
    time_s = np.arange(num_samples) / SAMPLE_RATE_HZ
    noise = rng.standard_normal((2, num_samples))
    low = signal.sosfilt(signal.butter(1, damping_hz, fs=SAMPLE_RATE_HZ, output="sos"), noise)
    decay = np.exp(-6.91 * time_s / decay_s)
    response = low * decay + (noise - low) * decay**3
    response[:, : round(0.002 * SAMPLE_RATE_HZ)] = 0
    for _ in range(8):
        place = int(rng.uniform(0.002, 0.04) * SAMPLE_RATE_HZ)
        if place < num_samples:
            response[:, place] += rng.uniform(-6, 6, size=2) * decay[place]
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True)) + 1e-9
    return np.asarray(response, np.float32)


def add_room(samples: Samples, wet: float, response: Samples) -> Samples:
    """Put sound into a room; the length stays.

    Args:
        samples: (2, num_samples) float32.
        wet: Part of the room in the sum, from 0 to 1.
        response: (2, response_samples) float32.
    """
    tail = signal.oaconvolve(samples, response, axes=1)[:, : samples.shape[1]]
    return np.asarray((1 - wet) * samples + wet * tail, np.float32)


def shelf(samples: Samples, corner_hz: float, gain_db: float) -> Samples:
    """Raise or lower everything above a corner: first-order shelf, (channels, num_samples)."""
    pass_low, feedback = signal.butter(1, corner_hz, fs=SAMPLE_RATE_HZ)
    gain = decibels(gain_db)
    # What a low pass leaves, and the rest with a gain, as one filter.
    forward = (pass_low * (1 - gain) + feedback * gain).astype(np.float32)
    shelved = signal.lfilter(forward, feedback.astype(np.float32), samples, axis=1)
    return np.asarray(shelved, np.float32)


def band(samples: Samples, low_hz: float, high_hz: float, order: int = 2) -> Samples:
    """Keep a band of frequencies, along the last axis."""
    corners = (max(low_hz, 10.0), min(high_hz, 0.49 * SAMPLE_RATE_HZ))
    sos = signal.butter(order, corners, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(sos, samples), np.float32)


def set_width(samples: Samples, width: float) -> Samples:
    """Scale the difference of the two channels: 0 is mono, 1 leaves them, 2 is wide."""
    middle = samples.mean(axis=0, keepdims=True)
    return np.asarray(middle + np.float32(width) * (samples - middle), np.float32)


def pan_mono(sound: NDArray[np.float32], pan: float) -> Samples:
    """Place one channel between left (-1) and right (1) at constant power: (2, num_samples)."""
    angle = (pan + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
    return np.asarray(gains * sound[None, :], np.float32)


def limit(samples: Samples, ceiling: float = 0.95) -> Samples:
    """Keep the peak below a ceiling with a smooth gain: looks 5 ms ahead, lets go over 60 ms.

    Args:
        samples: (channels, num_samples) float32.
        ceiling: Highest magnitude that may leave.
    """
    num_samples = samples.shape[1]
    blocks = -(-num_samples // _BLOCK_SAMPLES)
    padded = np.zeros(blocks * _BLOCK_SAMPLES, np.float32)
    padded[:num_samples] = np.abs(samples).max(axis=0)
    peaks = padded.reshape(blocks, _BLOCK_SAMPLES).max(axis=1)
    if peaks.max(initial=0.0) <= ceiling:
        return samples
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    held = ndimage.minimum_filter1d(wanted, 41)
    gains = np.minimum(ndimage.uniform_filter1d(held, 39), 1.0)
    places = np.arange(blocks) * _BLOCK_SAMPLES + _BLOCK_SAMPLES / 2
    gain = np.interp(np.arange(num_samples), places, gains)
    return np.asarray(samples * gain, np.float32)


def active_level_db(samples: Samples) -> float:
    """Level of what sounds, in dB of full scale; -120 for silence.

    A mean square over blocks of 0.2 s, without those 20 dB under the mean, and the channels added:
    the loudness of ITU-R BS.1770 but for its weighting, so that it is quick.
    """
    block = min(SAMPLE_RATE_HZ // 5, samples.shape[1])
    blocks = samples.shape[1] // block if block else 0
    if not blocks:
        return -120.0
    cut = samples[:, : blocks * block].reshape(samples.shape[0] * blocks, block)
    power = np.einsum("ij,ij->i", cut, cut).reshape(samples.shape[0], blocks).sum(axis=0) / block
    loud = power[power > max(1e-7, float(power.mean()) * 0.01)]
    return float(10 * np.log10(loud.mean())) if loud.size else -120.0


def set_level(samples: Samples, level_db: float) -> Samples:
    """Scale sound to an active level; silence stays silence."""
    now_db = active_level_db(samples)
    return samples if now_db <= -100 else samples * np.float32(decibels(level_db - now_db))


def without_dc(samples: Samples) -> Samples:
    """Take out what lies under 20 Hz."""
    sos = signal.butter(2, 20, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(sos, samples, axis=1), np.float32)
