"""The lanes of a project as clips that other editors can show, and the files those refer to.

A stem is one long file. A placed clip refers to the file of its track where that says all there is
to hear; where it has a gain or fades, which only Final Cut Pro is sure to know, others get a file
of its own with both in it. A part of a fade, as a cut within it leaves, none of them knows. A lane
that ducks or has an envelope is one file, as it is heard.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from app.clips import Clip, Fade
from app.export.frame_grid import FrameGrid, grid_of
from app.gain_curves import linear_gain
from app.project import Lane, Media, Project
from app.sounds import Sound, clip_sound, lane_sound
from engine.errors import EngineError
from engine.media.container import open_media
from engine.media.probe import encoder_delay_s, probe
from engine.media.tags import one_line
from engine.types import AudioRef, StemName

_MAX_GAIN_DB = 12.0
_MIN_GAIN_DB = -96.0
"""What the volume of a clip can be in Final Cut Pro."""
_SLACK_FRAMES = 1e-6


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A sound file that a timeline refers to.

    Attributes:
        path: Where it lies.
        duration_s: How long it is.
        channels: Number of channels.
        sample_rate_hz: Frames a second.
        delay_s: Silence before it that we leave out and other editors may not.
    """

    path: Path
    duration_s: float
    channels: int
    sample_rate_hz: int
    delay_s: float = 0.0


