"""How a known track sounds inside a mix: one frequency response times a gain that moves.

mix = g(t) * (h * track) + rest. The rest (speech, effects, other music, codec noise) is modelled as
Gaussian with a variance of its own at every point of time and frequency, estimated from what the
current fit leaves over; so the fit listens where the rest is silent. Rounds alternate between the
response (a matrix of track channels to mix channels at every frequency), the gain, and the
variance. Last, what remains may follow its own slow gain in each band, as far as there is evidence:
that follows filters that move, and takes less where the codec left less.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from engine.dsp.smooth_path import smooth_path
from engine.types import Samples

WINDOW_S = 0.093
_DRAFT_ROUNDS = 6
_EXACT_ROUNDS = 1
_NEIGHBOURHOODS = ((5, 9), (5, 9), (3, 5), (3, 5), (3, 3))
"""Frames and bins over which the variance of the rest is averaged, per round: coarse to fine."""
_VARIANCE_FLOOR = 1e-7
_FRAME_OVERLAP = 1.1
"""Neighbouring frames share samples: so much less do they tell than independent ones would."""
_MEMORY = 0.7
_BANDS = 40

Spectra = NDArray[np.complex64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What earlier blocks taught about the response.

    Attributes:
        response: (mix channels, bins, track channels) complex.
        precision: (mix channels, bins, track channels, track channels) complex.
    """

    response: NDArray[np.complex128]
    precision: NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class BlockFit:
    """The track as it sounds in one block of the mix.

    Attributes:
        bgm: (mix channels, num_samples) float32, to be taken from the mix.
        gain: (num_samples,) float32, level of `bgm` relative to the track's file.
        explained: Part of the weighted energy where the track is heard that the fit removes.
        knowledge: For the next block.
    """

    bgm: Samples
    gain: NDArray[np.float32]
    explained: float
    knowledge: Knowledge


def window_samples(sample_rate_hz: int) -> int:
    """Length of the analysis window: the power of two nearest to `WINDOW_S`."""
    return 2 ** round(np.log2(WINDOW_S * sample_rate_hz))


def fit_block(
    mix: Samples,
    track: Samples,
    window: int,
    knowledge: Knowledge | None = None,
    check: Callable[[], None] = lambda: None,
) -> BlockFit:
    """Fit an aligned track to a block of a mix.

    Args:
        mix: (mix channels, num_samples) float32.
        track: (track channels, num_samples) float32, at the mix's rate, aligned to some samples.
        window: Even number of samples, from `window_samples`.
        knowledge: What the block before taught.
        check: Called once a round; may raise to cancel.
    """
    fit = _Fit(mix, track, window, knowledge)
    for number in range(_DRAFT_ROUNDS + _EXACT_ROUNDS):
        check()
        fit.round(_NEIGHBOURHOODS[min(number, len(_NEIGHBOURHOODS) - 1)])
        if number >= _DRAFT_ROUNDS - 1:
            fit.synthesise()
    return fit.result()


