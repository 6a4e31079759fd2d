"""A track inside a mix as one frequency response times a gain, estimated in turns.

Each channel of the mix has its own response (from every channel of the track, at every frequency);
the gain over time is common to all. What they leave of the mix is taken as Gaussian with a variance
of its own at every point of time and frequency, estimated from what the current fit leaves over; so
the fit listens where the rest is silent.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from engine.dsp.half_overlap import Spectra, Spectrum, local_mean, power
from engine.dsp.side_by_side import on_each
from engine.dsp.smooth_path import smooth_path

_LEAST_RIDGE = 1e-3
_VARIANCE_FLOOR = 1e-7
_SILENCE = 1e-11
"""Power of rounding to 24 bits in a frame: below it nothing is known, and a perfect fit would get
weights beyond what float32 can count with."""
_ROUNDING = 1e-7
"""Sums of float32 know nothing of a direction of which they tell so much less than of another."""
_FRAME_OVERLAP = 1.1
"""Neighbouring frames share samples: so much less do they tell than independent ones would."""

Weights = NDArray[np.float32]
"""(frames, bins): one over the variance of the rest."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of the response of one mix channel.

    Attributes:
        response: (bins, track channels) complex.
        precision: (bins, track channels, track channels) complex.
    """

    response: NDArray[np.complex128]
    precision: NDArray[np.complex128]

    @classmethod
    def nothing(cls, bins: int, track_channels: int) -> "Knowledge":
        """No evidence at all."""
        shape = (bins, track_channels)
        return cls(np.zeros(shape, complex), np.zeros((*shape, track_channels), complex))

    def faded(self, share: float) -> "Knowledge":
        """The same with less weight."""
        return Knowledge(self.response, share * self.precision)


class TrackModel:
    """Alternating estimation of responses and gain.

    Attributes:
        gain: (frames,).
        filtered: (mix channels, frames, bins), the track through the response, before the gain.
        rest: Same shape, what the current responses and gain leave of the mix.
    """

    def __init__(
        self, mix: Spectra, track: Spectra, knowledge: tuple[Knowledge, ...] | None
    ) -> None:
        self._mix = mix
        self.gain = np.ones(mix.shape[1])
        self.filtered, self.rest = np.zeros_like(mix), mix.copy()
        self._has_prior = knowledge is not None
        priors = knowledge or (Knowledge.nothing(mix.shape[2], len(track)),) * len(mix)
        source = _Track(track)
        self._channels = [
            _Channel(heard, filtered, rest, source, prior)
            for heard, filtered, rest, prior in zip(
                mix, self.filtered, self.rest, priors, strict=True
            )
        ]

    @property
    def response(self) -> NDArray[np.complex128]:
        """(mix channels, bins, track channels)."""
        return np.stack([channel.known.response for channel in self._channels])

    @property
    def knowledge(self) -> tuple[Knowledge, ...]:
        """Response and evidence of each mix channel."""
        return tuple(channel.known for channel in self._channels)

    def take_over(self, responses: NDArray[np.complex128], gain: NDArray[np.float64]) -> None:
        """Begin from responses (mix channels, bins, track channels) and a gain (frames,)."""
        self.gain = gain

        def begin(channel_and_response: tuple[_Channel, NDArray[np.complex128]]) -> None:
            channel, response = channel_and_response
            channel.known = Knowledge(response, channel.known.precision)
            channel.filter_and_leave(gain)

        on_each(begin, zip(self._channels, responses, strict=True))

    def leave_exactly(self, heard: Spectra) -> None:
        """Take spectra of the same shape as what the track adds to the mix, instead of the model's.

        The model takes gain and responses as constant within a frame.
        """
        np.subtract(self._mix, heard, out=self.rest)

    def round(self, neighbourhood: tuple[int, int]) -> None:
        """Improve responses and gain once; the rest must be that of the current ones."""

        def improve(channel: _Channel) -> None:
            channel.weigh(neighbourhood)
            channel.update_response(self.gain)
            channel.filter_and_leave(self.gain)

        on_each(improve, self._channels)
        self._update_gain()
        if not self._has_prior:
            self._normalise()
        self._leave()

    def _leave(self) -> None:
        on_each(lambda channel: channel.leave(self.gain), self._channels)

    def _update_gain(self) -> None:
        evidence = on_each(_Channel.gain_evidence, self._channels)
        precision, pull = (np.sum(parts, axis=0) for parts in zip(*evidence, strict=True))
        weighted = pull + self.gain * precision
        ridge = 1e-9 * float(precision.mean()) + _LEAST_RIDGE
        path = smooth_path(precision[:, None, None], weighted[:, None], ridge, order=2)
        self.gain = np.maximum(path[:, 0].real, 0.0)

    def _normalise(self) -> None:
        level = float(np.sqrt(np.mean(self.gain**2)))
        if level > 0:
            self.gain = self.gain / level
            for channel in self._channels:
                channel.scale(level)


class _Track:
    """The track's spectra and what every channel of the mix needs of them.

    Attributes:
        spectra: (track channels, frames, bins).
        conjugate: The same, conjugated.
        products: Real and imaginary part of each channel's conjugate times each channel.
    """

    def __init__(self, spectra: Spectra) -> None:
        self.spectra, self.conjugate = spectra, spectra.conj()
        pairs = combinations_with_replacement(range(len(spectra)), 2)
        products = {(i, j): self.conjugate[i] * spectra[j] for i, j in pairs}
        self.products = {pair: (p.real.copy(), p.imag.copy()) for pair, p in products.items()}


class _Channel:
    """One channel of the mix; `filtered` and `rest` are views of the model's, written in place."""

    def __init__(
        self, mix: Spectrum, filtered: Spectrum, rest: Spectrum, track: _Track, prior: Knowledge
    ) -> None:
        self._mix, self._filtered, self._rest = mix, filtered, rest
        self._track, self._prior = track, prior
        self._weight = np.zeros(mix.shape, np.float32)
        # New memory costs as much as the arithmetic in it.
        self._weighted = np.empty_like(mix)
        # What is known weighs from the first round on, but the rest is still the whole mix.
        self.known = Knowledge.nothing(mix.shape[1], len(track.spectra))

    def weigh(self, neighbourhood: tuple[int, int]) -> None:
        """Estimate how much each place tells from what is left there now."""
        self._weight = weight(self._rest, neighbourhood)

    def update_response(self, gain: NDArray[np.float64]) -> None:
        """The most probable response under a gain (frames,)."""
        column = gain.astype(np.float32)[:, None]
        pull = np.multiply(self._weight, self._rest, out=self._weighted)
        pull *= column
        measured = np.stack([np.einsum("tk,tk->k", pull, t) for t in self._track.conjugate], 1)
        gathered = self._gathered(self._weight * column**2)
        precision = self._prior.precision + gathered
        weighted = (
            measured
            + _times(gathered, self.known.response)
            + _times(self._prior.precision, self._prior.response)
        )
        ridge = 1e-6 * float(np.abs(precision).mean()) + _LEAST_RIDGE
        response = smooth_path(precision, weighted, ridge).astype(np.complex128, copy=False)
        self.known = Knowledge(response, precision)

    def _gathered(self, weight: Weights) -> NDArray[np.complex128]:
        """Evidence on the response, (bins, track channels, track channels)."""
        gathered = np.zeros_like(self._prior.precision)
        for (i, j), (real, imaginary) in self._track.products.items():
            gathered[:, i, j] = np.einsum("tk,tk->k", weight, real)
            if i != j:
                gathered[:, i, j] += 1j * np.einsum("tk,tk->k", weight, imaginary)
                gathered[:, j, i] = gathered[:, i, j].conj()
        return _without_negative(gathered)

    def filter_and_leave(self, gain: NDArray[np.float64]) -> None:
        """What the response makes of the track, and what that leaves under a gain (frames,)."""
        response = self.known.response.astype(np.complex64)
        np.multiply(response[:, 0], self._track.spectra[0], out=self._filtered)
        for taps, spectra in zip(response.T[1:], self._track.spectra[1:], strict=True):
            self._filtered += taps * spectra
        self.leave(gain)

    def leave(self, gain: NDArray[np.float64]) -> None:
        """What the filtered track leaves of the mix under a gain (frames,)."""
        np.multiply(gain.astype(np.float32)[:, None], self._filtered, out=self._rest)
        np.subtract(self._mix, self._rest, out=self._rest)

    def gain_evidence(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Precision and pull, each (frames,), of a change of the gain."""
        precision, pull = (self._agreement(heard) for heard in (self._filtered, self._rest))
        return precision, pull

    def _agreement(self, heard: Spectrum) -> NDArray[np.float64]:
        """How much of the filtered track there is in each frame of a spectrum, weighted."""
        weighted = np.multiply(self._weight, heard, out=self._weighted)
        # The real part of a product with a conjugate is a product of parts that lie interleaved.
        parts = (spectrum.view(np.float32) for spectrum in (weighted, self._filtered))
        agreement: NDArray[np.float32] = np.einsum("tk,tk->t", *parts)
        return agreement.astype(np.float64)

    def scale(self, level: float) -> None:
        """Make the response louder, the gain having become as much smaller."""
        self.known = Knowledge(self.known.response * level, self.known.precision)
        self._filtered *= np.float32(level)


def weight(rest: Spectrum, neighbourhood: tuple[int, int]) -> Weights:
    """One over the variance of the rest, from its surroundings.

    Args:
        rest: (frames, bins) complex, of one channel.
        neighbourhood: Frames and bins over which the variance is averaged.
    """
    variance = local_mean(power(rest), *neighbourhood)
    floor = np.float32(_VARIANCE_FLOOR * variance.mean() + _SILENCE)
    variance += floor
    variance *= np.float32(_FRAME_OVERLAP)
    return np.reciprocal(variance, out=variance)


def _without_negative(precision: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Evidence (bins, m, m) that is positive in all directions, in spite of rounded sums.

    Where channels are copies of each other, rounding would else tell less than nothing of their
    difference. As evidence for the current response, what is added keeps that where it is.
    """
    channels = precision.shape[1]
    if channels == 1:
        return precision
    told = np.linalg.eigvalsh(precision)
    lacking = np.maximum(_ROUNDING * told[:, -1] - told[:, 0], 0)
    return precision + lacking[:, None, None] * np.eye(channels)


def _times(
    matrices: NDArray[np.complex128], vectors: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    product: NDArray[np.complex128] = np.einsum("kij,kj->ki", matrices, vectors)
    return product