_FindFile = Callable[[Path], MediaFile | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file on the timeline.

    Attributes:
        name: What the editor calls it.
        file: What it plays.
        start: Frame of the timeline at which it begins.
        num_frames: How long it is.
        skip_s: What of the file is heard there.
        gain_db: Its gain.
        fade_in, fade_out: At its ends.
    """

    name: str
    file: MediaFile
    start: int
    num_frames: int
    skip_s: float = 0.0
    gain_db: float = 0.0
    fade_in: Fade = field(default_factory=Fade)
    fade_out: Fade = field(default_factory=Fade)

    @property
    def is_plain(self) -> bool:
        """Whether the file is heard as it is."""
        return not (self.gain_db or self.fade_in.duration_s or self.fade_out.duration_s)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that has to be written for a timeline.

    Attributes:
        path: Where to.
        sound: What is in it, over the samples of the film.
        start: Sample of the film at which it begins; it ends with the sound.
        description: What it is.
    """

    path: Path
    sound: Sound
    start: int
    description: str

    @property
    def num_samples(self) -> int:
        """Length of the file."""
        return self.sound.num_samples - self.start

    @property
    def file(self) -> MediaFile:
        """What it will be."""
        rate_hz = self.sound.sample_rate_hz
        return MediaFile(self.path, self.num_samples / rate_hz, self.sound.channels, rate_hz)


@dataclass(frozen=True, slots=True)
class TimelineClip:
    """A clip in the two ways that editors may have it.

    Attributes:
        own: With gain and fades of its own.
        plain: The same for editors that do not know such.
        written: The file that has to be there for it; None if there is nothing to write.
    """

    own: Piece
    plain: Piece
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class TimelineLane:
    """A lane.

    Attributes:
        lane: Which one.
        clips: What lies in it, in order.
    """

    lane: Lane
    clips: tuple[TimelineClip, ...]

    @property
    def is_heard(self) -> bool:
        """Whether it is switched on."""
        return not self.lane.muted


def timeline_lanes(project: Project, media: Media, folder: Path) -> Iterator[TimelineLane]:
    """The lanes that have a sound, from top to bottom.

    Args:
        project: What is exported.
        media: Its film.
        folder: Where the files are to lie.
    """
    find = cache(track_file)
    for lane in project.lanes:
        sound = lane_sound(project, lane)
        if sound is None or (lane.stem is StemName.MIX and not media.has_sound):
            continue
        if lane.stem is not None or changes_with_time(lane) or lane.gain_db == -math.inf:
            yield TimelineLane(lane, (_whole(lane, sound, media, folder),))
            continue
        placed = _Placing(lane, media, folder, find)
        found = (placed.clip(clip) for clip in project.clips if clip.lane_id == lane.lane_id)
        clips = tuple(clip for clip in found if clip is not None)
        if clips:
            yield TimelineLane(lane, clips)


def changes_with_time(lane: Lane) -> bool:
    """Whether its loudness does, in ways that other editors do not know."""
    return bool(lane.envelope) or lane.duck_db > 0


def frame_slip_s(clip: TimelineClip, grid: FrameGrid) -> float:
    """How far a clip is off where only whole frames of a track can be referred to."""
    return abs(float(grid.time(clip.own.skip_s)) - clip.own.skip_s)


def _whole(lane: Lane, sound: Sound, media: Media, folder: Path) -> TimelineClip:
    """All of a lane as one file, with its gain."""
    path = folder / f"{media.path.stem}.{lane.lane_id}.wav"
    written = Written(
        path, sound.amplified(linear_gain(lane.gain_db)), 0, f"{lane.lane_id} of {media.path.name}"
    )
    grid = grid_of(media.frame_rate_hz)
    piece = Piece(one_line(path.stem), written.file, 0, grid.frames(media.mix.duration_s))
    return TimelineClip(piece, piece, written)


class _Placing:
    """Puts the clips of one lane on a timeline."""

    def __init__(self, lane: Lane, media: Media, folder: Path, find: _FindFile) -> None:
        self._find = find
        self._lane, self._media, self._folder = lane, media, folder
        self._grid = grid_of(media.frame_rate_hz)
        self._film_frames = self._grid.frames(media.mix.duration_s)

    def clip(self, clip: Clip) -> TimelineClip | None:
        """A clip on whole frames; None if it cannot be heard in the film."""
        start = self._grid.frames(clip.start_s)
        end = min(self._grid.frames(clip.end_s), self._film_frames)
        if clip.sound is None or end <= start:
            return None
        file = self._find(clip.track)
        if file is not None:
            # The files of some formats only guess how long they are.
            file = replace(file, duration_s=clip.sound.duration_s)
        own = self._own(clip, file, start, end) if file is not None else None
        if own is not None and own.is_plain:
            return TimelineClip(own, own)
        written = self._written(clip, clip.sound, start, end)
        plain = Piece(one_line(clip.track.stem), written.file, start, end - start)
        return TimelineClip(own or plain, plain, written)

    def _own(self, clip: Clip, file: MediaFile, start: int, end: int) -> Piece | None:
        """The stretch of the track; None if they have no words for how loud it is."""
        gain_db = clip.gain_db + self._lane.gain_db
        is_cut_off = clip.fade_out.duration_s and clip.end_s > self._media.mix.duration_s
        is_part = clip.fade_in.is_part or clip.fade_out.is_part
        if is_cut_off or is_part or not _MIN_GAIN_DB <= gain_db <= _MAX_GAIN_DB:
            return None
        # The music stays where it is, though the clip begins on a frame.
        skip_s = max(0.0, clip.track_start_s + float(start / self._grid.rate) - clip.start_s)
        # Final Cut Pro refuses what reaches beyond its file.
        rate = float(self._grid.rate)
        room = math.floor(file.duration_s * rate) - math.ceil(skip_s * rate - _SLACK_FRAMES)
        if room < 1:
            return None
        num_frames = min(end - start, room)
        fades = clip.fade_in, clip.fade_out
        return Piece(one_line(clip.track.stem), file, start, num_frames, skip_s, gain_db, *fades)

    def _written(self, clip: Clip, sound: AudioRef, start: int, end: int) -> Written:
        """What is heard of a clip from frame to frame, as a file."""
        mix = self._media.mix
        first, last = (
            round(frame / self._grid.rate * mix.sample_rate_hz) for frame in (start, end)
        )
        heard = clip_sound(clip, sound).amplified(linear_gain(self._lane.gain_db))
        lane_id = self._lane.lane_id
        return Written(
            self._folder / f"{self._media.path.stem}.{lane_id}.{clip.clip_id}.wav",
            heard.within(0, last),
            first,
            f"{clip.track.name} in {lane_id} of {self._media.path.name}",
        )


def track_file(path: Path) -> MediaFile | None:
    """A track as others can refer to it.

    None if it is not there, has a picture, or a time stamp: some editors count from that.
    """
    try:
        info = probe(path)
        with open_media(path) as container:
            is_stamped = container.metadata.get("time_reference", "0") != "0"
            delay_s = encoder_delay_s(container)
    except EngineError:
        return None
    if info.video is not None or is_stamped or not info.audio:
        return None
    sound = info.audio[0]
    duration_s = sound.num_samples / sound.sample_rate_hz
    return MediaFile(path, duration_s, sound.channels, sound.sample_rate_hz, delay_s)
