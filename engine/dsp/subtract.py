"""How a known track sounds inside a mix: one frequency response times a gain that moves.

mix = g(t) * (h * track) + rest. The rest (speech, effects, other music, codec noise) is modelled as
Gaussian with a variance of its own at every point of time and frequency, estimated from what the
current fit leaves over; so the fit listens where the rest is silent. Rounds alternate between the
response (a matrix of track channels to mix channels at every frequency), the gain, and the
variance. Last, what remains may follow its own slow gain in each band, as far as there is evidence:
that follows filters that move, and takes less where the codec left less.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from engine.dsp.consistency import Consistency, consistency
from engine.dsp.half_overlap import Spectra, istft, power, stft
from engine.dsp.smooth_path import smooth_path, smooth_paths
from engine.types import Samples

WINDOW_S = 0.093
_SPARSE = 3
"""The draft looks at one frame of so many."""
_DRAFT_ROUNDS = ((3, 9), (3, 9), (1, 9), (1, 9))
_FULL_ROUNDS = (((3, 5), False), ((3, 3), True), ((3, 3), True))
"""Frames and bins over which the variance of the rest is averaged, per round, coarse to fine; and
whether the round ends with the sound itself, and so with the exact rest, not one that takes gain
and response as constant within a frame."""
_VARIANCE_FLOOR = 1e-7
_FRAME_OVERLAP = 1.1
"""Neighbouring frames share samples: so much less do they tell than independent ones would."""
_MEMORY = 0.7
"""Part of a block's evidence on the response that the next block still believes."""
_BANDS = 24
_BAND_RIDGE = 1.0
_BAND_ROUNDS = ((15, 41), (5, 9), (3, 3))
_LEAST_RIDGE = 1e-3

Weights = NDArray[np.float32]
"""(channels, frames, bins): one over the variance of the rest."""


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
        consistency: Whether the whole track is there.
        knowledge: For the next block.
    """

    bgm: Samples
    gain: NDArray[np.float32]
    consistency: Consistency
    knowledge: Knowledge


def window_samples(sample_rate_hz: int) -> int:
    """Length of the analysis window: the power of two nearest to `WINDOW_S`."""
    return 1 << round(math.log2(WINDOW_S * sample_rate_hz))


def fit_block(
    mix: Samples,
    track: Samples,
    window: int,
    knowledge: Knowledge | None = None,
    check: Callable[[], None] = lambda: None,
    core: slice | None = None,
) -> BlockFit:
    """Fit an aligned track to a block of a mix.

    Args:
        mix: (mix channels, num_samples) float32.
        track: (track channels, num_samples) float32, at the mix's rate, aligned to some samples.
        window: Even number of samples, from `window_samples`.
        knowledge: What the block before taught.
        check: Called once a round; may raise to cancel.
        core: Samples in which the track surely sounds: only there may bands go their own ways;
            all of them by default.
    """
    mix_spectra, track_spectra = stft(mix, window), stft(track, window)
    draft = _Model(mix_spectra[:, ::_SPARSE], track_spectra[:, ::_SPARSE], knowledge)
    for neighbourhood in _DRAFT_ROUNDS:
        check()
        draft.round(neighbourhood)
    model = draft.on_all_frames(mix_spectra, track_spectra)
    for neighbourhood, exact in _FULL_ROUNDS:
        check()
        model.round(neighbourhood)
        if exact:
            curve = _curve(model.gain, window, mix.shape[1])
            bgm = _convolve(track, model.response, window) * curve
            model.rest = mix_spectra - stft(bgm, window)
    fitted = mix_spectra - model.rest
    agreed = consistency(mix_spectra, track_spectra, fitted, model.gain)
    correction = _band_correction(model.filtered, model.rest)
    certain = _membership(core or slice(0, mix.shape[1]), mix.shape[1], window // 2)
    bgm += certain * istft(correction, window, mix.shape[1])
    return BlockFit(
        bgm=bgm,
        gain=curve * np.float32(_level(bgm, track, curve)),
        consistency=agreed,
        knowledge=Knowledge(model.response, _MEMORY * model.precision),
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a cheap fit says of a track.

    Attributes:
        consistency: Whether the whole track is there.
        gain: Its level relative to its file, linear.
    """

    consistency: Consistency
    gain: float