class _Fit:
    """State of the alternating estimation; spectra are (channels, frames, bins)."""

    def __init__(
        self, mix: Samples, track: Samples, window: int, knowledge: Knowledge | None
    ) -> None:
        self._mix, self._track, self._window = mix, track, window
        self._mix_spectra = _stft(mix, window)
        self._track_spectra = _stft(track, window)
        self._bgm = np.zeros_like(mix)
        channels, frames, bins = self._mix_spectra.shape
        inputs = len(track)
        self._gain = np.ones(frames)
        self._prior = knowledge or Knowledge(
            np.zeros((channels, bins, inputs), np.complex128),
            np.zeros((channels, bins, inputs, inputs), np.complex128),
        )
        self._response = self._prior.response
        self._precision = self._prior.precision
        self._rest = self._mix_spectra
        self._scale_is_free = knowledge is None
        if knowledge is not None:
            self._filtered = self._apply_response()
            self._update_gain((5, 9))
            self._draft_rest()

    def round(self, neighbourhood: tuple[int, int]) -> None:
        """Improve response and gain once."""
        self._update_response(neighbourhood)
        self._filtered = self._apply_response()
        self._draft_rest()
        self._update_gain(neighbourhood)
        if self._scale_is_free:
            self._normalise()
        self._draft_rest()

    def synthesise(self) -> None:
        """Make the sound of the current fit and measure exactly what it leaves."""
        self._bgm = _convolve(self._track, self._response, self._window) * self._gain_curve()
        self._rest = self._mix_spectra - _stft(self._bgm, self._window)

    def result(self) -> BlockFit:
        """The fit with its gain per band."""
        bgm_spectra = self._mix_spectra - self._rest
        weight = _weight(self._rest, _NEIGHBOURHOODS[-1])
        correction = _band_correction(bgm_spectra, self._rest, weight)
        bgm = self._bgm + _istft(correction, self._window, self._mix.shape[1])
        curve = self._gain_curve()
        level = _level(bgm, self._track, curve)
        heard = float((weight * _power(bgm_spectra)).sum())
        left = float((weight * (_power(self._mix_spectra) - _power(self._rest))).sum())
        memory = Knowledge(self._response, _MEMORY * self._precision)
        explained = left / heard if heard > 0 else 0.0
        return BlockFit(bgm.astype(np.float32), (level * curve).astype(np.float32), explained, memory)

    def _update_response(self, neighbourhood: tuple[int, int]) -> None:
        weight = _weight(self._rest, neighbourhood) / np.float32(_FRAME_OVERLAP)
        squared = (self._gain**2).astype(np.float32)
        single = self._gain.astype(np.float32)
        precision = self._prior.precision.copy()
        weighted = np.einsum("ckij,ckj->cki", precision, self._prior.response)
        measured = np.empty_like(weighted)
        track = self._track_spectra
        for i in range(len(track)):
            pull = weight * self._rest * single[:, None]
            measured[:, :, i] = np.einsum("ctk,tk->ck", pull, track[i].conj())
            for j in range(len(track)):
                product = (track[i].conj() * track[j]) * squared[:, None]
                precision[:, :, i, j] += np.einsum("ctk,tk->ck", weight, product)
        gathered = precision - self._prior.precision
        weighted += measured + np.einsum("ckij,ckj->cki", gathered, self._response)
        ridge = 1e-6 * float(np.abs(precision).mean()) + 1e-9
        self._response = np.stack(
            [smooth_path(p, w, ridge) for p, w in zip(precision, weighted, strict=True)]
        )
        self._precision = precision

    def _update_gain(self, neighbourhood: tuple[int, int]) -> None:
        weight = _weight(self._rest, neighbourhood) / np.float32(_FRAME_OVERLAP)
        precision = np.einsum("ctk,ctk->t", weight, _power(self._filtered)).astype(np.float64)
        pull = np.einsum("ctk,ctk->t", weight, (self._rest * self._filtered.conj()).real)
        weighted = pull + self._gain * precision
        ridge = 1e-9 * float(precision.mean()) + 1e-9
        path = smooth_path(precision[:, None, None], weighted[:, None], ridge, order=2)
        self._gain = np.maximum(path[:, 0].real, 0.0)

    def _normalise(self) -> None:
        level = float(np.sqrt(np.mean(self._gain**2)))
        if level > 0:
            self._gain = self._gain / level
            self._response = self._response * level
            self._filtered = self._filtered * np.float32(level)

    def _apply_response(self) -> Spectra:
        response = self._response.astype(np.complex64)
        return np.einsum("cki,itk->ctk", response, self._track_spectra)

    def _draft_rest(self) -> None:
        gain = self._gain.astype(np.float32)[:, None]
        self._rest = self._mix_spectra - gain * self._filtered

    def _gain_curve(self) -> NDArray[np.float32]:
        hop = self._window // 2
        knots = np.arange(len(self._gain)) * hop
        return np.interp(np.arange(self._mix.shape[1]), knots, self._gain).astype(np.float32)


