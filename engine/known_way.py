"""The known way: tracks that lie under the mix are found and subtracted."""

from itertools import combinations
from pathlib import Path

import numpy as np

from engine.context import checked_in
from engine.errors import BgmNotFoundError
from engine.library.database import Database, library_folder
from engine.restore_job import Job
from engine.stages.decode import decode
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.library import search_library
from engine.stages.track_search import Track
from engine.types import AudioRef, BgmMatch, Method, RestoreRequest, RestoreResult, StemName

_COMMON_S = 5.0
_SILENCE = 0.01
"""Power of what is left, relative to the mix, that is taken for nothing."""
_NEARLY_ALL = 0.05
"""The same of what a lossy copy of the mix leaves of it."""
_SAME_S = 0.2
_SAME_LENGTH_S = 1.0
_TINY = 1e-20
_OWN_SOUND = "{track} is the sound of the video itself, so it was left in; --bgm takes it out"
_SILENT = "hardly anything else is heard in {video}: what is left of its sound is next to silence"


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
        left = _power(job, known.restored) / max(_power(job, mix), _TINY)
        if not request.bgm and left < _NEARLY_ALL and _is_own_sound(job, mix, tracks, known):
            log.warnings.append(_OWN_SOUND.format(track=tracks[0].path.name))
            return None
        if left < _SILENCE:
            log.warnings.append(_SILENT.format(video=request.video.name))
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


def _is_own_sound(
    job: Job, mix: AudioRef, tracks: tuple[Track, ...], known: KnownBgmResult
) -> bool:
    """Whether the only find is as long as the video and begins with it: a copy of its sound."""
    if len(tracks) != 1 or len(known.matches) != 1:
        return False
    (match,), (track,) = known.matches, tracks
    begins_s = match.track_start_s - match.video_start_s - job.start_s
    longer_s = track.audio.duration_s - mix.duration_s
    is_as_long = job.request.region is not None or abs(longer_s) < _SAME_LENGTH_S
    return abs(begins_s) < _SAME_S and is_as_long


def _power(job: Job, sound: AudioRef) -> float:
    blocks = checked_in(job.store.blocks(sound), job.context)
    total = sum(float(np.square(block, dtype=np.float64).sum()) for block in blocks)
    return total / max(1, sound.num_samples * sound.channels)


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
