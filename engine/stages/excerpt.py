"""A stretch of a film for a preview: what must be worked on, cut out, and cut to size again.

The stretch is widened so that the separator gets the very chunks that it gets of the whole film;
its result is then the same. Other stages get some seconds of what is around.
"""

import math
from dataclasses import replace

from engine.artifacts import ArtifactStore, artifact_key
from engine.context import RunContext, checked_in
from engine.errors import RegionError
from engine.types import AudioRef, BgmMatch, Region, RestoreResult

CONTEXT_S = 20.0
"""So much around a stretch is enough to find a known track."""

_LEAST_CONTEXT_S = 2.0
_VERSION = 1


def require_inside(region: Region, duration_s: float) -> Region:
    """The part of a stretch that lies in a film.

    Raises:
        RegionError: There is none.
    """
    if not 0 <= region.start_s < min(region.end_s, duration_s):
        raise RegionError(
            f"there is no sound from {region.start_s:.1f} to {region.end_s:.1f} s",
            f"the film lasts {duration_s:.1f} s",
        )
    return Region(region.start_s, min(region.end_s, duration_s))


def with_context(region: Region, duration_s: float) -> Region:
    """A stretch and some seconds on both sides."""
    return Region(max(0.0, region.start_s - CONTEXT_S), min(duration_s, region.end_s + CONTEXT_S))


def on_grid(region: Region, duration_s: float, chunk_s: float, hop_s: float) -> Region:
    """The smallest stretch that is cut into the same chunks as the film, all those that matter.

    Args:
        region: What shall be heard.
        duration_s: Length of the film.
        chunk_s: Length of a chunk; chunk i of the film begins at i * hop_s.
        hop_s: From the start of a chunk to the next; the last chunk ends with the film.
    """
    start_s = max(0.0, region.start_s - _LEAST_CONTEXT_S)
    end_s = min(duration_s, region.end_s + _LEAST_CONTEXT_S)
    first = max(0, math.floor((start_s - chunk_s) / hop_s) + 1)
    last_end_s = (math.ceil(end_s / hop_s) - 1) * hop_s + chunk_s
    # The last chunk of the film is on no grid.
    if last_end_s >= duration_s or end_s > duration_s - chunk_s:
        last_end_s = duration_s
    # Near the end a chunk of the grid may be longer than what is left.
    return Region(max(0.0, min(first * hop_s, duration_s - chunk_s)), last_end_s)


def cut(sound: AudioRef, region: Region, store: ArtifactStore, context: RunContext) -> AudioRef:
    """A stretch of a sound."""
    rate_hz = sound.sample_rate_hz
    start, stop = round(region.start_s * rate_hz), round(region.end_s * rate_hz)
    stop = min(stop, sound.num_samples)
    if (start, stop) == (0, sound.num_samples):
        return sound
    key = artifact_key("cut", _VERSION, sound.key, start, stop)
    found = store.find(key)
    if found is not None:
        return found
    samples = store.map(sound)
    with store.writer(key, sound.channels, rate_hz) as writer:
        for at in checked_in(range(start, stop, rate_hz), context):
            writer.write(samples[:, at : min(at + rate_hz, stop)])
    return store.published(key)


def narrowed(
    result: RestoreResult,
    around: Region,
    region: Region,
    store: ArtifactStore,
    context: RunContext,
) -> RestoreResult:
    """The result for a stretch from that for its surroundings, in the time of the film.

    Args:
        result: Restored surroundings, in their own time.
        around: The surroundings in the time of the film.
        region: The stretch.
        store: Where the sound lies.
        context: Asked once a second of sound.
    """
    inside = Region(region.start_s - around.start_s, region.end_s - around.start_s)
    speech = (_overlap(each, inside) for each in result.speech)
    return replace(
        result,
        stems={name: cut(ref, inside, store, context) for name, ref in result.stems.items()},
        bgm=tuple(
            _moved(match, part.start_s - match.video_start_s, part, around.start_s)
            for match in result.bgm
            if (part := _overlap(Region(match.video_start_s, match.video_end_s), inside))
        ),
        speech=tuple(
            Region(part.start_s + around.start_s, part.end_s + around.start_s)
            for part in speech
            if part
        ),
        region=region,
    )


def _overlap(a: Region, b: Region) -> Region | None:
    start_s, end_s = max(a.start_s, b.start_s), min(a.end_s, b.end_s)
    return Region(start_s, end_s) if start_s < end_s else None


def _moved(match: BgmMatch, skipped_s: float, part: Region, by_s: float) -> BgmMatch:
    """A match without what lies before and after a part of it."""
    return replace(
        match,
        track_start_s=match.track_start_s + skipped_s * match.speed,
        video_start_s=part.start_s + by_s,
        video_end_s=part.end_s + by_s,
    )
