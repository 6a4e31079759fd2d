"""A restore from top to bottom: decode, the known way, the blind way, or one beside the other."""

from dataclasses import replace

from engine.artifacts import ArtifactStore
from engine.blind_way import restore_blind
from engine.context import RunContext
from engine.known_way import known_result, remove_known
from engine.restore_job import Job, Stages
from engine.stages.arithmetic import subtract
from engine.stages.decode import decode
from engine.stages.excerpt import cut, narrowed, on_grid, require_inside, with_context
from engine.stages.known_bgm import KnownBgmResult
from engine.stages.patching import patched
from engine.types import AudioRef, Method, Region, RestoreRequest, RestoreResult, StemName

_CHANGED = "a track was changed by more than gains and filters"


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
    if request.region is None:
        return _restore_mix(job, decoded.mix)
    region = require_inside(request.region, decoded.mix.duration_s)
    around = _surroundings(job, region, decoded.mix.duration_s)
    mix = cut(decoded.mix, around, store, context)
    return narrowed(_restore_mix(job.on(around), mix), around, region, store, context)


def _surroundings(job: Job, region: Region, duration_s: float) -> Region:
    """What has to be worked on so that a stretch comes out as it would of the whole."""
    if job.request.bgm or job.request.libraries:
        return with_context(region, duration_s)
    return on_grid(region, duration_s, *job.stages.separator().grid_s(job.request.quality))


def _restore_mix(job: Job, mix: AudioRef) -> RestoreResult:
    """The known way as far as it leads, the blind way beyond."""
    known = remove_known(job, mix)
    if known is None:
        return restore_blind(job, mix)
    if not known.poor:
        return known_result(job, mix, known)
    where = ", ".join(f"{r.start_s:.0f} - {r.end_s:.0f} s" for r in known.poor)
    if job.stages.mixed_music() is None:
        job.log.warnings.append(f"{_CHANGED}; something of it is still heard at {where}")
        return known_result(job, mix, known)
    job.log.warnings.append(f"{_CHANGED}; there the blind way was taken: {where}")
    return _with_blind_stretches(job, mix, known)


def _with_blind_stretches(job: Job, mix: AudioRef, known: KnownBgmResult) -> RestoreResult:
    """Where a track is still heard after it was taken out, the blind way; elsewhere as it is."""
    parts = [_blind_part(job, region, mix) for region in known.poor]
    patches = [
        (region, part.stems[StemName.RESTORED])
        for region, part in zip(known.poor, parts, strict=True)
    ]
    restored = patched(known.restored, patches, job.store, job.context)
    bgm = subtract(mix, (restored,), job.store, job.context)
    return replace(
        known_result(job, mix, replace(known, restored=restored, bgm=bgm)),
        method=Method.KNOWN_BGM_AND_BLIND,
        decision=parts[0].decision,
        speech=tuple(region for part in parts for region in part.speech),
    )


def _blind_part(job: Job, region: Region, mix: AudioRef) -> RestoreResult:
    """The blind result for a stretch of a mix, in the mix's time."""
    around = on_grid(region, mix.duration_s, *job.stages.separator().grid_s(job.request.quality))
    part = cut(mix, around, job.store, job.context)
    in_film = Region(around.start_s + job.start_s, around.end_s + job.start_s)
    return narrowed(restore_blind(job.on(in_film), part), around, region, job.store, job.context)
