"""Beats of music from its onsets: a tempo that may change, and the beats that keep to it.

The tempo is the most probable path through the periods of the onsets (Viterbi), the beats are the
best chain of onsets about one period apart (Ellis, "Beat Tracking by Dynamic Programming", 2007).
Written in numpy because librosa knows one tempo a track, and holds all of it in memory.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, uniform_filter1d

from engine.dsp.compiled import compiled
from engine.dsp.onsets import ONSET_RATE_HZ, Curve

_SLOWEST_BPM, _FASTEST_BPM = 50.0, 210.0
_USUAL_BPM, _SPREAD_OCTAVES = 120.0, 1.0
_TEMPO_STEP = 0.01
"""Tempi next to each other differ by so much."""

_WINDOW = 8 * ONSET_RATE_HZ
_HOP = ONSET_RATE_HZ
_HALF_AS_LONG = 0.5
"""What speaks for half a period speaks so much against the whole one."""
_DRIFT_COST = 0.1
_JUMP_COST = 0.8

_LEAST_EVIDENCE = 0.3
"""How alike onsets are one period later, from 0 to 1; noise stays below."""
_TIGHTNESS = 100.0
_LEVEL_FRAMES = 2 * ONSET_RATE_HZ
_FLOOR = 0.05
_HEARD_FRAMES = 3 * ONSET_RATE_HZ // 2
_APART_FRAMES = 21
_MORE_THAN_ONE = 1.5
_HEARD_SHARE = 0.1
_REACH_FRAMES = 3
_RISE_S = 0.004
"""So late, on the average of clicks and tones, onsets rise most; frames have their middles."""

Path = NDArray[np.intp]


def find_beats(onsets: Curve, check: Callable[[], None] = lambda: None) -> tuple[float, ...]:
    """When the beats are, in seconds, ascending; none where nothing keeps time.

    Args:
        onsets: (num_frames,) onset strength at `ONSET_RATE_HZ`, of any level.
        check: Called once a second of the sound; may raise.
    """
    if len(onsets) < _WINDOW // 2 or not np.any(onsets):
        return ()
    level = _level(onsets)
    strength = gaussian_filter1d(onsets / level, 1.0)
    alike = _alikeness(strength, check)
    path = _tempo_path(_tempo_scores(alike), check)
    periods = _periods()[path]
    chain = np.asarray(_chain(strength, np.repeat(periods, _HOP)[: len(strength)]))
    is_kept = _keeps_time(alike, periods)[chain // _HOP] & _is_heard(onsets)[chain]
    beats = chain[is_kept]
    return tuple(np.maximum(_between_frames(strength, beats), 0.0).tolist())


def tempo_of(beats_s: tuple[float, ...]) -> float:
    """The usual tempo in beats a minute; 0 where there are no two beats."""
    return float(60 / np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.0


def _level(onsets: Curve) -> Curve:
    """How strong onsets are around each frame; never far below what they are on the whole."""
    around = gaussian_filter1d(onsets, _LEVEL_FRAMES, mode="nearest")
    return np.asarray(np.maximum(around, _FLOOR * float(onsets.mean())))


def _is_heard(onsets: Curve) -> NDArray[np.bool_]:
    """Whether more than one thing begins near each frame."""
    width = 2 * _HEARD_FRAMES + 1
    usual = float(np.median(maximum_filter1d(onsets, width)))
    is_peak = (onsets == maximum_filter1d(onsets, _APART_FRAMES)) & (onsets > 0)
    is_peak &= onsets > _HEARD_SHARE * usual
    near = uniform_filter1d(is_peak.astype(float), width, mode="constant")
    return np.asarray(near * width > _MORE_THAN_ONE)


def _periods() -> Curve:
    """Periods in frames, from the longest to the shortest."""
    count = round(np.log(_FASTEST_BPM / _SLOWEST_BPM) / _TEMPO_STEP)
    tempi = _SLOWEST_BPM * np.exp(_TEMPO_STEP * np.arange(count + 1))
    return np.asarray(60 * ONSET_RATE_HZ / tempi)


def _alikeness(strength: Curve, check: Callable[[], None]) -> NDArray[np.float64]:
    """How alike the onsets of a window are those a lag later: (windows, lags), 1 at lag 0."""
    changes = strength - gaussian_filter1d(strength, ONSET_RATE_HZ, mode="nearest")
    size = min(_WINDOW, len(strength))
    count = -(-len(strength) // _HOP)
    found = np.zeros((count, _WINDOW // 2))
    for index in range(count):
        check()
        start = min(max(0, (2 * index + 1) * _HOP // 2 - size // 2), len(strength) - size)
        window = changes[start : start + size]
        power = np.abs(rfft(window - window.mean(), 2 * size)) ** 2
        products = irfft(power, 2 * size)[: min(size, _WINDOW // 2)]
        overlap = 1 - np.arange(len(products)) / size
        found[index, : len(products)] = products / overlap / max(float(products[0]), 1e-9)
    return found


def _tempo_scores(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much speaks for each tempo: (windows, tempi)."""
    periods = _periods()
    octaves = np.log2(60 * ONSET_RATE_HZ / periods / _USUAL_BPM) / _SPREAD_OCTAVES
    half = np.maximum(_at_lags(alike, periods / 2), 0.0)
    scores = _at_lags(alike, periods) - _HALF_AS_LONG * half
    return np.asarray(scores * np.exp(-0.5 * octaves**2))


