"""Copies among what was found: two files of one song sound at one place, and only once."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.artifacts import ArtifactStore
from engine.dsp.align import Signal, read_aligned
from engine.dsp.correlate import SEARCH_RATE_HZ
from engine.stages.track_search import Find, Track
from engine.types import Region

_SAME_PLACE = 0.8
"""So much of a find lies within the one that it may be a copy of."""
_ALIKE = 0.95
"""Encodings at 64 kbit/s correlate by more; songs of which nine tenths are the same drums by less,
and so does a song somewhere with its version without a voice."""
_LEAST_COMMON_S = 0.25
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
    kept: dict[Track, list[Find]] = {}
    for find in sorted(finds, key=lambda find: (-evidence[find.track], -_evidence(find))):
        others = (found for track, found in kept.items() if track.audio != find.track.audio)
        if not any(_is_copy(find, other, store) for other in others):
            kept.setdefault(find.track, []).append(find)
    together = (find for found in kept.values() for find in found)
    return sorted(together, key=lambda find: -find.placement.strength)


def _evidence(find: Find) -> float:
    return find.placement.strength * _length_s(find)


def _length_s(find: Find) -> float:
    return find.placement.mix_end_s - find.placement.mix_start_s


def _is_copy(find: Find, others: Iterable[Find], store: ArtifactStore) -> bool:
    """Whether another track sounds the same all over the place of a find.

    Args:
        find: Of one track.
        others: All of the other track that is kept; no two overlap.
        store: The cache.
    """
    common = [(other, part) for other in others if (part := _common(find, other)) is not None]
    if sum(part.end_s - part.start_s for _, part in common) < _SAME_PLACE * _length_s(find):
        return False
    return all(
        _alike(*(_heard(one, s, min(s + _WINDOW_S, part.end_s), store) for one in (find, other)))
        for other, part in common
        for s in _begins_s(part)
    )


def _common(find: Find, other: Find) -> Region | None:
    """Where two finds are at once."""
    one, two = find.placement, other.placement
    start_s, end_s = max(one.mix_start_s, two.mix_start_s), min(one.mix_end_s, two.mix_end_s)
    return Region(start_s, end_s) if end_s - start_s > _LEAST_COMMON_S else None


def _begins_s(part: Region) -> list[float]:
    """When the windows begin in which two tracks are compared."""
    last_s = max(part.start_s, part.end_s - _WINDOW_S)
    begins: list[float] = np.linspace(part.start_s, last_s, _WINDOWS).tolist()
    return begins


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
