"""Where a track still sounds after it was taken out: there more was done to it than was modelled.

An editor's gains and filters can be undone, a warped or remixed passage cannot: the fit finds
nothing of it and leaves it. But its landmarks are where they would be.
"""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from engine.artifacts import ArtifactStore
from engine.context import RunContext, checked_in
from engine.dsp.landmark_match import HeardLandmarks
from engine.dsp.landmark_pairs import AS_IT_IS
from engine.dsp.landmarks import FRAME_S, Landmarks, find_landmarks
from engine.stages.track_search import Find, Track
from engine.types import AudioRef, Region

VERSION = 2
"""To be raised whenever `landmarks` or `landmark_match` find something else."""
_WINDOW_S = 4.0
_HOP_S = 2.0
_EDGE_S = 1.0
"""What is heard in a window may not be heard at its edges; its neighbours say so."""
_DEVIATIONS, _DEVIATIONS_SHORT = 5.5, 6.5
"""Chance reaches so many once in a hundred thousand windows, the second number in shorter ones; a
track that was taken out well stays below, too."""
_MIX_PER_S, _TRACK_PER_S = 120, 25


def still_heard(
    restored: AudioRef, finds: Iterable[Find], store: ArtifactStore, context: RunContext
) -> tuple[Region, ...]:
    """Stretches of a restored mix in which the tracks that were taken out are still recognised.

    Args:
        restored: The mix without the tracks.
        finds: Where they were found.
        store: The cache.
        context: Asked once a block of sound.
    """
    blocks = checked_in(store.blocks(restored), context)
    rest = find_landmarks(blocks, restored.sample_rate_hz, _MIX_PER_S)

    @cache
    def landmarks(track: Track) -> Landmarks:
        blocks = checked_in(store.blocks(track.audio), context)
        return find_landmarks(blocks, track.rate_hz, _TRACK_PER_S)

    regions: list[Region] = []
    for find in finds:
        regions += _windows_with(find, landmarks(find.track), rest)
    return _joined(regions)


def _windows_with(find: Find, track: Landmarks, rest: Landmarks) -> Iterator[Region]:
    """The middles of windows in which the track is recognised; of the outermost ones all of it."""
    placement = find.placement
    whole = Region(placement.mix_start_s, placement.mix_end_s)
    for window in _windows(whole):
        first, last = round(window.start_s / FRAME_S), round(window.end_s / FRAME_S)
        heard = HeardLandmarks(rest.between(first, last))
        begins = placement.track_time_s(first * FRAME_S) / FRAME_S
        least = _DEVIATIONS if window.duration_s >= _WINDOW_S else _DEVIATIONS_SHORT
        if heard.best_agreement(track, begins, AS_IT_IS).deviations >= least:
            start_s, end_s = window.start_s + _EDGE_S, window.end_s - _EDGE_S
            yield Region(
                whole.start_s if window.start_s == whole.start_s else start_s,
                whole.end_s if window.end_s == whole.end_s else end_s,
            )


def _windows(region: Region) -> Iterator[Region]:
    """Overlapping windows from the start of a stretch to its very end."""
    last_s = max(region.start_s, region.end_s - _WINDOW_S)
    for start_s in np.arange(region.start_s, last_s, _HOP_S).tolist():
        yield Region(start_s, start_s + _WINDOW_S)
    yield Region(last_s, region.end_s)


def _joined(regions: list[Region]) -> tuple[Region, ...]:
    """The same stretches in order, those that touch as one."""
    joined: list[Region] = []
    for region in sorted(regions, key=lambda region: region.start_s):
        if joined and region.start_s <= joined[-1].end_s:
            end_s = max(joined[-1].end_s, region.end_s)
            joined[-1] = Region(joined[-1].start_s, end_s)
        else:
            joined.append(region)
    return tuple(joined)