def _at_lags(alike: NDArray[np.float64], lags: Curve) -> NDArray[np.float64]:
    """The alikeness at lags between frames: (windows, len(lags))."""
    whole = lags.astype(int)
    share = lags - whole
    return np.asarray(alike[:, whole] * (1 - share) + alike[:, whole + 1] * share)


def _tempo_path(scores: NDArray[np.float64], check: Callable[[], None]) -> Path:
    """Index of the tempo in each window: (windows,)."""
    count = scores.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    cost = np.minimum(_DRIFT_COST * apart, _JUMP_COST)
    total = scores[0]
    links = np.zeros(scores.shape, np.intp)
    for index in range(1, len(scores)):
        check()
        before = total - cost
        links[index] = before.argmax(1)
        total = before.max(1) + scores[index]
    path = np.empty(len(scores), np.intp)
    path[-1] = total.argmax()
    for index in range(len(scores) - 1, 0, -1):
        path[index - 1] = links[index, path[index]]
    return path


def _keeps_time(alike: NDArray[np.float64], periods: Curve) -> NDArray[np.bool_]:
    """Whether the onsets around each window keep the tempo of that place."""
    at_period = np.array(
        [_at_lags(alike[i : i + 1], periods[i : i + 1])[0, 0] for i in range(len(periods))]
    )
    # What changes slowly is alike at all lags.
    evidence = at_period - alike.mean(1)
    return np.asarray(uniform_filter1d(evidence, 9, mode="nearest") > _LEAST_EVIDENCE)


def _chain(strength: Curve, periods: Curve) -> Path:
    """The frames of the best chain of beats."""
    links = np.empty(len(strength), np.int64)
    last = _link(strength, periods, _TIGHTNESS, links)
    frames = []
    while last >= 0:
        frames.append(last)
        last = int(links[last])
    return np.array(frames[::-1], np.intp)


@compiled
def _link(strength: Curve, periods: Curve, tightness: float, links: NDArray[np.int64]) -> int:
    """Note for each frame which beat goes before, -1 for none; gives the last beat."""
    total = np.empty(len(strength))
    for here in range(len(strength)):
        period = periods[here]
        best, link = 0.0, -1
        for there in range(max(0, here - int(2 * period)), here - int(period / 2) + 1):
            off = np.log((here - there) / period)
            score = total[there] - tightness * off * off
            if score > best:
                best, link = score, there
        total[here] = strength[here] + best
        links[here] = link
    last = len(strength) - 1
    for here in range(max(0, len(strength) - int(periods[-1])), len(strength)):
        if total[here] > total[last]:
            last = here
    return last


def _between_frames(strength: Curve, frames: Path) -> Curve:
    """The times of peaks near some frames, by parabolas through three values."""
    padded = np.pad(strength, _REACH_FRAMES + 1)
    near = np.arange(-_REACH_FRAMES, _REACH_FRAMES + 1)
    around = padded[frames[:, None] + near + _REACH_FRAMES + 1]
    at = frames + near[around.argmax(1)] + _REACH_FRAMES + 1
    left, middle, right = padded[at - 1], padded[at], padded[at + 1]
    bend = left - 2 * middle + right
    is_peak = (bend < 0) & (middle >= left) & (middle >= right)
    shift = np.where(is_peak, 0.5 * (left - right) / np.where(is_peak, bend, 1.0), 0.0)
    frame = np.where(is_peak, at - _REACH_FRAMES - 1 + shift, frames)
    return np.asarray((frame + 0.5) / ONSET_RATE_HZ - _RISE_S)
