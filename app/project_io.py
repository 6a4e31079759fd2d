"""Project files: what the user made of a video, as JSON.

The sounds themselves stay in the cache, named by their keys; what has gone from there can be made
again. Paths are kept relative to the file, so that a folder may be moved with all that is in it.
A file may come from anybody: nothing in it is believed before it is checked.
"""

import logging
import math
import os
import stat
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import msgspec

from app.clips import (
    MAX_CLIPS,
    MAX_DUCK_DB,
    MAX_GAIN_DB,
    MAX_GAIN_POINTS,
    MIN_GAIN_DB,
    Clip,
    music_lane_number,
)
from app.gain_curves import GainPoint
from app.history import MAX_ATTEMPTS
from app.project import Attempt, Lane, Marker, Media, Project, Restore, opened
from app.review.edits import MAX_LISTENER_FILES, MAX_RIVALS, MAX_SESSIONS
from app.review.listening import Session
from engine.errors import EngineError, OutputError
from engine.media.atomic import atomic_output
from engine.translation import tr
from engine.types import BgmMatch, Region, RestoreResult, StemName

SUFFIX = ".reprise"
VERSION = 2
"""2 has placed music; what 1 does not have is as it is in a fresh project."""

_MAX_BYTES = 50_000_000
_MAX_GAIN_DB = 60.0
_MAX_S = 1e6
_MAX_REGIONS = 20_000
_MAX_REMARKS = 200
_SAME_TIME_S = 0.001
_MAX_ID = 2**31
_MAX_DATE_S = 253_402_300_800 - 2 * 86_400
"""Shortly before the year 10,000, which no calendar here knows, wherever on earth."""
_KEY_LETTERS = frozenset(string.ascii_letters + string.digits + "_-")
_HINT = tr("open the video itself")

_log = logging.getLogger(__name__)


class ProjectError(EngineError):
    """A project file is damaged, or not for this version."""

    code = "project"


class MediaMissingError(EngineError):
    """The video of a project does not lie where it did.

    Attributes:
        video: Where it lay.
    """

    code: ClassVar[str] = "media_missing"

    def __init__(self, video: Path) -> None:
        super().__init__(
            tr("{file} is not there any more", file=video), tr("choose where it is now")
        )
        self.video = video


