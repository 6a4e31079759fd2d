"""The blind way: speech, effects and two pieces of music are told apart by networks."""

from engine import remarks
from engine.decision import decide
from engine.restore_job import Job
from engine.stages.arithmetic import combine, subtract
from engine.stages.mixed_music import MixedMusicResult
from engine.stages.speech import SpokenResult, VoicesRequest
from engine.types import (
    AudioRef,
    Decision,
    Method,
    Region,
    RestoreResult,
    StemName,
)

# At most so many files of the mix's length lie beside it at a time. Voices and their chunks; then
# speech in the place of the chunks.
_FILES_SPEECH = 2
# The rest, beside those.
_FILES_UNDIVIDED = 3
# Voices, speech, two musics, effects, and three that a doubtful choice makes.
_FILES_TWO_MUSICS = 8


def restore_blind(job: Job, mix: AudioRef) -> RestoreResult:
    """Tell speech from the rest and, with a network for it, one music from the other.

    The result is without the words of the log; what is doubtful of the choice is not told yet.

    Args:
        job: The restore.
        mix: Sound of the video, or of the request's stretch.

    Raises:
        DiskFullError: The disk has no room for what has to be written.
    """
    job, stages, log = job.needing(mix), job.stages, job.log
    log.notices = stages.notices(mix.duration_s)
    mixed_music = stages.mixed_music()
    files = _FILES_UNDIVIDED if mixed_music is None else _FILES_TWO_MUSICS
    job.require_space(files * mix.num_bytes)
    spoken = extract_speech(job, mix)
    stems = {StemName.MIX: mix, StemName.DIALOGUE: spoken.dialogue}
    if mixed_music is None:
        stems |= undivided(job, mix, spoken.dialogue)
        return _result(job, stems, None, spoken.regions)
    with log.stage("mixed_music", mixed_music.model_name):
        music = mixed_music(mix, job.request.quality, job.context, without=(spoken.dialogue,))
    log.warn_once(mixed_music.shortages)
    decision = decide(job, music, mixed_music.order_confidence)
    stems |= divided(job, mix, music, decision)
    return _result(job, stems, decision, spoken.regions)


def extract_speech(job: Job, mix: AudioRef) -> SpokenResult:
    """Tell speech from all else, by the networks of the request.

    Raises:
        DiskFullError: The disk has no room for what has to be written.
    """
    job = job.needing(mix)
    job.require_space(_FILES_SPEECH * mix.num_bytes)
    request, stages, log = job.request, job.stages, job.log
    separator = stages.separator()
    with log.stage("separator", separator.model_name):
        voices = separator(mix, request.quality, job.context)
    log.warn_once(separator.shortages)
    speech = stages.speech()
    with log.stage("speech", speech.model_name):
        return speech(VoicesRequest(voices, request.speech), job.context)


def undivided(job: Job, mix: AudioRef, dialogue: AudioRef) -> dict[StemName, AudioRef]:
    """The rest beside speech; it stays in, unless the user says that none of it belongs."""
    rest = subtract(mix, (dialogue,), job.store, job.context)
    if job.request.ost == "second":
        job.log.warnings.append(remarks.ONLY_SPEECH())
        return {StemName.BGM: rest, StemName.RESTORED: dialogue}
    job.log.warnings.append(remarks.UNDIVIDED())
    return {StemName.REST: rest, StemName.RESTORED: mix}


def divided(
    job: Job, mix: AudioRef, music: MixedMusicResult, decision: Decision
) -> dict[StemName, AudioRef]:
    """Effects and both musics; of the other one as much goes as the choice is sure."""
    kept, other = music.music1, music.music2
    if decision.ost == "second":
        kept, other = other, kept
    gain = decision.removal_gain
    return {
        StemName.EFFECTS: music.effects,
        StemName.OST: combine([(kept, 1.0), (other, 1.0 - gain)], job.store, job.context),
        StemName.BGM: combine([(other, gain)], job.store, job.context),
        StemName.MUSIC1: music.music1,
        StemName.MUSIC2: music.music2,
        StemName.RESTORED: combine([(mix, 1.0), (other, -gain)], job.store, job.context),
    }


def _result(
    job: Job,
    stems: dict[StemName, AudioRef],
    decision: Decision | None,
    speech: tuple[Region, ...],
) -> RestoreResult:
    return RestoreResult(
        video=job.request.video,
        stems=stems,
        method=Method.BLIND,
        bgm=(),
        decision=decision,
        speech=speech,
        stages=(),
        warnings=(),
    )
