"""From landmarks that agree to a proof in the sound: at what speed a track plays in a stretch."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.dsp.landmark_match import Agreement
from engine.dsp.landmarks import FRAME_S, Landmarks
from engine.library.lookup import SURE
from engine.stages.track_search import Track, TrackSearch
from engine.types import Region

STRETCH_S = 20.0
_HOP_S = 10.0
_SPEED_REACH = 0.005
"""So far off may the speed be that landmarks tell, of some 10 s; also, how far clocks drift."""
_LEAST_VOTES = 6.0
"""Speeds of tracks that are not there come to 5 deviations, of those 20 dB below the rest to 70."""


def stretches(duration_s: float) -> Iterator[Region]:
    """Overlapping stretches of a mix, the last one as near to the end as it can be."""
    last_s = max(0.0, duration_s - STRETCH_S)
    for start_s in np.append(np.arange(0.0, last_s, _HOP_S), last_s).tolist():
        yield Region(start_s, min(start_s + STRETCH_S, duration_s))


def heard_in(landmarks: Landmarks, region: Region) -> Landmarks:
    """The landmarks of a stretch, of those of the whole mix."""
    return landmarks.between(round(region.start_s / FRAME_S), round(region.end_s / FRAME_S))


def proved(search: TrackSearch, track: Track, agreement: Agreement, region: Region) -> Track | None:
    """A track at the speed at which it sounds in a stretch; None if it does not.

    Args:
        search: Of the mix.
        track: As it is.
        agreement: How its landmarks lie under the stretch.
        region: The stretch.
    """
    for speed in _speeds(search, track, agreement, region):
        played = replace(track, speed=speed)
        if search.find(played, region):
            return replace(played, proved=region)
    return None


def _speeds(
    search: TrackSearch, track: Track, agreement: Agreement, region: Region
) -> Iterator[float]:
    """Speeds to try: the file's own, or the one that fits best."""
    tempo = agreement.change.tempo
    if tempo == 1.0:
        yield 1.0
        if agreement.deviations < SURE:
            return
    start_s = agreement.start_frame * FRAME_S
    between = tempo - _SPEED_REACH, tempo + _SPEED_REACH
    found = search.best_speed(track, region, start_s, between)
    if agreement.deviations >= SURE or found.deviations >= _LEAST_VOTES:
        yield found.speed
