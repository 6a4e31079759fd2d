"""What a report tells: everything in it is measured or read here, in a worker.

Imports PyAV: load it after the first paint.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from app.project import Marker, Project
from app.review.heard_loudness import heard_loudness
from app.review.listeners import ListenersFile, read_listeners
from app.review.listening import Session
from app.review.versions import versions
from app.sounds import Sound, sound_of, stem_sound
from engine.catalog import read_cards
from engine.content import content_hash
from engine.context import Progress, RunContext, checked_in
from engine.errors import InputNotFoundError
from engine.translation import tr
from engine.types import BgmMatch, Decision, StageReport, StemName
from engine.weights import find

STAGE = "report"


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file that the report is about.

    Attributes:
        role: What it was for: `video`, `added track`, `placed music`, `listening tests`, or
            the name of a network.
        name: Of the file.
        num_bytes: Its size.
        sha256: Of its content.
    """

    role: str
    name: str
    num_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LevelFact:
    """How loud a version is over all its length; None is silence.

    Attributes:
        version: Its stem.
        integrated_lufs: By EBU R 128.
        true_peak_db: Highest true peak.
        sound: Which sound it is, as in the blind tests; see `Sound.key`.
    """

    version: str
    integrated_lufs: float | None
    true_peak_db: float | None
    sound: str = ""


