"""Spectra go back to sound, and filters given as spectra filter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve

from engine.dsp.half_overlap import filter_both_sided, istft, local_mean, power, stft
from engine.types import Samples

WINDOW = 64


def noise(channels: int, num_samples: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).normal(size=(channels, num_samples)).astype(np.float32)


@pytest.mark.parametrize("num_samples", [1, 511, 512, 513, 5000])
def test_spectra_give_the_sound_back(num_samples: int) -> None:
    sound = noise(2, num_samples)
    np.testing.assert_allclose(istft(stft(sound, 1024), 1024, num_samples), sound, atol=1e-5)


def test_power_is_the_squared_magnitude() -> None:
    np.testing.assert_allclose(power(np.array([3 + 4j, 0, -2j], np.complex64)), [25, 0, 4])


@given(
    frames=st.sampled_from([1, 3, 5, 15]),
    bins=st.integers(1, 12),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 20), st.integers(1, 30)),
)
def test_local_means_are_those_of_a_box(
    frames: int, bins: int, shape: tuple[int, int, int]
) -> None:
    powers = np.random.default_rng(0).random(shape, np.float32)
    across = uniform_filter1d(powers, bins, axis=2, mode="nearest")
    expected = uniform_filter1d(across, frames, axis=1, mode="nearest")
    np.testing.assert_allclose(local_mean(powers, frames, bins), expected, rtol=1e-5)


@pytest.mark.parametrize("num_samples", [1, WINDOW, 7 * WINDOW, 7 * WINDOW + 1, 3000])
@pytest.mark.parametrize(("channels_in", "channels_out"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_filtering_equals_a_convolution(
    num_samples: int, channels_in: int, channels_out: int
) -> None:
    sound = noise(channels_in, num_samples)
    taps = np.random.default_rng(1).normal(size=(channels_out, WINDOW, channels_in))
    # Tap 0 is the presence, the second half of them lies before it.
    response = np.fft.rfft(taps, axis=1)
    centred = np.roll(taps, WINDOW // 2, axis=1)
    expected = np.zeros((channels_out, num_samples))
    for o, i in np.ndindex(channels_out, channels_in):
        convolved = fftconvolve(sound[i], centred[o, :, i])
        expected[o] += convolved[WINDOW // 2 :][:num_samples]
    np.testing.assert_allclose(filter_both_sided(sound, response, WINDOW), expected, atol=1e-4)
