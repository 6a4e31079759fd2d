"""A timeline for other editors: the film, and under it each lane as a file with a time stamp.

OpenTimelineIO writes what Premiere Pro and DaVinci Resolve read, `fcpxml.py` for Final Cut Pro.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from app.document import Lane, Marker, Media, Project
from app.export.fcpxml import SoundClip, fcpxml
from app.export.frame_grid import FrameGrid, grid_of
from app.export.work import Exported, check_places, reported
from app.gain_curves import linear_gain
from app.sounds import Sound, lane_sound
from engine.context import RunContext
from engine.errors import EmptyMediaError
from engine.media.atomic import atomic_output
from engine.media.broadcast_wav import stamp
from engine.media.wav import write_wav
from engine.translation import tr

_ADAPTERS = {".otio": "otio_json", ".xml": "fcp_xml"}
"""By suffix: OpenTimelineIO (Resolve), XML of Final Cut Pro 7 (Premiere, Resolve)."""

_FCPXML = ".fcpxml"
SUFFIXES = (*_ADAPTERS, _FCPXML)

_NO_SWITCH = tr(
    "Other editors may not know which lanes were muted: mute in them what is not to be heard"
)


@dataclass(frozen=True, slots=True)
class LaneFile:
    """A lane as a file.

    Attributes:
        lane: Which one.
        path: Its file, with the gain of the lane.
        sound: What is in it.
    """

    lane: Lane
    path: Path
    sound: Sound


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
    files = tuple(_lane_files(project, media, folder))
    if not files:
        raise EmptyMediaError(tr("There are no lanes."), tr("Restore the video first."))
    timelines = {folder / f"{media.path.stem}{suffix}": suffix for suffix in SUFFIXES}
    paths = (*(file.path for file in files), *timelines)
    check_places(project, paths)
    _write_lanes(files, media, cache, context)
    for path, suffix in timelines.items():
        text = _text(suffix, media, files, project.markers)
        with atomic_output(path) as part:
            part.write_text(text, "utf-8")
    is_muted = any(file.lane.muted for file in files)
    return Exported(project, paths, (_NO_SWITCH,) if is_muted else ())


def _text(
    suffix: str, media: Media, files: tuple[LaneFile, ...], markers: tuple[Marker, ...]
) -> str:
    if suffix == _FCPXML:
        clips = [SoundClip(f.lane.lane_id, f.path, not f.lane.muted) for f in files]
        return fcpxml(media, clips, markers)
    return otio.adapters.write_to_string(timeline_of(media, files, markers), _ADAPTERS[suffix])


def timeline_of(
    media: Media, files: tuple[LaneFile, ...], markers: tuple[Marker, ...]
) -> otio.schema.Timeline:
    """The film, its lanes from top to bottom, and the markers."""
    timeline, grid = otio.schema.Timeline(media.path.stem), grid_of(media.frame_rate_hz)
    timeline.global_start_time = RationalTime(0, float(grid.rate))
    length = _range(0.0, media.mix.duration_s, grid)
    marks = [otio.schema.Marker(each.text, _range(each.time_s, 0.0, grid)) for each in markers]
    if media.has_picture:
        video = otio.schema.Track("Video", kind=otio.schema.TrackKind.Video)
        video.append(_clip(media.path, length, marks))
        timeline.tracks.append(video)
    for number, file in enumerate(files):
        track = otio.schema.Track(file.lane.lane_id, kind=otio.schema.TrackKind.Audio)
        track.enabled = not file.lane.muted
        is_first = number == 0 and not media.has_picture
        track.append(_clip(file.path, length, marks if is_first else []))
        timeline.tracks.append(track)
    return timeline


def _lane_files(project: Project, media: Media, folder: Path) -> Iterator[LaneFile]:
    for lane in project.lanes:
        sound = lane_sound(project, lane)
        if sound is not None:
            path = folder / f"{media.path.stem}.{lane.lane_id}.wav"
            yield LaneFile(lane, path, sound.amplified(linear_gain(lane.gain_db)))


def _write_lanes(
    files: tuple[LaneFile, ...], media: Media, cache: Path, context: RunContext
) -> None:
    made_at = datetime.now().astimezone()
    for index, file in enumerate(files):
        sound = file.sound
        blocks = reported(sound, cache, index, len(files), context)
        write_wav(file.path, blocks, sound.num_samples, sound.channels, sound.sample_rate_hz)
        stamp(
            file.path,
            0,
            f"{file.lane.lane_id} of {media.path.name}",
            made_at,
        )


def _clip(path: Path, length: TimeRange, markers: list[otio.schema.Marker]) -> otio.schema.Clip:
    reference = otio.schema.ExternalReference(path.absolute().as_uri(), length)
    reference.name = path.name
    clip = otio.schema.Clip(path.stem, reference, length)
    clip.markers.extend(markers)
    return clip


def _range(start_s: float, duration_s: float, grid: FrameGrid) -> TimeRange:
    frames = (grid.frames(time_s) for time_s in (start_s, duration_s))
    start, duration = (RationalTime(count, float(grid.rate)) for count in frames)
    return TimeRange(start, duration)