@dataclass(frozen=True, slots=True)
class SavedLane:
    """A lane; a gain of None is silence, for which JSON has no number."""

    lane_id: str
    gain_db: float | None = 0.0
    muted: bool = False
    soloed: bool = False
    as_spectrogram: bool = False
    envelope: tuple[GainPoint, ...] = ()
    duck_db: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no lane can be."""
        if self.lane_id not in set(StemName) and music_lane_number(self.lane_id) is None:
            raise ValueError(f"there is no lane {self.lane_id!r}")
        if self.gain_db is not None and abs(self.gain_db) > _MAX_GAIN_DB:
            raise ValueError(f"a gain of {self.gain_db} dB is out of range")
        times_s = [point.time_s for point in self.envelope]
        _check_times(times_s)
        if times_s != sorted(times_s) or len(times_s) > MAX_GAIN_POINTS:
            raise ValueError("an envelope is out of order")
        _check_gains(point.gain_db for point in self.envelope)
        if not 0 <= self.duck_db <= MAX_DUCK_DB:
            raise ValueError(f"music cannot duck by {self.duck_db} dB")

    @property
    def plain(self) -> Lane:
        """The lane itself."""
        return Lane(
            self.lane_id,
            -math.inf if self.gain_db is None else self.gain_db,
            muted=self.muted,
            soloed=self.soloed,
            as_spectrogram=self.as_spectrogram,
            envelope=self.envelope,
            duck_db=self.duck_db,
        )


@dataclass(frozen=True, slots=True)
class SavedProject:
    """What a file holds.

    Attributes:
        version: Of the file's form.
        video: The video.
        mix_key: What its sound is called in the cache: another video has another one.
        lanes: From top to bottom.
        track: The known track.
        restore: The newest restore.
        selection: From the in point to the out point.
        markers: In the order of their times.
        file: The project file of which this is an unsaved state, if it ever was in one.
        sessions: Blind listening tests, oldest first.
        rivals: Other files to compare with.
        history: The restores that were made, the newest first.
        clips: Music that was placed.
        heard_speech: Where somebody speaks in the mix, if that was looked for.
        listener_files: Signed reports and projects with the tests of other listeners.
    """

    version: int
    video: Path
    mix_key: str
    lanes: tuple[SavedLane, ...]
    track: Path | None = None
    restore: Restore | None = None
    selection: Region | None = None
    markers: tuple[Marker, ...] = ()
    file: Path | None = None
    sessions: tuple[Session, ...] = ()
    rivals: tuple[Path, ...] = ()
    history: tuple[Attempt, ...] = ()
    clips: tuple[Clip, ...] = ()
    heard_speech: tuple[Region, ...] | None = None
    listener_files: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be worked on."""
        if not self.lanes:
            raise ValueError("there are no lanes")
        _check_unique([lane.lane_id for lane in self.lanes], "lane")
        _check_unique([marker.marker_id for marker in self.markers], "marker")
        _check_unique(self.rivals, "file to compare with")
        if len(self.rivals) > MAX_RIVALS:
            raise ValueError("there are too many files to compare with")
        _check_unique(self.listener_files, "file of other listeners")
        if len(self.listener_files) > MAX_LISTENER_FILES:
            raise ValueError("there are too many files of other listeners")
        if any(not 0 < marker.marker_id < _MAX_ID for marker in self.markers):
            raise ValueError("a marker has an impossible number")
        _check_times([marker.time_s for marker in self.markers])
        _check_region(self.selection)
        _check_keys([self.mix_key])
        if len(self.sessions) > MAX_SESSIONS:
            raise ValueError("there are too many listening tests")
        for session in self.sessions:
            _check_region(session.plan.region)
        if self.restore is not None:
            _check_result(self.restore.result)
            _check_speech(self.restore)
            if not 0 <= self.restore.attempt_id < _MAX_ID:
                raise ValueError("a restore has an impossible number")
        _check_history(self.history)
        _check_clips(self.clips, [lane.lane_id for lane in self.lanes])
        _check_regions(self.heard_speech or ())

    def project(self, media: Media, restore: Restore | None, lost: Restore | None) -> Project:
        """The project with its video read.

        Args:
            media: The video.
            restore: The newest restore, if its sounds are there.
            lost: The same if they are not.
        """
        marked = self._marked(media)
        history = tuple(
            replace(each, result=replace(each.result, video=media.path)) for each in self.history
        )
        if lost is not None:
            lost = replace(lost, result=replace(lost.result, video=media.path))
        return replace(
            marked,
            lanes=tuple(lane.plain for lane in self.lanes),
            restore=restore,
            lost=lost,
            history=history,
            sessions=self.sessions,
            heard_speech=self._heard_speech(media),
            listener_files=self.listener_files,
        )

    def _heard_speech(self, media: Media) -> tuple[Region, ...] | None:
        """What was heard of speech, as far as the film goes."""
        if self.heard_speech is None:
            return None
        return tuple(each for each in self.heard_speech if each.start_s < media.mix.duration_s)

    def of_another_sound(self, media: Media, clips: Iterable[Clip]) -> Project:
        """A project for a video that is not the one of this file.

        What is marked stays, and the music that was placed, as far as the video goes.

        Args:
            media: The video.
            clips: The music, read for it.
        """
        project = self._marked(media)
        clips = tuple(clip for clip in clips if clip.start_s < media.mix.duration_s)
        used = {clip.lane_id for clip in clips}
        music = tuple(lane.plain for lane in self.lanes if lane.lane_id in used)
        return replace(project, lanes=(*project.lanes, *music), clips=clips)

    def _marked(self, media: Media) -> Project:
        """A fresh project with what was marked, as far as the sound reaches."""
        duration_s, selection = media.mix.duration_s, self.selection
        if selection is not None:
            selection = Region(selection.start_s, min(selection.end_s, duration_s))
        return replace(
            opened(media, self.track),
            selection=selection if selection and selection.duration_s > 0 else None,
            markers=tuple(
                sorted(
                    (marker for marker in self.markers if marker.time_s <= duration_s),
                    key=lambda marker: marker.time_s,
                )
            ),
        )


def _check_unique(names: Sequence[object], kind: str) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"there is a {kind} twice")


