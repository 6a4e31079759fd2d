"""The known way: tracks that lie under the mix are found and subtracted."""

from itertools import combinations
from pathlib import Path

from engine.errors import BgmNotFoundError
from engine.library.database import Database, library_folder
from engine.restore_job import Job
from engine.stages.decode import decode
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.library import search_library
from engine.stages.track_search import Track
from engine.types import AudioRef, BgmMatch, Method, RestoreRequest, RestoreResult, StemName

_COMMON_S = 5.0


def remove_known(job: Job, mix: AudioRef) -> KnownBgmResult | None:
    """Take out the tracks that the request names, or those of its libraries that are found.

    Args:
        job: The restore.
        mix: Sound of the video, or of the request's stretch.

    Returns:
        None if no track was asked for, or none of the libraries lies under the mix.

    Raises:
        BgmNotFoundError: None of the tracks that the request names lies under the mix.
    """
    request, log = job.request, job.log
    if not request.bgm and not request.libraries:
        return None
    with log.stage("known_bgm"):
        tracks = _named(job, mix) if request.bgm else _of_libraries(job, mix)
        wanted = KnownBgmRequest(mix, tracks)
        known = remove_known_bgm(wanted, job.store, job.context) if tracks else None
    if known is not None and known.matches:
        log.warnings += _not_found(request.bgm, known) if request.bgm else _at_once(known.matches)
        return known
    if request.bgm:
        names = ", ".join(path.name for path in request.bgm)
        raise BgmNotFoundError(
            f"{names} was not found in {request.video.name}{_where(request)}",
            "is it the same recording at the same speed? Else only the blind way is left",
        )
    folders = ", ".join(str(folder) for folder in request.libraries)
    log.warnings.append(f"no track of {folders} could be taken out: the blind way was taken")
    return None


def known_result(job: Job, mix: AudioRef, known: KnownBgmResult) -> RestoreResult:
    """What a restore gives whose tracks are known."""
    return RestoreResult(
        video=job.request.video,
        stems={
            StemName.MIX: mix,
            StemName.RESTORED: known.restored,
            StemName.BGM: known.bgm,
        },
        method=Method.KNOWN_BGM,
        bgm=known.matches,
        decision=None,
        speech=(),
        stages=tuple(job.log.reports),
        warnings=tuple(job.log.warnings),
        notices=job.log.notices,
    )


def _named(job: Job, mix: AudioRef) -> tuple[Track, ...]:
    return tuple(_track(job, path, mix) for path in job.request.bgm)


def _track(job: Job, path: Path, mix: AudioRef) -> Track:
    audio = decode(path, job.store, job.context).mix
    if audio.key == mix.key:
        raise BgmNotFoundError(
            f"{path.name} is the very sound that it was to be taken from",
            "name the file of the added music",
        )
    return Track(path, audio)


def _of_libraries(job: Job, mix: AudioRef) -> tuple[Track, ...]:
    with Database(library_folder()) as database:
        found = search_library(job.request.libraries, mix, database, job.store, job.context)
    job.log.warnings += found.warnings()
    return found.tracks


def _where(request: RestoreRequest) -> str:
    """The stretch that was looked at; nothing if it is the whole."""
    region = request.region
    return f" from {region.start_s:.0f} to {region.end_s:.0f} s" if region else ""


def _not_found(wanted: tuple[Path, ...], known: KnownBgmResult) -> list[str]:
    found = {match.track for match in known.matches}
    return [f"{path.name} was not found" for path in wanted if str(path.absolute()) not in found]


def _at_once(matches: tuple[BgmMatch, ...]) -> list[str]:
    """A warning for tracks that were taken out although one of them may be the video's own."""
    return [
        f"{Path(first.track).name} and {Path(second.track).name} sound at once, and both were "
        "taken out; if one of them belongs to the video, name the other one with --bgm"
        for first, second in combinations(matches, 2)
        if first.track != second.track
        and min(first.video_end_s, second.video_end_s)
        - max(first.video_start_s, second.video_start_s)
        > _COMMON_S
    ]
