"""A restore from top to bottom."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Protocol

from engine.artifacts import ArtifactStore
from engine.context import RunContext
from engine.errors import BgmNotFoundError, NoVideoError
from engine.library.database import Database, library_folder
from engine.stages.arithmetic import combine, subtract
from engine.stages.decode import decode
from engine.stages.excerpt import cut, narrowed, on_grid, require_inside, with_context
from engine.stages.known_bgm import KnownBgmRequest, KnownBgmResult, remove_known_bgm
from engine.stages.library import search_library
from engine.stages.matcher import Matcher, MatchRequest
from engine.stages.mixed_music import MixedMusicResult, MixedMusicSeparator
from engine.stages.patching import patched
from engine.stages.separator import BackgroundMusicSeparator
from engine.stages.speech import SpeechExtractor, SpeechRequest
from engine.stages.track_search import Track
from engine.types import (
    AudioRef,
    BgmMatch,
    Decision,
    MatchResult,
    Method,
    OstChoice,
    Region,
    RestoreRequest,
    RestoreResult,
    StageReport,
    StemName,
    Verdict,
)

_UNDIVIDED = (
    "speech was separated, but no music was taken out: no network that tells two pieces of music "
    "apart is chosen; with the file of the added track it can be taken out"
)
# At most so many files of the mix's length lie beside it at a time. Voices and their chunks; then
# speech and rest in the place of the chunks.
_FILES_UNDIVIDED = 3
# Voices, speech, two musics, effects, and three that a doubtful choice makes.
_FILES_TWO_MUSICS = 8
_COMMON_S = 5.0
_CHANGED = "a track was changed by more than gains and filters"
_ONLY_SPEECH = "music and effects were taken out together: only speech is left"


class Stages(Protocol):
    """The stages that need a model; each is loaded when it is asked for."""

    def separator(self) -> BackgroundMusicSeparator:
        """Voices apart from the rest."""

    def speech(self) -> SpeechExtractor:
        """Speech apart from singing and noise."""

    def mixed_music(self) -> MixedMusicSeparator | None:
        """One music apart from the other; None leaves all music together."""

    def matcher(self) -> Matcher:
        """Which music belongs to the picture."""

    def notices(self, duration_s: float) -> tuple[str, ...]:
        """Which networks were taken for sound of that length and why."""


def restore(
    request: RestoreRequest, stages: Stages, store: ArtifactStore, context: RunContext
) -> RestoreResult:
    """Take the background music out of a video's sound, or of a stretch of it.

    Raises:
        BgmNotFoundError: None of the tracks that the request names lies under the mix.
        RegionError: The stretch is not in the video.
    """
    log = _Log()
    with log.stage("decode"):
        decoded = decode(request.video, store, context)
    log.warnings += decoded.warnings
    if request.region is None:
        return _restore_mix(request, decoded.mix, stages, store, context, log)
    region = require_inside(request.region, decoded.mix.duration_s)
    around = _surroundings(request, region, decoded.mix.duration_s, stages)
    mix = cut(decoded.mix, around, store, context)
    result = _restore_mix(replace(request, region=around), mix, stages, store, context, log)
    return narrowed(result, around, region, store, context)


def _surroundings(
    request: RestoreRequest, region: Region, duration_s: float, stages: Stages
) -> Region:
    """What has to be worked on so that a stretch comes out as it would of the whole."""
    if request.bgm or request.libraries:
        return with_context(region, duration_s)
    return on_grid(region, duration_s, *stages.separator().grid_s(request.quality))


def _restore_mix(
    request: RestoreRequest,
    mix: AudioRef,
    stages: Stages,
    store: ArtifactStore,
    context: RunContext,
    log: "_Log",
) -> RestoreResult:
    known = _remove_known(request, mix, store, context, log)
    if known is not None and known.matches:
        log.warnings += _not_found(request.bgm, known)
        if not request.bgm:
            log.warnings += _at_once(known.matches)
        return _with_blind_stretches(request, mix, known, stages, store, context, log)
    if request.bgm:
        names = ", ".join(path.name for path in request.bgm)
        raise BgmNotFoundError(
            f"{names} was not found in {request.video.name}{_where(request)}",
            "is it the same recording at the same speed? Else only the blind way is left",
        )
    if request.libraries:
        folders = ", ".join(str(folder) for folder in request.libraries)
        log.warnings.append(f"no track of {folders} could be taken out: the blind way was taken")
    return _restore_blind(request, mix, stages, store, context, log)


def _where(request: RestoreRequest) -> str:
    """The stretch that was looked at; nothing if it is the whole."""
    region = request.region
    return f" from {region.start_s:.0f} to {region.end_s:.0f} s" if region else ""


class _Log:
    """What the stages did and what the user should know."""

    def __init__(self) -> None:
        self.reports: list[StageReport] = []
        self.warnings: list[str] = []
        self.notices: tuple[str, ...] = ()

    def warn_once(self, words: Iterable[str]) -> None:
        """Warn of what has not been said yet."""
        self.warnings += [w for w in words if w not in self.warnings]

    @contextmanager
    def stage(self, name: str, model: str | None = None) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.reports.append(StageReport(name, model, round(time.monotonic() - started, 3)))


def _remove_known(
    request: RestoreRequest,
    mix: AudioRef,
    store: ArtifactStore,
    context: RunContext,
    log: _Log,
) -> KnownBgmResult | None:
    if not request.bgm and not request.libraries:
        return None
    with log.stage("known_bgm"):
        if request.bgm:
            tracks = tuple(_track(path, mix, store, context) for path in request.bgm)
        else:
            with Database(library_folder()) as database:
                found = search_library(request.libraries, mix, database, store, context)
            log.warnings += found.warnings()
            tracks = found.tracks
        return remove_known_bgm(KnownBgmRequest(mix, tracks), store, context) if tracks else None


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


def _track(path: Path, mix: AudioRef, store: ArtifactStore, context: RunContext) -> Track:
    audio = decode(path, store, context).mix
    if audio.key == mix.key:
        raise BgmNotFoundError(
            f"{path.name} is the very sound that it was to be taken from",
            "name the file of the added music",
        )
    return Track(path, audio)


def _known_result(video: Path, mix: AudioRef, known: KnownBgmResult, log: _Log) -> RestoreResult:
    return RestoreResult(
        video=video,
        stems={
            StemName.MIX: mix,
            StemName.RESTORED: known.restored,
            StemName.BGM: known.bgm,
        },
        method=Method.KNOWN_BGM,
        bgm=known.matches,
        decision=None,
        speech=(),
        stages=tuple(log.reports),
        warnings=tuple(log.warnings),
        notices=log.notices,
    )


def _with_blind_stretches(
    request: RestoreRequest,
    mix: AudioRef,
    known: KnownBgmResult,
    stages: Stages,
    store: ArtifactStore,
    context: RunContext,
    log: _Log,
) -> RestoreResult:
    """Where a track is still heard after it was taken out, the blind way; elsewhere as it is."""
    if not known.poor:
        return _known_result(request.video, mix, known, log)
    where = ", ".join(f"{r.start_s:.0f} - {r.end_s:.0f} s" for r in known.poor)
    if stages.mixed_music() is None:
        log.warnings.append(f"{_CHANGED}; something of it is still heard at {where}")
        return _known_result(request.video, mix, known, log)
    log.warnings.append(f"{_CHANGED}; there the blind way was taken: {where}")
    parts = [_blind_part(request, r, mix, stages, store, context, log) for r in known.poor]
    patches = [
        (region, part.stems[StemName.RESTORED])
        for region, part in zip(known.poor, parts, strict=True)
    ]
    restored = patched(known.restored, patches, store, context)
    bgm = subtract(mix, (restored,), store, context)
    return replace(
        _known_result(request.video, mix, replace(known, restored=restored, bgm=bgm), log),
        method=Method.KNOWN_BGM_AND_BLIND,
        decision=parts[0].decision,
        speech=tuple(region for part in parts for region in part.speech),
    )


def _blind_part(
    request: RestoreRequest,
    region: Region,
    mix: AudioRef,
    stages: Stages,
    store: ArtifactStore,
    context: RunContext,
    log: _Log,
) -> RestoreResult:
    """The blind result for a stretch of a mix, in the mix's time."""
    around = on_grid(region, mix.duration_s, *stages.separator().grid_s(request.quality))
    part = cut(mix, around, store, context)
    begins_s = request.region.start_s if request.region else 0.0
    in_film = Region(around.start_s + begins_s, around.end_s + begins_s)
    blind = _restore_blind(replace(request, region=in_film), part, stages, store, context, log)
    return narrowed(blind, around, region, store, context)


