"""Copies among what was found: two files of one song sound at one place, and only once."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.artifacts import ArtifactStore
from engine.dsp.align import Signal, read_aligned
from engine.dsp.correlate import SEARCH_RATE_HZ
from engine.stages.track_search import Find, Track

_SAME_PLACE = 0.8
"""So much of a find lies within the one that it may be a copy of."""
_ALIKE = 0.95
"""Encodings at 64 kbit/s correlate by more; songs of which nine tenths are the same drums by less,
and so does a song somewhere with its version without a voice."""
_WINDOW_S = 6.0
_WINDOWS = 5
_REACH = 3


def without_copies(finds: Iterable[Find], store: ArtifactStore) -> list[Find]:
    """Finds that do not sound the same as another one at the same place, surest first.

    Of those that do the one stays whose track agrees best with the mix, everywhere together: of a
    loop all turns come from one file.
    """
    finds = tuple(finds)
    evidence: dict[Track, float] = defaultdict(float)
    for find in finds:
        evidence[find.track] += _evidence(find)
    kept: list[Find] = []
    for find in sorted(finds, key=lambda find: (-evidence[find.track], -_evidence(find))):
        if not any(_is_copy(find, other, store) for other in kept):
            kept.append(find)
    return sorted(kept, key=lambda find: -find.placement.strength)


def _evidence(find: Find) -> float:
    return find.placement.strength * _length_s(find)


def _length_s(find: Find) -> float:
    return find.placement.mix_end_s - find.placement.mix_start_s


def _is_copy(find: Find, other: Find, store: ArtifactStore) -> bool:
    """Whether a find of another track sounds the same all over the place of this one."""
    start_s = max(find.placement.mix_start_s, other.placement.mix_start_s)
    end_s = min(find.placement.mix_end_s, other.placement.mix_end_s)
    if find.track.audio == other.track.audio or end_s - start_s < _SAME_PLACE * _length_s(find):
        return False
    begins_s = np.linspace(start_s, max(start_s, end_s - _WINDOW_S), _WINDOWS).tolist()
    return all(
        _alike(*(_heard(one, s, min(s + _WINDOW_S, end_s), store) for one in (find, other)))
        for s in begins_s
    )


def _heard(find: Find, start_s: float, end_s: float, store: ArtifactStore) -> Signal:
    """Some seconds of a track as they lie under the mix, mono at `SEARCH_RATE_HZ`."""
    rate_hz = find.track.rate_hz
    start, stop = round(start_s * SEARCH_RATE_HZ), round(end_s * SEARCH_RATE_HZ)
    known = store.map(find.track.audio)
    low = read_aligned(find.placement, known, rate_hz, SEARCH_RATE_HZ, start, stop)
    mono: Signal = low.mean(0)
    return mono


def _alike(one: Signal, other: Signal) -> bool:
    """Whether two signals are nearly the same, some samples apart; silence is like silence."""
    inner = one[_REACH : len(one) - _REACH]
    shifted = sliding_window_view(other, len(inner))
    products = np.abs(shifted @ inner)
    scales = np.linalg.norm(shifted, axis=1) * np.linalg.norm(inner)
    return bool((products >= _ALIKE * scales).any())