def _band_correction(bgm: Spectra, rest: Spectra, weight: NDArray[np.float32]) -> Spectra:
    """What a slow gain of its own in every band would add to the music, spectra as given."""
    heard = weight * _power(bgm) / np.float32(_FRAME_OVERLAP)
    pull = weight * (rest * bgm.conj()).real / np.float32(_FRAME_OVERLAP)
    edges = _band_edges(bgm.shape[2])
    correction = np.zeros_like(bgm)
    for channel in range(len(bgm)):
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            band = slice(low, high)
            precision = heard[channel, :, band].sum(1, dtype=np.float64)
            weighted = pull[channel, :, band].sum(1, dtype=np.float64)
            path = smooth_path(precision[:, None, None], weighted[:, None], 10.0)
            deviation = np.clip(path.real, -1.0, 0.5).astype(np.float32)
            correction[channel, :, band] = deviation * bgm[channel, :, band]
    return correction


def _band_edges(bins: int) -> NDArray[np.int64]:
    """Borders of bands that are narrow (4 bins) below and widen like the ear's above."""
    warped = np.linspace(0, np.log1p(bins / 40), _BANDS + 1)
    return np.unique(np.round(np.expm1(warped) * 40).astype(np.int64).clip(0, bins))


def _weight(rest: Spectra, neighbourhood: tuple[int, int]) -> NDArray[np.float32]:
    """One over the variance of the rest, from its surroundings."""
    frames, bins = neighbourhood
    variance = uniform_filter1d(_power(rest), bins, axis=2, mode="nearest")
    variance = uniform_filter1d(variance, frames, axis=1, mode="nearest")
    return 1 / (variance + np.float32(_VARIANCE_FLOOR * variance.mean() + 1e-20))


def _power(spectra: Spectra) -> NDArray[np.float32]:
    return spectra.real**2 + spectra.imag**2


def _level(bgm: Samples, track: Samples, curve: NDArray[np.float32]) -> float:
    """Level of the music over that of the track under the same gain, a channel's mean."""
    source = float(np.mean((track * curve) ** 2))
    return float(np.sqrt(np.mean(bgm**2) / source)) if source > 0 else 0.0


def _hann(window: int) -> NDArray[np.float32]:
    return np.hanning(window + 1)[:-1].astype(np.float32)


def _stft(samples: Samples, window: int) -> Spectra:
    """Frames centred at multiples of half a window; shifted Hann windows add up to 1."""
    hop = window // 2
    frames = samples.shape[1] // hop + 2
    padded = np.pad(samples, ((0, 0), (hop, frames * hop - samples.shape[1])))
    views = sliding_window_view(padded, window, axis=1)[:, ::hop]
    return rfft(views * _hann(window), axis=2, workers=2)


def _istft(spectra: Spectra, window: int, num_samples: int) -> Samples:
    hop = window // 2
    frames = irfft(spectra, window, axis=2, workers=2)
    channels, count = frames.shape[:2]
    out = np.zeros((channels, (count + 1) * hop), np.float32)
    out[:, : count * hop] += frames[:, :, :hop].reshape(channels, -1)
    out[:, hop:] += frames[:, :, hop:].reshape(channels, -1)
    return out[:, hop : hop + num_samples]


def _convolve(track: Samples, response: NDArray[np.complex128], window: int) -> Samples:
    """Filter the track with the response (mix channels, bins, track channels), both-sided."""
    hop, num_samples = window // 2, track.shape[1]
    taps = np.roll(irfft(response, axis=1), hop, axis=1).astype(np.float32)
    length = next_fast_len(num_samples + window, real=True)
    sources = rfft(track, length, axis=1, workers=2)
    filters = rfft(taps, length, axis=1, workers=2)
    filtered = irfft(np.einsum("cki,ik->ck", filters, sources), length, workers=2)
    return filtered[:, hop : hop + num_samples].astype(np.float32)