def _restore_blind(
    request: RestoreRequest,
    mix: AudioRef,
    stages: Stages,
    store: ArtifactStore,
    context: RunContext,
    log: _Log,
) -> RestoreResult:
    log.notices = stages.notices(mix.duration_s)
    mixed_music = stages.mixed_music()
    files = _FILES_UNDIVIDED if mixed_music is None else _FILES_TWO_MUSICS
    store.require_space(files * mix.num_bytes, f"the blind restore of {request.video.name}")
    separator = stages.separator()
    with log.stage("separator", separator.model_name):
        voices = separator(mix, request.quality, context)
    log.warn_once(separator.shortages)
    speech = stages.speech()
    with log.stage("speech", speech.model_name):
        spoken = speech(SpeechRequest(voices, request.speech), context)
    if mixed_music is None:
        stems = _undivided(request, mix, spoken.dialogue, store, context, log)
        return _blind_result(request.video, stems, None, spoken.regions, log)
    with log.stage("mixed_music", mixed_music.model_name):
        music = mixed_music(mix, request.quality, context, without=(spoken.dialogue,))
    log.warn_once(mixed_music.shortages)
    decision = _decide(request, music, stages, context, log)
    kept, other = (music.music1, music.music2)
    if decision.ost == "second":
        kept, other = other, kept
    gain = decision.removal_gain
    stems = {
        StemName.MIX: mix,
        StemName.DIALOGUE: spoken.dialogue,
        StemName.EFFECTS: music.effects,
        StemName.OST: combine([(kept, 1.0), (other, 1.0 - gain)], store, context),
        StemName.BGM: combine([(other, gain)], store, context),
        StemName.MUSIC1: music.music1,
        StemName.MUSIC2: music.music2,
        StemName.RESTORED: combine([(mix, 1.0), (other, -gain)], store, context),
    }
    return _blind_result(request.video, stems, decision, spoken.regions, log)