@dataclass(frozen=True, slots=True)
class PlacedFact:
    """A stretch of a track that was placed in the film.

    Attributes:
        track: Its file.
        lane_id: Where it lies.
        start_s, end_s: In the film.
        track_start_s: What of the track is heard there.
        gain_db: Of clip and lane together; None where nothing of it is heard.
        duck_db: So much softer its lane is while somebody speaks.
        has_envelope: Whether the gain of its lane changes over time.
    """

    track: Path
    lane_id: str
    start_s: float
    end_s: float
    track_start_s: float
    gain_db: float | None
    duck_db: float
    has_envelope: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report tells.

    Attributes:
        program: Name and version.
        made_at: ISO 8601 with its zone.
        duration_s, sample_rate_hz, channels: Of the sound.
        method: The way the music was taken out; empty if nothing was restored.
        removed: Where known tracks were, and how sure that is.
        decision: Which of two musics was kept, and how sure that is; None without two.
        removed_db: Power of what was taken out, relative to the mix; None if nothing was.
        stages: What ran, by which network.
        warnings: What the restore warned of.
        files: Video, tracks, networks.
        levels: Of each version.
        notes: Markers of the project.
        sessions: Blind tests.
        amount: How much of the added music was taken out, from 0 to 1.
        placed: Music that was placed, in the order of the film.
        others: The tests of other listeners, with which the project's own are pooled.
    """

    program: str
    made_at: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    method: str
    removed: tuple[BgmMatch, ...]
    decision: Decision | None
    removed_db: float | None
    stages: tuple[StageReport, ...]
    warnings: tuple[str, ...]
    files: tuple[FileFact, ...]
    levels: tuple[LevelFact, ...]
    notes: tuple[Marker, ...]
    sessions: tuple[Session, ...]
    amount: float = 1.0
    placed: tuple[PlacedFact, ...] = ()
    others: tuple[ListenersFile, ...] = ()

    @property
    def sounds(self) -> dict[str, str]:
        """Which sounds the report is about, by version."""
        return {level.version: level.sound for level in self.levels}


def gather(project: Project, decision: Decision | None, cache: Path, context: RunContext) -> Facts:
    """Read and measure what a report of a project tells.

    Args:
        project: With its video open.
        decision: Which music was kept, and why.
        cache: Folder of the artifacts.
        context: Of the job.

    Raises:
        InputNotFoundError: A file of the project is not there any more.
        ReportError, ProjectError: One of other listeners is not as it was signed, or is none.
        ArtifactMissingError: A sound is not there any more.
    """
    media, restore = project.media, project.restore
    if media is None:
        raise ValueError("there is nothing to report on")
    result = restore.result if restore is not None else None
    return Facts(
        program=f"Reprise {version('reprise')}",
        made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        duration_s=media.mix.duration_s,
        sample_rate_hz=media.mix.sample_rate_hz,
        channels=media.mix.channels,
        method=result.method.value if result is not None else "",
        removed=result.bgm if result is not None else (),
        decision=decision,
        removed_db=_removed_db(project, cache, context),
        stages=result.stages if result is not None else (),
        warnings=result.warnings if result is not None else (),
        files=tuple(_files(project, context)),
        levels=tuple(_levels(project, cache, context)),
        notes=project.markers,
        sessions=project.sessions,
        amount=restore.amount if restore is not None else 1.0,
        placed=tuple(sorted(_placed(project), key=lambda each: (each.start_s, each.end_s))),
        others=tuple(map(read_listeners, project.listener_files)),
    )


def _files(project: Project, context: RunContext) -> Iterator[FileFact]:
    media, restore = project.media, project.restore
    if media is not None:
        yield _file("video", media.path, context)
    # A track that is missing is not heard.
    for track in dict.fromkeys(clip.track for clip in project.clips if clip.sound is not None):
        yield _file("placed music", track, context)
    for path in project.listener_files:
        yield _file("listening tests", path, context)
    if restore is None:
        return
    for track in dict.fromkeys(match.track for match in restore.result.bgm):
        yield _file("added track", track, context)
    # A stage names its network first, then its version.
    used = {stage.model.split()[0] for stage in restore.result.stages if stage.model}
    for card in read_cards():
        weights = find(card) if card.name in used else None
        for path in weights.paths if weights is not None else ():
            yield _file(card.name, path, context)


def _file(role: str, path: Path, context: RunContext) -> FileFact:
    try:
        digest = content_hash(path, context.raise_if_cancelled)
        return FileFact(role, path.name, path.stat().st_size, digest)
    except OSError as error:
        raise InputNotFoundError(
            tr("{file} cannot be read any more", file=path),
            tr("put it back where it was, then try again"),
        ) from error


def _placed(project: Project) -> Iterator[PlacedFact]:
    lanes = {lane.lane_id: lane for lane in project.lanes}
    film_s = project.media.mix.duration_s if project.media is not None else 0.0
    for clip in project.clips:
        lane, end_s = lanes[clip.lane_id], min(clip.end_s, film_s)
        is_heard = clip.sound is not None and not lane.is_silent and clip.start_s < end_s
        yield PlacedFact(
            track=clip.track,
            lane_id=clip.lane_id,
            start_s=clip.start_s,
            end_s=max(end_s, clip.start_s),
            track_start_s=clip.track_start_s,
            gain_db=_told(clip.gain_db + lane.gain_db) if is_heard else None,
            duck_db=lane.duck_db,
            has_envelope=bool(lane.envelope),
        )


def _levels(project: Project, cache: Path, context: RunContext) -> Iterator[LevelFact]:
    found = versions(project)
    for number, each in enumerate(found):
        context.report(Progress(STAGE, number, len(found)))
        loudness = heard_loudness(each.sound, checked_in(each.sound.blocks(cache), context))
        yield LevelFact(
            each.version_id,
            _told(loudness.integrated_lufs),
            _told(loudness.true_peak_db),
            each.sound.key,
        )


def _removed_db(project: Project, cache: Path, context: RunContext) -> float | None:
    """What was taken out relative to what there was, where there is a result."""
    removed = stem_sound(project, StemName.BGM)
    mix = project.restore.result.stems[StemName.MIX] if project.restore is not None else None
    if removed is None or mix is None:
        return None
    powers = (_power(sound, cache, context) for sound in (removed, sound_of((mix, 1.0))))
    taken, all_of_it = powers
    return _told(10 * math.log10(taken / all_of_it)) if taken > 0 and all_of_it > 0 else None


def _power(sound: Sound, cache: Path, context: RunContext) -> float:
    blocks = checked_in(sound.blocks(cache), context)
    return float(sum(np.square(block, dtype=np.float64).sum() for block in blocks))


def _told(value: float) -> float | None:
    return round(value, 2) if math.isfinite(value) else None
