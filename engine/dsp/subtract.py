"""How a known track sounds inside a mix: one frequency response times a gain that moves.

mix = g(t) * (h * track) + rest. Response h and gain g are estimated in turns (`TrackModel`), from
few frames first, then from all. Last, what remains may follow its own slow gain in each band, as
far as there is evidence: that follows filters that move, and takes less where the codec left less.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engine.dsp.consistency import Consistency, consistency
from engine.dsp.evenness import Evenness, evenness
from engine.dsp.half_overlap import Spectra, Spectrum, filter_both_sided, istft, power, stft
from engine.dsp.level_evidence import level_evidence
from engine.dsp.side_by_side import on_each
from engine.dsp.smooth_path import smooth_paths
from engine.dsp.track_model import Knowledge, TrackModel, weight
from engine.dsp.wholeness import Wholeness, wholeness
from engine.types import Samples

WINDOW_S = 0.093
_SPARSE = 3
"""The draft looks at one frame of so many."""
_DRAFT_ROUNDS = ((3, 9), (3, 9), (1, 9), (1, 9))
_FULL_ROUNDS = (((3, 5), False), ((3, 3), True), ((3, 3), True))
"""Frames and bins over which the variance of the rest is averaged, per round, coarse to fine; and
whether the round ends with the sound itself, and so with the exact rest, not one that takes gain
and response as constant within a frame."""
_MEMORY = 0.7
"""Part of a block's evidence on the response that the next block still believes."""
_BANDS = 6
"""Few and wide: a narrow one takes the rest's notes for the track's where both play the same."""
_BAND_RIDGE = 1.0
_BAND_ROUNDS = ((15, 41), (5, 9), (3, 3))


@dataclass(frozen=True, slots=True)
class BlockFit:
    """The track as it sounds in one block of the mix.

    Attributes:
        bgm: (mix channels, num_samples) float32, to be taken from the mix.
        gain: (num_samples,) float32, level of `bgm` relative to the track's file.
        knowledge: For the next block; one a channel of the mix.
    """

    bgm: Samples
    gain: NDArray[np.float32]
    knowledge: tuple[Knowledge, ...]


def window_samples(sample_rate_hz: int) -> int:
    """Length of the analysis window: the power of two nearest to `WINDOW_S`."""
    return 1 << round(math.log2(WINDOW_S * sample_rate_hz))


