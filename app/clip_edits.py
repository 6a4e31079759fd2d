"""Edits of placed music: clips and their fades.

All times are kept on the samples of the film, so that two halves of a clip meet exactly.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from app.clips import (
    LEAST_CLIP_S,
    MAX_CLIPS,
    MAX_GAIN_DB,
    MIN_GAIN_DB,
    Clip,
    Fade,
    music_lane_id,
    music_lane_number,
)
from app.document import Edit
from app.gain_curves import FadeShape
from app.project import Lane, Project
from engine.translation import ntr, tr
from engine.types import AudioRef, Region

ClipEnd = Literal["in", "out"]

_SAME_LENGTH_S = 0.0005
"""Fields show so much of a time."""


def place_clip(
    track: Path,
    sound: AudioRef,
    start_s: float,
    stretch: Region | None = None,
    lane_id: str = "",
) -> Edit:
    """Place a track in the film, or a stretch of it.

    Args:
        track: Its file.
        sound: All of it, at the rate and with the channels of the film.
        start_s: Where in the film.
        stretch: What of the track; None is all, as far as the film reaches.
        lane_id: The lane of music that is wanted; another one where there is no room.
    """

    def apply(project: Project) -> Project:
        left_s = _film_s(project) - start_s
        if left_s < LEAST_CLIP_S or len(project.clips) >= MAX_CLIPS:
            return project
        heard = stretch or Region(0.0, min(sound.duration_s, left_s))
        number = max((clip.clip_id for clip in project.clips), default=0) + 1
        clip = Clip(number, lane_id, track, sound, start_s, heard.start_s, heard.duration_s)
        return _settled(project, _on_grid(clip, project))

    return Edit(tr("Place {track}", track=track.stem), apply)


def place_tracks(
    tracks: Sequence[tuple[Path, AudioRef]], start_s: float, lane_id: str = ""
) -> Edit:
    """Place tracks one behind the other, as far as the film reaches and clips are allowed.

    Args:
        tracks: At least one; see `place_clip`.
        start_s: Where in the film the first one begins.
        lane_id: The lane of music that is wanted.
    """

    def apply(project: Project) -> Project:
        at_s, wanted = start_s, lane_id
        for track, sound in tracks:
            before = {clip.clip_id for clip in project.clips}
            project = place_clip(track, sound, at_s, lane_id=wanted).apply(project)
            for clip in project.clips:
                if clip.clip_id not in before:
                    at_s, wanted = clip.end_s, clip.lane_id
        return project

    if len(tracks) == 1:
        name = tr("Place {track}", track=tracks[0][0].stem)
    else:
        name = ntr("Place {count} track", "Place {count} tracks", len(tracks))
    return Edit(name, apply)


def move_clip(clip_id: int, start_s: float, lane_id: str = "") -> Edit:
    """Have a clip begin elsewhere; a drag is one edit.

    Args:
        clip_id: Which.
        start_s: Where in the film; never before its start nor behind its end.
        lane_id: The lane that is wanted, its own if empty; another one where there is no room.
    """

    def change(project: Project, clip: Clip) -> Clip:
        latest_s = max(0.0, _film_s(project) - LEAST_CLIP_S)
        at_s = min(max(start_s, 0.0), latest_s)
        return replace(clip, start_s=at_s, lane_id=lane_id or clip.lane_id)

    return _clip_edit(tr("Move the clip"), clip_id, change, merge_key="move clip")


def trim_clip(clip_id: int, end: ClipEnd, time_s: float) -> Edit:
    """Have a clip begin or end elsewhere while the music in it stays where it is.

    It reaches neither beyond its track nor into its neighbour.
    """

    def change(project: Project, clip: Clip) -> Clip:
        return _begun_at(project, clip, time_s) if end == "in" else _ended_at(project, clip, time_s)

    return _clip_edit(tr("Trim the clip"), clip_id, change, merge_key=f"trim {end}")


def slip_clip(clip_id: int, track_start_s: float) -> Edit:
    """Have another stretch of the track be heard in the same place; a drag is one edit."""

    def change(_: Project, clip: Clip) -> Clip:
        latest_s = max(0.0, clip.track_duration_s - clip.duration_s)
        return replace(clip, track_start_s=min(max(track_start_s, 0.0), latest_s))

    return _clip_edit(tr("Slip the clip"), clip_id, change, merge_key="slip clip")


def split_clip(clip_id: int, time_s: float) -> Edit:
    """Cut a clip in two at a time; nothing is heard of it before one of them is changed.

    Within a fade each half gets its part of it.
    """

    def apply(project: Project) -> Project:
        clip = find_clip(project, clip_id)
        if clip is None or len(project.clips) >= MAX_CLIPS:
            return project
        # What would begin behind the film could not be taken hold of.
        end_s = min(clip.end_s, _film_s(project))
        if min(time_s - clip.start_s, end_s - time_s) < LEAST_CLIP_S:
            return project
        number = max(each.clip_id for each in project.clips) + 1
        left, right = _halves(_on_grid(clip, project), _on_samples(project)(time_s))
        halves = left, replace(right, clip_id=number)
        others = (each for each in project.clips if each.clip_id != clip_id)
        return _with_clips(project, (*others, *halves))

    return Edit(tr("Split the clip"), apply)


def remove_clip(clip_id: int) -> Edit:
    """Take a clip out of the film."""

    def apply(project: Project) -> Project:
        return _with_clips(project, (each for each in project.clips if each.clip_id != clip_id))

    return Edit(tr("Remove the clip"), apply)


def fade_clip(
    clip_id: int, end: ClipEnd, duration_s: float, shape: FadeShape | None = None
) -> Edit:
    """Fade a clip in or out over so long, not into its other fade; a drag is one edit.

    What is missing of the fade is there again, unless it is as long as it was.

    Args:
        clip_id: Which.
        end: Where.
        duration_s: How long; 0 is no fade.
        shape: Its curve; None leaves it as it is.
    """

    def change(_: Project, clip: Clip) -> Clip:
        own, other = clip.fade_in, clip.fade_out
        if end == "out":
            own, other = other, own
        room_s = clip.duration_s - other.duration_s
        fade = Fade(min(max(duration_s, 0.0), room_s), shape or own.shape)
        if abs(duration_s - own.duration_s) < _SAME_LENGTH_S:
            fade = replace(own, shape=fade.shape)
        return replace(clip, fade_in=fade) if end == "in" else replace(clip, fade_out=fade)

    return _clip_edit(tr("Fade the clip"), clip_id, change, merge_key=f"fade {end}")


def change_clip_gain(clip_id: int, gain_db: float) -> Edit:
    """Make a clip louder or softer; a drag is one edit."""
    limited = min(max(gain_db, MIN_GAIN_DB), MAX_GAIN_DB)
    return _clip_edit(
        tr("Gain of the clip"),
        clip_id,
        lambda _, clip: replace(clip, gain_db=limited),
        merge_key="gain of clip",
    )


def relink_track(missing: Path, track: Path, sound: AudioRef) -> Edit:
    """Take a file in the place of a track that is not where it was."""

    def apply(project: Project) -> Project:
        return replace(
            project,
            clips=tuple(
                within_track(replace(clip, track=track, sound=sound))
                if clip.track == missing
                else clip
                for clip in project.clips
            ),
        )

    return Edit(tr("Find {file}", file=missing.name), apply)


def within_track(clip: Clip) -> Clip:
    """The clip with a stretch that its track has: an earlier one, a shorter one if need be."""
    length_s = clip.track_duration_s
    duration_s = min(clip.duration_s, max(length_s, LEAST_CLIP_S))
    earliest_s = max(0.0, length_s - duration_s)
    return _fitting(clip, track_start_s=min(clip.track_start_s, earliest_s), duration_s=duration_s)


def find_clip(project: Project, clip_id: int | None) -> Clip | None:
    """The clip of that number; None if there is none."""
    return next((clip for clip in project.clips if clip.clip_id == clip_id), None)


def clip_at(project: Project, lane_id: str, time_s: float) -> Clip | None:
    """The clip of a lane that sounds at a time; None where there is none."""
    return next(
        (
            clip
            for clip in project.clips
            if clip.lane_id == lane_id and clip.start_s <= time_s < clip.end_s
        ),
        None,
    )


def _clip_edit(
    name: str, clip_id: int, change: Callable[[Project, Clip], Clip], merge_key: str
) -> Edit:
    def apply(project: Project) -> Project:
        clip = find_clip(project, clip_id)
        if clip is None:
            return project
        return _settled(project, _on_grid(change(project, clip), project))

    return Edit(name, apply, merge_key=f"{merge_key} {clip_id}")


def _halves(clip: Clip, time_s: float) -> tuple[Clip, Clip]:
    """A clip cut in two; both ends of it and the cut are on samples."""
    left_s, right_s = time_s - clip.start_s, clip.end_s - time_s
    fade_in, rest_in = clip.fade_in.cut(left_s)
    fade_out, rest_out = clip.fade_out.cut(right_s)
    left = replace(clip, duration_s=left_s, fade_in=fade_in, fade_out=rest_out)
    right = replace(
        clip,
        start_s=time_s,
        track_start_s=clip.track_start_s + left_s,
        duration_s=right_s,
        fade_in=rest_in,
        fade_out=fade_out,
    )
    return left, right


def _begun_at(project: Project, clip: Clip, time_s: float) -> Clip:
    before = (other.end_s for other in _neighbours(project, clip) if other.end_s <= clip.start_s)
    earliest_s = max((0.0, clip.start_s - clip.track_start_s, *before))
    start_s = max(min(time_s, clip.end_s - LEAST_CLIP_S), earliest_s)
    moved_s = start_s - clip.start_s
    return _fitting(
        clip,
        start_s=start_s,
        track_start_s=max(0.0, clip.track_start_s + moved_s),
        duration_s=clip.duration_s - moved_s,
    )


def _ended_at(project: Project, clip: Clip, time_s: float) -> Clip:
    behind = (other.start_s for other in _neighbours(project, clip) if other.start_s >= clip.end_s)
    latest_s = min((clip.start_s + clip.track_duration_s - clip.track_start_s, *behind))
    end_s = min(max(time_s, clip.start_s + LEAST_CLIP_S), latest_s)
    return _fitting(clip, duration_s=end_s - clip.start_s)


def _neighbours(project: Project, clip: Clip) -> list[Clip]:
    return [
        other
        for other in project.clips
        if other.lane_id == clip.lane_id and other.clip_id != clip.clip_id
    ]


def _fitting(
    clip: Clip,
    *,
    start_s: float | None = None,
    track_start_s: float | None = None,
    duration_s: float,
) -> Clip:
    """The clip with another length; fades give way where there is no room for them."""
    fade_in = clip.fade_in.within(duration_s)
    return replace(
        clip,
        start_s=clip.start_s if start_s is None else start_s,
        track_start_s=clip.track_start_s if track_start_s is None else track_start_s,
        duration_s=duration_s,
        fade_in=fade_in,
        fade_out=clip.fade_out.within(duration_s - fade_in.duration_s),
    )


def _on_samples(project: Project) -> Callable[[float], float]:
    """A function that takes times to the samples of the film."""
    rate_hz = project.media.mix.sample_rate_hz if project.media is not None else None

    def settled(time_s: float) -> float:
        return round(time_s * rate_hz) / rate_hz if rate_hz is not None else time_s

    return settled


def _on_grid(clip: Clip, project: Project) -> Clip:
    """The clip with all its edges, and those of its fades, on samples of the film."""
    settled = _on_samples(project)

    def on_samples(fade: Fade) -> Fade:
        times_s = (settled(each) for each in (fade.duration_s, fade.outer_s, fade.inner_s))
        return Fade(next(times_s), fade.shape, *times_s)

    start_s = settled(clip.start_s)
    length_s = settled(clip.end_s) - start_s
    fade_in = on_samples(clip.fade_in).within(length_s)
    return replace(
        clip,
        start_s=start_s,
        track_start_s=settled(clip.track_start_s),
        duration_s=length_s,
        fade_in=fade_in,
        fade_out=on_samples(clip.fade_out).within(length_s - fade_in.duration_s),
    )


def _settled(project: Project, clip: Clip) -> Project:
    """The project with a clip as it is now, in a lane that has room for it."""
    others = tuple(each for each in project.clips if each.clip_id != clip.clip_id)
    taken = {each.lane_id for each in others if each.meets(clip.start_s, clip.end_s)}
    numbers = {music_lane_number(lane.lane_id) for lane in project.lanes} - {None}
    free = next(number for number in range(1, MAX_CLIPS + 2) if number not in numbers)
    lanes = [lane.lane_id for lane in project.lanes if music_lane_number(lane.lane_id)]
    wanted = [clip.lane_id] if clip.lane_id in lanes else []
    lane_id = next(each for each in (*wanted, *lanes, music_lane_id(free)) if each not in taken)
    return _with_clips(project, (*others, replace(clip, lane_id=lane_id)))


def _with_clips(project: Project, clips: Iterable[Clip]) -> Project:
    """The project with these clips; a lane of music is there as long as something lies in it."""
    kept = tuple(sorted(clips, key=lambda clip: (music_lane_number(clip.lane_id), clip.start_s)))
    known = {lane.lane_id: lane for lane in project.lanes}
    stems = (lane for lane in project.lanes if music_lane_number(lane.lane_id) is None)
    # In the order of the clips: a lane that comes back has its place again.
    music = (known.get(each, Lane(each)) for each in dict.fromkeys(clip.lane_id for clip in kept))
    return replace(project, clips=kept, lanes=(*stems, *music))


def _film_s(project: Project) -> float:
    return project.media.mix.duration_s if project.media is not None else 0.0