def _undivided(
    request: RestoreRequest,
    mix: AudioRef,
    dialogue: AudioRef,
    store: ArtifactStore,
    context: RunContext,
    log: _Log,
) -> dict[StemName, AudioRef]:
    """Speech and the rest; the rest stays in, unless the user says that none of it belongs."""
    rest = subtract(mix, (dialogue,), store, context)
    stems = {StemName.MIX: mix, StemName.DIALOGUE: dialogue}
    if request.ost == "second":
        log.warnings.append(_ONLY_SPEECH)
        return {**stems, StemName.BGM: rest, StemName.RESTORED: dialogue}
    log.warnings.append(_UNDIVIDED)
    return {**stems, StemName.REST: rest, StemName.RESTORED: mix}


def _decide(
    request: RestoreRequest,
    music: MixedMusicResult,
    stages: Stages,
    context: RunContext,
    log: _Log,
) -> Decision:
    """The user's own word, or the matcher's."""
    if request.ost != "auto":
        verdict = Verdict.FIRST if request.ost == "first" else Verdict.SECOND
        return Decision(request.ost, verdict, 1.0)
    matcher = stages.matcher()
    with log.stage("matcher", matcher.model_name):
        try:
            start_s = request.region.start_s if request.region else 0.0
            wanted = MatchRequest(request.video, music.music1, music.music2, start_s)
            found = matcher(wanted, context)
        except NoVideoError:
            found = MatchResult(Verdict.UNSURE, 0.5, (0.0, 0.0), "no picture")
    decision = decision_of(found)
    if decision.removal_gain < 1:
        log.warnings.append(_doubt(decision))
    return decision


def decision_of(found: MatchResult) -> Decision:
    """What a verdict means for the restore.

    Only `first` and `second` carry their own confidence over: when both fit, or neither, or nothing
    can be said, the odds that the other music is the added one are even, and nothing is removed.
    """
    ost: OstChoice = "first" if found.scores[0] >= found.scores[1] else "second"
    if found.choice in (Verdict.FIRST, Verdict.SECOND):
        ost = "first" if found.choice is Verdict.FIRST else "second"
        return Decision(ost, found.choice, found.confidence)
    return Decision(ost, found.choice, 0.5)


def _doubt(decision: Decision) -> str:
    removed = f"{decision.removal_gain:.0%}"
    hear = "listen to both and choose"
    if decision.verdict is Verdict.BOTH:
        return f"both pieces of music go with the picture, so none was removed: {hear}"
    if decision.verdict is Verdict.NONE:
        return f"neither piece of music goes with the picture, so none was removed: {hear}"
    if removed == "0%":
        return f"it is not clear which music belongs to the picture, so none was removed: {hear}"
    return f"the choice of music is not certain, so only {removed} was removed: {hear}"


def _blind_result(
    video: Path,
    stems: dict[StemName, AudioRef],
    decision: Decision | None,
    speech: tuple[Region, ...],
    log: _Log,
) -> RestoreResult:
    return RestoreResult(
        video=video,
        stems=stems,
        method=Method.BLIND,
        bgm=(),
        decision=decision,
        speech=speech,
        stages=tuple(log.reports),
        warnings=tuple(log.warnings),
        notices=log.notices,
    )
