"""The known way: tracks that lie under the mix are found and subtracted."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

from engine import remarks
from engine.errors import BgmNotFoundError, InputNotFoundError, LibraryError
from engine.identify import Identified, identify, left_share
from engine.restore_job import Job
from engine.stages.decode import decode
from engine.stages.known_bgm import STAGE, KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.speed_search import as_played
from engine.stages.track_search import Track
from engine.translation import in_english, tr
from engine.types import AudioRef, BgmMatch, Method, RestoreRequest, RestoreResult, StemName

_FILES = 2
"""So many files of the mix's length are written: the tracks, and what they leave."""
_COMMON_S = 5.0
_LEAST_S = 2.0
"""In less nothing can be recognised."""
_SILENCE = 0.01
"""Power of what is left, relative to the mix, that is taken for nothing."""


def remove_known(job: Job, mix: AudioRef) -> KnownBgmResult | None:
    """Take out the tracks that the request names, or those of its libraries that are found.

    Args:
        job: The restore.
        mix: Sound of the video, or of the request's stretch.

    Returns:
        None if no track was asked for, or none of the libraries lies under the mix.

    Raises:
        BgmNotFoundError: None of the tracks that the request names lies under the mix.
        DiskFullError: The disk has no room for what has to be written.
        InputNotFoundError: A library that the request names cannot be read.
        LibraryError: The same of what is known of it.
    """
    job = job.needing(mix)
    if job.request.bgm or job.request.libraries:
        job.require_space(_FILES * mix.num_bytes)
    if job.request.bgm:
        return _remove_named(job, mix)
    return _remove_recognised(job, mix) if job.request.libraries else None


def known_result(job: Job, mix: AudioRef, known: KnownBgmResult) -> RestoreResult:
    """What a restore gives whose tracks are known, without the words of its log."""
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
        stages=(),
        warnings=(),
        poor=known.poor,
    )


def _remove_named(job: Job, mix: AudioRef) -> KnownBgmResult:
    with job.log.stage(STAGE):
        named = tuple(_track(job, path, mix) for path in job.request.bgm)
        tracks = as_played(mix, named, job.store, job.context)
        known = remove_known_bgm(KnownBgmRequest(mix, tracks), job.store, job.context)
    if not known.matches:
        raise BgmNotFoundError(_none_found(job.request), _why_not(job, mix, named))
    job.log.warnings += _silence(job, mix, known)
    job.log.warnings += _not_found(job.request.bgm, known)
    return known


def _why_not(job: Job, mix: AudioRef, tracks: Iterable[Track]) -> str:
    """What may be the reason that none of some tracks was found."""
    sounds = [(job.request.video.name, mix), *((track.path.name, track.audio) for track in tracks)]
    for name, sound in sounds:
        if not np.any(job.store.map(sound)):
            return tr("{name} is silent", name=name)
        if sound.duration_s < _LEAST_S:
            return tr(
                "{name} is only {duration:.1f} s long; {least:.0f} s are needed",
                name=name,
                duration=sound.duration_s,
                least=_LEAST_S,
            )
    return tr(
        "is it the same recording? It was looked for at speeds up to 6 % slower and faster; "
        "if only its tempo or only its pitch was changed, or no more than a second or two of it is "
        "heard, the blind way is left"
    )


def _track(job: Job, path: Path, mix: AudioRef) -> Track:
    audio = decode(path, job.store, job.context).mix
    if audio.key == mix.key:
        raise BgmNotFoundError(
            tr("{file} is the very sound that it was to be taken from", file=path.name),
            tr("name the file of the added music"),
        )
    return Track(path, audio, is_named=True)


def _remove_recognised(job: Job, mix: AudioRef) -> KnownBgmResult | None:
    with job.log.stage(STAGE):
        found = _identified(job, mix)
    if found is None:
        return None
    job.log.warnings += found.warnings
    if found.own_sound is not None:
        job.log.warnings.append(remarks.OWN_SOUND_LEFT_IN(track=found.own_sound.name))
        return None
    if found.known is None or not found.matches:
        folders = ", ".join(str(folder) for folder in job.request.libraries)
        job.log.warnings.append(remarks.NO_TRACK(folders=folders))
        return None
    job.log.warnings += _silence(job, mix, found.known)
    job.log.warnings += _at_once(found.matches)
    return found.known


def _identified(job: Job, mix: AudioRef) -> Identified | None:
    """What the libraries hold of a mix; None if that was not asked for and cannot be known."""
    request = job.request
    wanted = request.libraries, mix, job.store, job.context, request.region
    if not request.own_library:
        return identify(*wanted)
    try:
        # What is wrong with it becomes a warning, and those are kept.
        with in_english():
            return identify(*wanted)
    except (InputNotFoundError, LibraryError) as error:
        job.log.warnings.append(remarks.NOT_SEARCHED(error=error))
        return None


def _silence(job: Job, mix: AudioRef, known: KnownBgmResult) -> Iterator[str]:
    """A warning if the tracks were nearly all that is heard."""
    if left_share(known, mix, job.store, job.context) < _SILENCE:
        yield remarks.NEXT_TO_SILENCE(video=job.request.video.name)


def _none_found(request: RestoreRequest) -> str:
    """Which tracks are not in the video, or in the stretch of it."""
    names, region = ", ".join(path.name for path in request.bgm), request.region
    if region is None:
        return tr("{names} was not found in {video}", names=names, video=request.video.name)
    return tr(
        "{names} was not found in {video} from {start:.0f} to {end:.0f} s",
        names=names,
        video=request.video.name,
        start=region.start_s,
        end=region.end_s,
    )


def _not_found(wanted: Iterable[Path], known: KnownBgmResult) -> list[str]:
    found = {match.track for match in known.matches}
    return [
        remarks.SAME_TRACK(track=path.name)
        if path in known.copies
        else remarks.NOT_FOUND(track=path.name)
        for path in wanted
        if path.absolute() not in found
    ]


def _at_once(matches: Iterable[BgmMatch]) -> list[str]:
    """A warning for tracks that were taken out although one of them may be the video's own."""
    pairs = dict.fromkeys(
        tuple(sorted((first.track, second.track)))
        for first, second in combinations(matches, 2)
        if first.track != second.track
        and min(first.video_end_s, second.video_end_s)
        - max(first.video_start_s, second.video_start_s)
        > _COMMON_S
    )
    return [remarks.AT_ONCE(first=first.name, second=second.name) for first, second in pairs]