def try_fit(
    mix: Samples, track: Samples, window: int, check: Callable[[], None] = lambda: None
) -> Trial:
    """A cheaper fit: is it worth fitting this track here at all?

    Args:
        mix: (mix channels, num_samples) float32, some seconds.
        track: (track channels, num_samples) float32, aligned.
        window: Even number of samples, from `window_samples`.
        check: Called once a round; may raise to cancel.
    """
    mix_spectra, track_spectra = stft(mix, window), stft(track, window)
    model = _Model(mix_spectra, track_spectra, None)
    for neighbourhood in _DRAFT_ROUNDS:
        check()
        model.round(neighbourhood)
    fitted = mix_spectra - model.rest
    source = float(power(track_spectra).mean())
    return Trial(
        consistency=consistency(mix_spectra, track_spectra, fitted, model.gain),
        gain=math.sqrt(float(power(fitted).mean()) / source) if source > 0 else 0.0,
    )


class _Model:
    """Alternating estimation of response and gain from spectra (channels, frames, bins).

    Attributes:
        response: (mix channels, bins, track channels) complex.
        precision: Evidence for it, as in `Knowledge`.
        gain: (frames,).
        filtered: The track through the response, before the gain.
        rest: What the current response and gain leave of the mix.
    """

    def __init__(self, mix: Spectra, track: Spectra, knowledge: Knowledge | None) -> None:
        self._mix, self._track = mix, track
        self._conjugate = track.conj()
        self._products = _products(track)
        self._knowledge = knowledge
        shape = (len(mix), mix.shape[2], len(track))
        self._prior = knowledge or Knowledge(
            np.zeros(shape, np.complex128), np.zeros((*shape, len(track)), np.complex128)
        )
        self.response = self._prior.response
        self.precision = self._prior.precision
        self.gain = np.ones(mix.shape[1])
        self.filtered = np.zeros_like(mix)
        self.rest = mix
        if knowledge is not None:
            self._filter_and_leave()
            self._update_gain(_weight(mix, _DRAFT_ROUNDS[0]))
            self._leave()

    def on_all_frames(self, mix: Spectra, track: Spectra) -> "_Model":
        """Go on with all frames after a draft on every `_SPARSE`-th."""
        dense = _Model(mix, track, self._knowledge)
        knots = np.arange(len(self.gain)) * _SPARSE
        dense.response = self.response
        dense.gain = np.interp(np.arange(mix.shape[1]), knots, self.gain)
        dense._filter_and_leave()
        return dense

    def round(self, neighbourhood: tuple[int, int]) -> None:
        """Improve response and gain once; the rest must be that of the current ones."""
        weight = _weight(self.rest, neighbourhood)
        self._update_response(weight)
        self._filter_and_leave()
        self._update_gain(weight)
        if self._knowledge is None:
            self._normalise()
        self._leave()

    def _filter_and_leave(self) -> None:
        self.filtered = _apply(self.response, self._track)
        self._leave()

    def _leave(self) -> None:
        self.rest = self._mix - self.gain.astype(np.float32)[:, None] * self.filtered

    def _update_response(self, weight: Weights) -> None:
        squared = (self.gain**2).astype(np.float32)[:, None]
        pull = weight * self.rest * self.gain.astype(np.float32)[:, None]
        measured = np.stack([np.einsum("ctk,tk->ck", pull, t) for t in self._conjugate], axis=2)
        gathered = np.zeros_like(self._prior.precision)
        for (i, j), (real, imaginary) in self._products.items():
            entry = np.einsum("ctk,tk->ck", weight, real * squared).astype(np.complex128)
            if i != j:
                entry += 1j * np.einsum("ctk,tk->ck", weight, imaginary * squared)
            gathered[:, :, i, j] = entry
            gathered[:, :, j, i] = entry.conj()
        prior = self._prior
        self.precision = prior.precision + gathered
        weighted = (
            measured + _times(gathered, self.response) + _times(prior.precision, prior.response)
        )
        ridge = 1e-6 * float(np.abs(self.precision).mean()) + _LEAST_RIDGE
        self.response = np.stack(
            [smooth_path(p, w, ridge) for p, w in zip(self.precision, weighted, strict=True)]
        )

    def _update_gain(self, weight: Weights) -> None:
        precision = np.einsum("ctk,ctk->t", weight, power(self.filtered)).astype(np.float64)
        pull = np.einsum("ctk,ctk->t", weight, _agreement(self.rest, self.filtered))
        weighted = pull + self.gain * precision
        ridge = 1e-9 * float(precision.mean()) + _LEAST_RIDGE
        path = smooth_path(precision[:, None, None], weighted[:, None], ridge, order=2)
        self.gain = np.maximum(path[:, 0].real, 0.0)

    def _normalise(self) -> None:
        level = float(np.sqrt(np.mean(self.gain**2)))
        if level > 0:
            self.gain = self.gain / level
            self.response = self.response * level
            self.filtered = self.filtered * np.float32(level)