def fit_block(
    mix: Samples,
    track: Samples,
    window: int,
    knowledge: tuple[Knowledge, ...] | None = None,
    check: Callable[[], None] = lambda: None,
    core: slice | None = None,
    margin: int = 0,
) -> BlockFit:
    """Fit an aligned track to a block of a mix.

    Args:
        mix: (mix channels, num_samples) float32.
        track: (track channels, margin + num_samples + margin) float32, at the mix's rate, aligned
            to some samples.
        window: Even number of samples, from `window_samples`.
        knowledge: What the block before taught.
        check: Called once a round; may raise to cancel.
        core: Samples in which the track surely sounds: the fit begins from them, and only there may
            bands go their own ways; all of them by default.
        margin: Samples of the track before and after the block, half a window of them: what the
            response makes of these is heard in the block, where a cut would be heard as a click.
    """
    within = slice(margin, margin + mix.shape[1])
    mix_spectra, track_spectra = stft(mix, window), stft(track[:, within], window)
    core = core or slice(0, mix.shape[1])
    certain = _membership(core, mix.shape[1], window // 2)
    surely = _membership(core, mix_spectra.shape[1] * (window // 2), window // 2)[:: window // 2]
    model = _drafted(mix_spectra, track_spectra, knowledge, surely, check)
    for neighbourhood, exact in _FULL_ROUNDS:
        check()
        model.round(neighbourhood)
        if exact:
            curve = _curve(model.gain, window, mix.shape[1])
            bgm = filter_both_sided(track, model.response, window)[:, within] * curve
            model.leave_exactly(stft(bgm, window))
    check()
    correction = _band_correction(model.filtered, model.rest, check)
    bgm += certain * istft(correction, window, mix.shape[1])
    return BlockFit(
        bgm=bgm,
        gain=curve * np.float32(_level(bgm, track[:, within], curve)),
        knowledge=tuple(known.faded(_MEMORY) for known in model.knowledge),
    )


def _drafted(
    mix: Spectra,
    track: Spectra,
    knowledge: tuple[Knowledge, ...] | None,
    gain: NDArray[np.float32],
    check: Callable[[], None],
) -> TrackModel:
    """A model of all frames that begins from a fit of every `_SPARSE`-th, and that from a gain."""
    draft = TrackModel(mix[:, ::_SPARSE], track[:, ::_SPARSE], knowledge)
    # Where the track does not sound the rest is quiet, and what is quiet weighs most.
    draft.gain = gain[::_SPARSE].astype(np.float64)
    for neighbourhood in _DRAFT_ROUNDS:
        check()
        draft.round(neighbourhood)
    model = TrackModel(mix, track, knowledge)
    knots = np.arange(len(draft.gain)) * _SPARSE
    model.take_over(draft.response, np.interp(np.arange(mix.shape[1]), knots, draft.gain))
    return model


@dataclass(frozen=True, slots=True)
class Trial:
    """What a cheap fit says of a track.

    Attributes:
        consistency: Whether the whole track is there.
        evenness: Whether its notes and its strokes are.
        wholeness: Whether all notes are, and the low ones.
        gain: Its level relative to its file, linear.
    """

    consistency: Consistency
    evenness: Evenness
    wholeness: Wholeness
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
    model = TrackModel(mix_spectra, track_spectra, None)
    for neighbourhood in _DRAFT_ROUNDS:
        check()
        model.round(neighbourhood)
    fitted = mix_spectra - model.rest
    source = float(power(track_spectra).mean())
    evidence = level_evidence(mix_spectra, track_spectra, fitted, model.gain)
    return Trial(
        consistency=consistency(mix_spectra, track_spectra, fitted, model.gain),
        evenness=evenness(track_spectra, evidence),
        wholeness=wholeness(evidence),
        gain=math.sqrt(float(power(fitted).mean()) / source) if source > 0 else 0.0,
    )


def _curve(gain: NDArray[np.float64], window: int, num_samples: int) -> NDArray[np.float32]:
    """The gain at every sample, from that of frames half a window apart."""
    knots = np.arange(len(gain)) * (window // 2)
    return np.interp(np.arange(num_samples), knots, gain).astype(np.float32)


def _band_correction(filtered: Spectra, rest: Spectra, check: Callable[[], None]) -> Spectra:
    """What a slow complex gain of its own in every band would add to the music.

    Args:
        filtered: (mix channels, frames, bins), the track through the response, before the gain.
        rest: (mix channels, frames, bins), what the fit leaves of the mix.
        check: Called once a round; may raise to cancel.
    """
    channels = [_BandGains(*parts) for parts in zip(filtered, rest, strict=True)]
    for neighbourhood in _BAND_ROUNDS:
        check()
        evidence = on_each(partial(_BandGains.evidence, neighbourhood=neighbourhood), channels)
        precision, pull = (np.concatenate(parts, axis=1) for parts in zip(*evidence, strict=True))
        # All at once: the paths are followed frame by frame, which costs the same for many.
        gains = smooth_paths(precision, pull, _BAND_RIDGE)
        own = np.split(gains, len(channels), axis=1)
        on_each(lambda each: each[0].take_over(each[1]), zip(channels, own, strict=True))
    return np.stack([channel.correction for channel in channels])


class _BandGains:
    """Gains of the bands of one channel, and what they add.

    Attributes:
        correction: (frames, bins).
    """

    def __init__(self, filtered: Spectrum, rest: Spectrum) -> None:
        self._filtered, self._rest = filtered, rest
        self._edges = _band_edges(filtered.shape[1])
        self._power, self._conjugate = power(filtered), filtered.conj()
        self._gains = np.zeros((len(filtered), len(self._edges) - 1), np.complex128)
        self.correction = np.zeros_like(filtered)

    def evidence(
        self, neighbourhood: tuple[int, int]
    ) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
        """Precision and pull of the gains, each (frames, bands)."""
        left = self._rest - self.correction
        weights = weight(left, neighbourhood)
        starts = self._edges[:-1]
        precision = np.add.reduceat(weights * self._power, starts, axis=1).astype(np.float64)
        left *= self._conjugate
        left *= weights
        return precision, np.add.reduceat(left, starts, axis=1) + self._gains * precision

    def take_over(self, gains: NDArray[np.complex128]) -> None:
        """Use other gains (frames, bands) from now on."""
        self._gains = gains
        each = np.repeat(gains.astype(np.complex64), np.diff(self._edges), axis=1)
        np.multiply(each, self._filtered, out=self.correction)


def _membership(core: slice, num_samples: int, ramp_samples: int) -> NDArray[np.float32]:
    """1 within the core, and down to 0 over a ramp on either side."""
    corners = [core.start - ramp_samples, core.start, core.stop, core.stop + ramp_samples]
    return np.interp(np.arange(num_samples), corners, [0, 1, 1, 0]).astype(np.float32)


def _band_edges(bins: int) -> NDArray[np.int64]:
    """Borders of bands that are narrow below and widen like the ear's above."""
    warped = np.linspace(0, np.log1p(bins / 40), _BANDS + 1)
    return np.unique(np.round(np.expm1(warped) * 40).astype(np.int64).clip(0, bins))


def _level(bgm: Samples, track: Samples, curve: NDArray[np.float32]) -> float:
    """Level of the music over that of the track under the same gain, a channel's mean."""
    source = float(np.mean((track * curve) ** 2))
    return float(np.sqrt(np.mean(bgm**2) / source)) if source > 0 else 0.0
