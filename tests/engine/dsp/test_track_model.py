"""Response and gain are found in turns, and what they leave always adds up to the mix."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.dsp.half_overlap import Spectra
from engine.dsp.track_model import Knowledge, TrackModel, weight

FRAMES, BINS = 60, 40


def spectra(channels: int, seed: int) -> Spectra:
    random = np.random.default_rng(seed)
    real, imaginary = random.normal(size=(2, channels, FRAMES, BINS))
    return np.asarray(real + 1j * imaginary, np.complex64)


def smooth_response(mix_channels: int, track_channels: int) -> NDArray[np.complex128]:
    turn = np.exp(1j * np.linspace(0, 2, BINS))[:, None]
    panning = np.random.default_rng(5).uniform(0.3, 1, (mix_channels, 1, track_channels))
    return np.asarray(panning * turn, np.complex128)


def heard(response: NDArray[np.complex128], gain: NDArray[np.float64], track: Spectra) -> Spectra:
    filtered = np.einsum("cki,itk->ctk", response, track)
    return np.asarray(gain[:, None] * filtered, np.complex64)


@pytest.mark.parametrize(("mix_channels", "track_channels"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_response_and_gain_are_found(mix_channels: int, track_channels: int) -> None:
    track = spectra(track_channels, 0)
    gain = 1 + 0.5 * np.sin(np.arange(FRAMES) / 15)
    response = smooth_response(mix_channels, track_channels)
    mix = heard(response, gain, track) + np.float32(0.05) * spectra(mix_channels, 1)
    model = TrackModel(mix, track, None)
    for _ in range(4):
        model.round((3, 9))
    level = np.sqrt(np.mean(gain**2))
    np.testing.assert_allclose(model.gain * level, gain, rtol=0.05)
    np.testing.assert_allclose(model.response / level, response, atol=0.05)


def test_what_is_fitted_and_left_adds_up_to_the_mix() -> None:
    track, mix = spectra(2, 0), spectra(2, 1)
    model = TrackModel(mix, track, None)
    for _ in range(2):
        model.round((1, 5))
        fitted = model.gain[:, None] * model.filtered
        np.testing.assert_allclose(fitted + model.rest, mix, atol=1e-5)


def test_a_silent_mix_teaches_nothing_and_breaks_nothing() -> None:
    track = spectra(2, 0)
    model = TrackModel(np.zeros_like(track), track, None)
    model.round((3, 9))
    assert np.abs(model.rest).max() < 1e-6


@pytest.mark.parametrize("channels", [2, 3, 8])
def test_copies_of_a_channel_are_fitted_however_loud_one_bin_is(channels: int) -> None:
    loud = np.ones(BINS, np.float32)
    loud[7] = 1e4
    panning = np.linspace(0.3, 1, channels, dtype=np.float32)[:, None, None]
    track = panning * loud * spectra(1, 0)
    mix = track[:1].copy()
    model = TrackModel(mix, track, None)
    for _ in range(4):
        model.round((1, 3))
    assert np.abs(model.rest).max() < 1e-3 * np.abs(mix).max()


def test_what_was_learned_serves_where_the_track_is_drowned() -> None:
    track = spectra(1, 0)
    response = smooth_response(1, 1)
    clear = TrackModel(heard(response, np.ones(FRAMES), track), track, None)
    clear.round((3, 9))
    drowned = heard(response, np.ones(FRAMES), track) + 30 * spectra(1, 2)
    taught = TrackModel(drowned, track, clear.knowledge)
    taught.round((3, 9))
    np.testing.assert_allclose(taught.response, clear.response, atol=0.05)


def test_faded_knowledge_says_the_same_less_surely() -> None:
    known = Knowledge(np.ones((BINS, 1), complex), np.ones((BINS, 1, 1), complex))
    faded = known.faded(0.5)
    assert (faded.response == known.response).all()
    assert (faded.precision == 0.5).all()


def test_taking_over_a_fit_leaves_what_that_leaves() -> None:
    track, gain = spectra(2, 0), np.linspace(0, 1, FRAMES)
    response = smooth_response(2, 2)
    model = TrackModel(heard(response, gain, track), track, None)
    model.take_over(response, gain)
    assert np.abs(model.rest).max() < 1e-5


def test_a_quiet_place_weighs_more() -> None:
    rest = spectra(1, 0)
    rest[:, :, BINS // 2 :] *= np.float32(0.01)
    weights = weight(rest, (3, 3))
    assert weights[:, :, -10:].min() > 100 * weights[:, :, :10].max()
