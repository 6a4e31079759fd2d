"""A timeline for other editors: the film, and under it its lanes, as `timeline_lanes` has them.

OpenTimelineIO writes what Premiere Pro and DaVinci Resolve read, `fcpxml.py` for Final Cut Pro.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from app.contents import lost_tracks
from app.export.fcpxml import fcpxml
from app.export.frame_grid import FrameGrid, grid_of
from app.export.timeline_lanes import (
    Piece,
    TimelineLane,
    Written,
    changes_with_time,
    frame_slip_s,
    timeline_lanes,
)
from app.export.work import STEMS_STAGE, Exported, all_or_nothing, check_places, nothing_heard
from app.lane_words import lane_word
from app.project import Marker, Media, Project
from engine.context import Progress, RunContext
from engine.errors import EmptyMediaError
from engine.media.atomic import atomic_output
from engine.media.broadcast_wav import stamp
from engine.media.tags import one_line
from engine.media.wav import write_wav
from engine.translation import tr
from engine.types import Samples

_ADAPTERS = {".otio": "otio_json", ".xml": "fcp_xml"}
"""By suffix: OpenTimelineIO (Resolve), XML of Final Cut Pro 7 (Premiere, Resolve)."""

_FCPXML = ".fcpxml"
SUFFIXES = (*_ADAPTERS, _FCPXML)
_NOTICED_S = 0.001

_NO_SWITCH = tr(
    "Muted lanes are switched off in the timelines: check in the other editor that they stay silent"
)
_IN_THE_FILE = tr(
    "Other editors know neither envelopes nor ducking: {lanes} came out as one file a lane, "
    "as heard"
)
_FADES_IN_FILES = tr(
    "Only Final Cut Pro gets the fades and gains of clips as such; for others they are in files"
)
_WHOLE_FRAMES = tr(
    "Premiere Pro and Final Cut Pro take tracks from a whole frame on: music is up to {slip_ms} ms "
    "off there"
)
_DELAYED = tr(
    "Some editors also play the silence with which MP3 and AAC files begin: check there whether "
    "{names} comes up to {delay_ms} ms late"
)


def export_timeline(project: Project, folder: Path, cache: Path, context: RunContext) -> Exported:
    """Write the lanes, and a timeline with each of `SUFFIXES`.

    Args:
        project: With its video open.
        folder: Where to.
        cache: Folder of the artifacts.
        context: Of the job.

    Raises:
        EmptyMediaError: There are no lanes.
        OutputError: Something cannot be written, or would replace an input.
    """
    media = project.media
    if media is None:
        raise ValueError("there is nothing to export")
    lanes = tuple(timeline_lanes(project, media, folder))
    if not lanes:
        if lost_tracks(project):
            raise nothing_heard(project)
        raise EmptyMediaError(tr("There are no lanes."), tr("Restore the video first."))
    files = [clip.written for lane in lanes for clip in lane.clips if clip.written is not None]
    timelines = {folder / f"{media.path.stem}{suffix}": suffix for suffix in SUFFIXES}
    paths = (*(file.path for file in files), *timelines)
    # XML cannot hold control characters, which a project file may.
    markers = tuple(replace(each, text=one_line(each.text)) for each in project.markers)
    check_places(project, paths)
    with all_or_nothing(paths):
        _write_files(files, cache, context)
        for path, suffix in timelines.items():
            text = _text(suffix, media, lanes, markers)
            with atomic_output(path) as part:
                part.write_text(text, "utf-8")
    warnings = (*_missing(project), *_warnings(lanes, grid_of(media.frame_rate_hz)))
    return Exported(project, paths, warnings)


def _text(
    suffix: str, media: Media, lanes: tuple[TimelineLane, ...], markers: tuple[Marker, ...]
) -> str:
    if suffix == _FCPXML:
        return fcpxml(media, lanes, markers)
    # What OpenTimelineIO itself keeps exactly, Final Cut Pro 7 counts in frames.
    timeline = timeline_of(media, lanes, markers, in_frames=suffix == ".xml")
    return otio.adapters.write_to_string(timeline, _ADAPTERS[suffix])


def timeline_of(
    media: Media,
    lanes: tuple[TimelineLane, ...],
    markers: tuple[Marker, ...],
    *,
    in_frames: bool = False,
) -> otio.schema.Timeline:
    """The film, its lanes from top to bottom, and the markers.

    Args:
        media: The film.
        lanes: What lies under it.
        markers: In the time of the film.
        in_frames: Only whole frames of a file can be referred to.
    """
    timeline, grid = otio.schema.Timeline(one_line(media.path.stem)), grid_of(media.frame_rate_hz)
    timeline.global_start_time = RationalTime(0, float(grid.rate))
    length = _range(0.0, media.mix.duration_s, grid)
    marks = [otio.schema.Marker(each.text, _range(each.time_s, 0.0, grid)) for each in markers]
    if media.has_picture:
        video = otio.schema.Track("Video", kind=otio.schema.TrackKind.Video)
        film = _clip(one_line(media.path.stem), media.path, length, length)
        film.markers.extend(marks)
        video.append(film)
        timeline.tracks.append(video)
    for lane in lanes:
        track = otio.schema.Track(lane.lane.lane_id, kind=otio.schema.TrackKind.Audio)
        track.enabled = lane.is_heard
        _fill(track, [clip.plain for clip in lane.clips], grid, in_frames=in_frames)
        if not lane.is_heard and in_frames:
            _switch_off_in_xml(track)
        timeline.tracks.append(track)
    if not media.has_picture:
        next(iter(next(iter(timeline.tracks)))).markers.extend(marks)
    return timeline


def _switch_off_in_xml(track: otio.schema.Track) -> None:
    """The writer of XML does not know `enabled`, but writes what it finds among its own notes."""
    off = {"enabled": "FALSE"}
    track.metadata[_ADAPTERS[".xml"]] = off
    for item in track:
        item.metadata[_ADAPTERS[".xml"]] = off


def _fill(
    track: otio.schema.Track, pieces: Sequence[Piece], grid: FrameGrid, *, in_frames: bool
) -> None:
    """Lay pieces in a track, with gaps before each."""
    rate, at = float(grid.rate), 0
    for piece in pieces:
        if piece.start > at:
            track.append(otio.schema.Gap(duration=RationalTime(piece.start - at, rate)))
        skip = grid.frames(piece.skip_s) if in_frames else piece.skip_s * rate
        heard = TimeRange(RationalTime(skip, rate), RationalTime(piece.num_frames, rate))
        whole = _range(0.0, piece.file.duration_s, grid)
        track.append(_clip(piece.name, piece.file.path, heard, whole))
        at = piece.start + piece.num_frames


def _missing(project: Project) -> Iterator[str]:
    """Which tracks are left out, for they are not where they were."""
    names = dict.fromkeys(clip.track.name for clip in project.clips if clip.sound is None)
    if names:
        yield tr("Not there any more, and left out: {names}", names=", ".join(names))


def _warnings(lanes: Sequence[TimelineLane], grid: FrameGrid) -> Iterator[str]:
    """What other editors will not know, in plain sentences."""
    if any(not lane.is_heard for lane in lanes):
        yield _NO_SWITCH
    shaped = [lane_word(each.lane.lane_id) for each in lanes if changes_with_time(each.lane)]
    if shaped:
        yield _IN_THE_FILE.format(lanes=", ".join(shaped))
    clips = list(chain.from_iterable(lane.clips for lane in lanes))
    if any(not clip.own.is_plain for clip in clips):
        yield _FADES_IN_FILES
    slip_s = max((frame_slip_s(clip, grid) for clip in clips), default=0.0)
    if slip_s > _NOTICED_S:
        yield _WHOLE_FRAMES.format(slip_ms=round(1000 * slip_s))
    delays_s = {clip.own.file.path.name: clip.own.file.delay_s for clip in clips}
    if any(delays_s.values()):
        yield _DELAYED.format(
            names=", ".join(name for name, delay_s in delays_s.items() if delay_s),
            delay_ms=round(1000 * max(delays_s.values())),
        )


def _write_files(files: Sequence[Written], cache: Path, context: RunContext) -> None:
    made_at = datetime.now().astimezone()
    done, total = 0, sum(file.num_samples for file in files)
    for file in files:
        sound = file.sound
        blocks = _reported(file, cache, done, total, context)
        write_wav(file.path, blocks, file.num_samples, sound.channels, sound.sample_rate_hz)
        if not file.start:
            # With another time stamp some editors would count from there, others from its start.
            stamp(file.path, 0, file.description, made_at)
        done += file.num_samples


def _reported(
    file: Written, cache: Path, done: int, total: int, context: RunContext
) -> Iterator[Samples]:
    """The blocks of a file, while it is told how far all of them are."""
    for block in file.sound.blocks(cache, file.start):
        context.raise_if_cancelled()
        yield block
        done += block.shape[1]
        context.report(Progress(STEMS_STAGE, done, total))


def _clip(name: str, path: Path, heard: TimeRange, whole: TimeRange) -> otio.schema.Clip:
    reference = otio.schema.ExternalReference(path.absolute().as_uri(), whole)
    reference.name = one_line(path.name)
    return otio.schema.Clip(name, reference, heard)


def _range(start_s: float, duration_s: float, grid: FrameGrid) -> TimeRange:
    frames = (grid.frames(time_s) for time_s in (start_s, duration_s))
    start, duration = (RationalTime(count, float(grid.rate)) for count in frames)
    return TimeRange(start, duration)
