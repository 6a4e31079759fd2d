"""A stretch of a film for a preview: what must be worked on, cut out, and cut to size again.

The stretch is widened so that the separator gets the very chunks that it gets of the whole film;
its result is then the same. Other stages get some seconds of what is around.
"""

from collections.abc import Iterable
from dataclasses import replace

from engine.artifacts import ArtifactStore, artifact_key, made_once
from engine.context import RunContext, checked_in
from engine.dsp.overlap_add import Chunking
from engine.dsp.resample import resampled_length
from engine.errors import RegionError
from engine.translation import tr
from engine.types import AudioRef, BgmMatch, Region, RestoreResult, Samples

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
            tr(
                "there is no sound from {start:.1f} to {end:.1f} s",
                start=region.start_s,
                end=region.end_s,
            ),
            tr("the film lasts {duration:.1f} s", duration=duration_s),
        )
    return Region(region.start_s, min(region.end_s, duration_s))


def with_context(region: Region, duration_s: float) -> Region:
    """A stretch and some seconds on both sides."""
    return Region(max(0.0, region.start_s - CONTEXT_S), min(duration_s, region.end_s + CONTEXT_S))


def on_grid(region: Region, film: AudioRef, chunking: Chunking, rate_hz: int) -> Region:
    """The smallest stretch that is cut into the same chunks as the film, all those that matter.

    It begins and ends on samples of the film. So a chunk may begin a sample later than it does in
    the film, where the two rates have no sample in common; what is heard keeps its time.

    Args:
        region: What shall be heard.
        film: The whole sound.
        chunking: How a network cuts it, in samples at the network's rate.
        rate_hz: That rate.
    """
    starts = chunking.starts(resampled_length(film.num_samples, film.sample_rate_hz, rate_hz))
    start = (region.start_s - _LEAST_CONTEXT_S) * rate_hz
    stop = (region.end_s + _LEAST_CONTEXT_S) * rate_hz
    touching = [at for at in starts if at < stop and at + chunking.chunk_samples > start]
    # Rounded inwards: one sample too many would be one more chunk.
    first = -(-touching[0] * film.sample_rate_hz // rate_hz)
    length = touching[-1] - touching[0] + chunking.chunk_samples
    end = first + length * film.sample_rate_hz // rate_hz
    if touching[-1] == starts[-1]:
        end = film.num_samples
    return Region(first / film.sample_rate_hz, end / film.sample_rate_hz)


def span(region: Region, rate_hz: int) -> tuple[int, int]:
    """First sample of a stretch, and the one after its last."""
    return round(region.start_s * rate_hz), round(region.end_s * rate_hz)


def cut(sound: AudioRef, region: Region, store: ArtifactStore, context: RunContext) -> AudioRef:
    """A stretch of a sound."""
    start, stop = span(region, sound.sample_rate_hz)
    return _cut(sound, start, min(stop, sound.num_samples), store, context)


def _cut(
    sound: AudioRef, start: int, stop: int, store: ArtifactStore, context: RunContext
) -> AudioRef:
    rate_hz = sound.sample_rate_hz
    if (start, stop) == (0, sound.num_samples):
        return sound
    key = artifact_key("cut", _VERSION, sound.key, start, stop)

    def pieces() -> Iterable[Samples]:
        samples = store.map(sound)
        seconds = checked_in(range(start, stop, rate_hz), context)
        return (samples[:, at : min(at + rate_hz, stop)] for at in seconds)

    return made_once(store, replace(sound, key=key, num_samples=stop - start), pieces)


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

    def stretch(stem: AudioRef) -> AudioRef:
        # Counted in the film, as whoever puts it there counts: a difference of times may be rounded
        # to another sample.
        first, _ = span(around, stem.sample_rate_hz)
        start, stop = span(region, stem.sample_rate_hz)
        return _cut(stem, start - first, min(stop - first, stem.num_samples), store, context)

    def stretches(regions: Iterable[Region]) -> tuple[Region, ...]:
        parts = (_overlap(each, inside) for each in regions)
        by_s = around.start_s
        return tuple(Region(part.start_s + by_s, part.end_s + by_s) for part in parts if part)

    return replace(
        result,
        stems={name: stretch(stem) for name, stem in result.stems.items()},
        bgm=tuple(
            _moved(match, part.start_s - match.video_start_s, part, around.start_s)
            for match in result.bgm
            if (part := _overlap(Region(match.video_start_s, match.video_end_s), inside))
        ),
        speech=stretches(result.speech),
        poor=stretches(result.poor),
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