def _apply(response: NDArray[np.complex128], track: Spectra) -> Spectra:
    heard: Spectra = np.einsum("cki,itk->ctk", response.astype(np.complex64), track)
    return heard


def _curve(gain: NDArray[np.float64], window: int, num_samples: int) -> NDArray[np.float32]:
    """The gain at every sample, from that of frames half a window apart."""
    knots = np.arange(len(gain)) * (window // 2)
    return np.interp(np.arange(num_samples), knots, gain).astype(np.float32)


def _products(track: Spectra) -> dict[tuple[int, int], tuple[Weights, Weights]]:
    """Real and imaginary parts of each channel's conjugate times each channel, pairs once."""
    pairs = combinations_with_replacement(range(len(track)), 2)
    products = {(i, j): track[i].conj() * track[j] for i, j in pairs}
    return {pair: (p.real.copy(), p.imag.copy()) for pair, p in products.items()}


def _band_correction(filtered: Spectra, rest: Spectra) -> Spectra:
    """What a slow complex gain of its own in every band would add to the music.

    Args:
        filtered: (mix channels, frames, bins), the track through the response, before the gain.
        rest: (mix channels, frames, bins), what the fit leaves of the mix.
    """
    edges = _band_edges(filtered.shape[2])
    correction = np.zeros_like(filtered)
    gains = np.zeros((len(filtered), filtered.shape[1], len(edges) - 1), np.complex128)
    for neighbourhood in _BAND_ROUNDS:
        left = rest - correction
        weight = _weight(left, neighbourhood)
        precision = np.add.reduceat(weight * power(filtered), edges[:-1], axis=2).astype(np.float64)
        pull = np.add.reduceat(weight * left * filtered.conj(), edges[:-1], axis=2)
        weighted = pull + gains * precision
        gains = np.stack(
            [smooth_paths(p, w, _BAND_RIDGE) for p, w in zip(precision, weighted, strict=True)]
        )
        spread = np.repeat(gains.astype(np.complex64), np.diff(edges), axis=2)
        correction = spread * filtered
    return correction


def _membership(core: slice, num_samples: int, ramp_samples: int) -> NDArray[np.float32]:
    """1 within the core, and down to 0 over a ramp on either side."""
    corners = [core.start - ramp_samples, core.start, core.stop, core.stop + ramp_samples]
    return np.interp(np.arange(num_samples), corners, [0, 1, 1, 0]).astype(np.float32)


def _band_edges(bins: int) -> NDArray[np.int64]:
    """Borders of bands that are narrow (4 bins) below and widen like the ear's above."""
    warped = np.linspace(0, np.log1p(bins / 40), _BANDS + 1)
    return np.unique(np.round(np.expm1(warped) * 40).astype(np.int64).clip(0, bins))


def _weight(rest: Spectra, neighbourhood: tuple[int, int]) -> Weights:
    """One over the variance of the rest, from its surroundings."""
    frames, bins = neighbourhood
    variance = uniform_filter1d(power(rest), bins, axis=2, mode="nearest")
    variance = uniform_filter1d(variance, frames, axis=1, mode="nearest")
    floor = np.float32(_VARIANCE_FLOOR * variance.mean() + 1e-20)
    weight: Weights = np.reciprocal((variance + floor) * np.float32(_FRAME_OVERLAP))
    return weight


def _agreement(rest: Spectra, music: Spectra) -> Weights:
    """Real part of rest times the conjugate of music."""
    return rest.real * music.real + rest.imag * music.imag


def _times(
    matrices: NDArray[np.complex128], vectors: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    product: NDArray[np.complex128] = np.einsum("ckij,ckj->cki", matrices, vectors)
    return product


def _level(bgm: Samples, track: Samples, curve: NDArray[np.float32]) -> float:
    """Level of the music over that of the track under the same gain, a channel's mean."""
    source = float(np.mean((track * curve) ** 2))
    return float(np.sqrt(np.mean(bgm**2) / source)) if source > 0 else 0.0


def _convolve(track: Samples, response: NDArray[np.complex128], window: int) -> Samples:
    """Filter the track with the response (mix channels, bins, track channels), both-sided."""
    hop, num_samples = window // 2, track.shape[1]
    taps = np.roll(irfft(response, axis=1), hop, axis=1).astype(np.float32)
    length = next_fast_len(num_samples + window, real=True)
    sources = rfft(track, length, axis=1, workers=2)
    filters = rfft(taps, length, axis=1, workers=2)
    filtered = irfft(np.einsum("cki,ik->ck", filters, sources), length, workers=2)
    return filtered[:, hop : hop + num_samples].astype(np.float32)
