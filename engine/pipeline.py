"""A restore from top to bottom: decode, the known way, the blind way, or one beside the other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from engine import remarks
from engine.artifacts import ArtifactStore
from engine.blind_way import extract_speech, restore_blind
from engine.context import RunContext
from engine.decision import doubt, fate
from engine.known_way import known_result, remove_known
from engine.restore_job import Job, Stages
from engine.stages.arithmetic import subtract
from engine.stages.decode import decode
from engine.stages.excerpt import cut, narrowed, on_grid, require_inside, with_context
from engine.stages.known_bgm import KnownBgmResult
from engine.stages.patching import patched
from engine.types import AudioRef, Method, Region, RestoreRequest, RestoreResult, StemName


def restore(
    request: RestoreRequest, stages: Stages, store: ArtifactStore, context: RunContext
) -> RestoreResult:
    """Take the background music out of a video's sound, or of a stretch of it.

    Raises:
        BgmNotFoundError: None of the tracks that the request names lies under the mix.
        RegionError: The stretch is not in the video.
    """
    job = Job(request, stages, store, context)
    with job.log.stage("decode"):
        decoded = decode(request.video, store, context)
    job.log.warnings += decoded.warnings
    job = job.needing(decoded.mix)
    if request.region is not None:
        job = job.on(require_inside(request.region, decoded.mix.duration_s))
    result = _by_known_tracks(job, decoded.mix) or _blind(job, decoded.mix)
    return replace(
        result,
        stages=tuple(job.log.reports),
        warnings=tuple(job.log.warnings),
        notices=job.log.notices,
        quality=request.quality,
    )


def _blind(job: Job, film: AudioRef) -> RestoreResult:
    """The blind way, for a stretch from the very chunks of the film that it lies in."""
    region = job.request.region
    around = region and _on_chunks(job, region, film)
    part, mix = _within(job, film, around)
    result = restore_blind(part, mix)
    if result.decision is not None:
        job.log.warn_once(filter(None, [doubt(result.decision)]))
    return _narrowed(job, result, region, around)


def _by_known_tracks(job: Job, film: AudioRef) -> RestoreResult | None:
    """The known way and, where it leads nowhere, the blind way; None if no track was found."""
    if not job.request.bgm and not job.request.libraries:
        return None
    region = job.request.region
    around = region and with_context(region, film.duration_s)
    # What networks do with a stretch is to be what they do with the film: from its very chunks.
    if around and (job.request.with_dialogue or job.stages.mixed_music() is not None):
        around = _on_chunks(job, around, film)
    part, mix = _within(job, film, around)
    known = remove_known(part, mix)
    if known is None:
        return None
    if region and around:
        known = replace(known, poor=_overlapping(known.poor, _later(region, -around.start_s)))
    result = _with_blind_stretches(part, mix, known, film) if known.poor else None
    result = result or known_result(part, mix, known)
    if job.request.with_dialogue:
        result = _with_dialogue(part, result)
    return _narrowed(part, result, region, around)


def _with_dialogue(job: Job, result: RestoreResult) -> RestoreResult:
    """The same with speech beside it, from the sound without the tracks."""
    restored = result.stems[StemName.RESTORED]
    job.log.notices = job.stages.notices(restored.duration_s)
    spoken = extract_speech(job.needing(*result.stems.values()), restored)
    stems = result.stems | {StemName.DIALOGUE: spoken.dialogue}
    return replace(result, stems=stems, speech=spoken.regions)


def _with_blind_stretches(
    job: Job, mix: AudioRef, known: KnownBgmResult, film: AudioRef
) -> RestoreResult | None:
    """Where a track is still heard after it was taken out, the blind way takes out what it can.

    It goes on from what the known way left, so it never puts anything back.

    Returns:
        None if it takes nothing out.
    """
    if job.stages.mixed_music() is None:
        _warn_of(job, known.poor, remarks.SOMETHING_LEFT())
        return None
    job = job.needing(mix, known.restored, known.bgm)
    parts: list[tuple[Region, RestoreResult]] = []
    for region in known.poor:
        parts.append((region, _blind_part(job, region, known.restored, film)))
        job = job.needing(*parts[-1][1].stems.values())
    taken = [(region, part) for region, part in parts if _removes_something(part)]
    _tell(job, parts)
    if not taken:
        return None
    patches = [(region, part.stems[StemName.RESTORED]) for region, part in taken]
    restored = patched(known.restored, patches, job.store, job.context)
    bgm = subtract(mix, (restored,), job.store, job.context)
    return replace(
        known_result(job, mix, replace(known, restored=restored, bgm=bgm)),
        method=Method.KNOWN_BGM_AND_BLIND,
        speech=tuple(region for _, part in taken for region in part.speech),
    )


def _blind_part(job: Job, region: Region, mix: AudioRef, film: AudioRef) -> RestoreResult:
    """The blind result for a stretch of a mix, in the mix's time, cut as the film would be."""
    there = Region(job.start_s, job.start_s + mix.duration_s)
    in_film = _later(region, job.start_s)
    chunks = _on_chunks(job, in_film, film)
    in_film = Region(max(chunks.start_s, there.start_s), min(chunks.end_s, there.end_s))
    around = _later(in_film, -job.start_s)
    part = cut(mix, around, job.store, job.context)
    return narrowed(restore_blind(job.on(in_film), part), around, region, job.store, job.context)


def _removes_something(part: RestoreResult) -> bool:
    return part.stems[StemName.RESTORED] != part.stems[StemName.MIX]


def _tell(job: Job, parts: list[tuple[Region, RestoreResult]]) -> None:
    """Say what the blind way did where, and how sure it was; where it did the same, at once."""
    told = defaultdict[str, list[Region]](list)
    for region, part in parts:
        told[_outcome(part)].append(region)
    for words, regions in told.items():
        _warn_of(job, regions, words)


def _outcome(part: RestoreResult) -> str:
    """What the blind way did to a stretch."""
    if part.decision is None:
        return remarks.BLIND_THERE() if _removes_something(part) else remarks.LEFT_THERE()
    is_less = _removes_something(part)
    words = remarks.BLIND_THERE_WITH if is_less else remarks.LEFT_THERE_WITH
    return words(fate=fate(part.decision))


def _warn_of(job: Job, regions: Iterable[Region], outcome: str) -> None:
    film = (_later(region, job.start_s) for region in regions)
    where = ", ".join(f"{region.start_s:.0f} - {region.end_s:.0f} s" for region in film)
    job.log.warnings.append(remarks.CHANGED_MUCH(where=where, outcome=outcome))


def _on_chunks(job: Job, region: Region, film: AudioRef) -> Region:
    """A stretch of the film, widened to the separator's own chunks."""
    return on_grid(region, film, *job.stages.separator().grid(job.request.quality))


def _within(job: Job, film: AudioRef, around: Region | None) -> tuple[Job, AudioRef]:
    """The job on a stretch of the film, and the sound of it; None is all of it."""
    if around is None:
        return job, film
    part = cut(film, around, job.store, job.context)
    return job.on(around).needing(part), part


def _narrowed(
    job: Job, result: RestoreResult, region: Region | None, around: Region | None
) -> RestoreResult:
    """What was wanted of the result for its surroundings."""
    if region is None or around is None:
        return result
    return narrowed(result, around, region, job.store, job.context)


def _overlapping(regions: Iterable[Region], with_: Region) -> tuple[Region, ...]:
    return tuple(r for r in regions if r.start_s < with_.end_s and r.end_s > with_.start_s)


def _later(region: Region, by_s: float) -> Region:
    return Region(region.start_s + by_s, region.end_s + by_s)