def _check_times(times_s: Iterable[float]) -> None:
    if any(not 0 <= time_s <= _MAX_S for time_s in times_s):
        raise ValueError("something is marked at an impossible time")


def _check_region(region: Region | None) -> None:
    if region is not None:
        _check_times([region.start_s, region.end_s])
        if region.duration_s <= 0:
            raise ValueError("a stretch ends before it begins")


def _check_regions(regions: Sequence[Region]) -> None:
    if len(regions) > _MAX_REGIONS:
        raise ValueError(f"there are more than {_MAX_REGIONS} stretches")
    for region in regions:
        _check_region(region)
    if any(a.end_s > b.start_s + _SAME_TIME_S for a, b in pairwise(regions)):
        raise ValueError("stretches overlap")


def _check_gains(gains_db: Iterable[float]) -> None:
    if any(not MIN_GAIN_DB <= gain_db <= MAX_GAIN_DB for gain_db in gains_db):
        raise ValueError("a gain is out of range")


def _check_clips(clips: Sequence[Clip], lane_ids: Sequence[str]) -> None:
    _check_unique([clip.clip_id for clip in clips], "clip")
    if len(clips) > MAX_CLIPS:
        raise ValueError(f"more than {MAX_CLIPS} clips are placed")
    if any(not 0 < clip.clip_id < _MAX_ID for clip in clips):
        raise ValueError("a clip has an impossible number")
    if {clip.lane_id for clip in clips} != set(filter(music_lane_number, lane_ids)):
        raise ValueError("the lanes of music are not those of the clips")
    _check_gains(clip.gain_db for clip in clips)
    for clip in clips:
        _check_times([clip.end_s, clip.track_end_s])
        for fade in (clip.fade_in, clip.fade_out):
            if min(fade.duration_s, fade.outer_s, fade.inner_s) < 0:
                raise ValueError("a fade ends before it begins")
            _check_times([fade.whole_s])
    for a, b in pairwise(sorted(clips, key=lambda clip: clip.lane_id)):
        if a.lane_id == b.lane_id and a.end_s > b.start_s + _SAME_TIME_S:
            raise ValueError("clips of one lane overlap, or are not in the order of their times")
    _check_keys(clip.sound.key for clip in clips if clip.sound is not None)


def _check_history(history: Sequence[Attempt]) -> None:
    _check_unique([attempt.attempt_id for attempt in history], "number of a restore")
    if len(history) > MAX_ATTEMPTS:
        raise ValueError(f"more than {MAX_ATTEMPTS} restores are kept")
    for attempt in history:
        if not 0 < attempt.attempt_id < _MAX_ID or not 0 <= attempt.made_s <= _MAX_DATE_S:
            raise ValueError("a restore has an impossible number or date")
        _check_result(attempt.result)


def _check_result(result: RestoreResult) -> None:
    """What a restore names has to be possible; whether it is there is seen when it is opened."""
    if StemName.MIX not in result.stems:
        raise ValueError("a restore is nothing without the mix")
    stems = result.stems.values()
    _check_region(result.region)
    for regions in (result.speech, result.poor):
        _check_regions(regions)
    if len(result.warnings) + len(result.notices) > _MAX_REMARKS:
        raise ValueError(f"a restore has more than {_MAX_REMARKS} warnings")
    _check_matches(result.bgm)
    _check_keys([ref.key for ref in stems])
    shapes = {(ref.num_samples, ref.channels, ref.sample_rate_hz) for ref in stems}
    if len(shapes) != 1 or min(min(shape) for shape in shapes) <= 0:
        raise ValueError("the sounds of the restore are not of one shape")


def _check_speech(restore: Restore) -> None:
    """What the user says is speech has to be in order; whether it is in the film, too."""
    speech = restore.speech or ()
    for region in speech:
        _check_region(region)
    if any(a.end_s >= b.start_s for a, b in pairwise(speech)):
        raise ValueError("stretches of speech overlap")
    if speech and speech[-1].end_s > restore.result.stems[StemName.MIX].duration_s:
        raise ValueError("there is speech behind the end")


def _check_matches(matches: Iterable[BgmMatch]) -> None:
    for match in matches:
        # A track may have begun before the film.
        times_s = match.track_start_s, match.video_start_s, match.video_end_s
        if any(abs(time_s) > _MAX_S for time_s in times_s):
            raise ValueError("a track was found at an impossible time")


def _check_keys(keys: Iterable[str]) -> None:
    """A key becomes the name of a file, which has to stay in the cache."""
    for key in keys:
        if not key or not set(key) <= _KEY_LETTERS:
            raise ValueError(f"{key!r} is no name of a sound")


def write_project(project: Project, path: Path, state_of: Path | None = None) -> None:
    """Write a project whose video is open; the file appears whole or not at all.

    Args:
        project: The project.
        path: Where to.
        state_of: The project file of which this is an unsaved state.

    Raises:
        OutputError: It cannot be written.
    """
    if project.media is None:
        raise ValueError("there is no video to keep")
    lanes = tuple(
        SavedLane(
            lane.lane_id,
            None if math.isinf(lane.gain_db) else lane.gain_db,
            muted=lane.muted,
            soloed=lane.soloed,
            as_spectrogram=lane.as_spectrogram,
            envelope=lane.envelope,
            duck_db=lane.duck_db,
        )
        for lane in project.lanes
    )
    media = project.media
    saved = SavedProject(
        version=VERSION,
        video=media.path,
        mix_key=media.mix.key,
        lanes=lanes,
        track=project.track,
        restore=project.restore or project.lost,
        selection=project.selection,
        markers=project.markers,
        file=state_of,
        sessions=project.sessions,
        rivals=tuple(rival.path for rival in project.rivals),
        history=project.history,
        clips=project.clips,
        heard_speech=project.heard_speech,
        listener_files=project.listener_files,
    )
    try:
        text = msgspec.json.encode(saved, enc_hook=partial(_relative, path.absolute().parent))
    except UnicodeEncodeError as error:
        raise OutputError(
            tr(
                "a project file cannot hold the name of a file in {folder}",
                folder=media.path.parent,
            ),
            tr("rename what has letters that are no text"),
        ) from error
    with atomic_output(path) as part:
        part.write_bytes(msgspec.json.format(text, indent=1))


def read_project(path: Path) -> SavedProject:
    """Read a project file; its paths are absolute again.

    Raises:
        ProjectError: It cannot be read, or makes no sense.
    """
    content = _content(path)
    version = content.get("version") if isinstance(content, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise ProjectError(
            tr("{file} was made by a newer Reprise", file=path.name),
            tr("open it there, or update this one"),
        )
    folder = path.absolute().parent
    try:
        return msgspec.convert(content, SavedProject, dec_hook=partial(_absolute, folder))
    except (msgspec.ValidationError, RecursionError) as error:
        _log.warning("%s: %s", path, error)
        raise ProjectError(
            tr(
                "{file} is no project that Reprise can open: {reason}",
                file=path.name,
                reason=_plain(error),
            ),
            _HINT,
        ) from error


def _content(path: Path) -> object:
    try:
        status = path.stat()
        # Of a pipe somebody else's program could be waited for for ever.
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise ProjectError(
                tr("{file} is no file", file=path.name), tr("choose another project")
            )
        if status.st_size > _MAX_BYTES:
            raise ProjectError(tr("{file} is too large for a project", file=path.name), _HINT)
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ProjectError(
            tr("cannot read {file}: {reason}", file=path, reason=reason),
            tr("choose another project"),
        ) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        _log.warning("%s: %s", path, error)
        raise ProjectError(
            tr(
                "{file} is damaged: it is cut off, or something else was written into it",
                file=path.name,
            ),
            _HINT,
        ) from error


def _plain(error: Exception) -> str:
    """What is wrong, without the names of fields; what was checked here in its own words."""
    cause = error.__cause__
    if isinstance(cause, ValueError):
        return str(cause)
    return tr("parts of it are missing, or are not what they should be")


def _relative(folder: Path, value: object) -> str:
    """JSON knows no paths: they are kept as text, from the file's folder if there is a way."""
    if not isinstance(value, Path):
        raise NotImplementedError
    try:
        return Path(os.path.relpath(value.absolute(), folder)).as_posix()
    except ValueError:  # on another drive
        return value.absolute().as_posix()


def _absolute(folder: Path, kind: type, value: object) -> Path:
    if kind is not Path or not isinstance(value, str) or "\0" in value:
        raise TypeError(f"expected a path, got {value!r}")
    return Path(os.path.normpath(folder / value))
