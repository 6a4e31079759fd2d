"""Placed music as the timeline shows it, and what of it lies under the mouse: pure geometry."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF

from engine.translation import tr
from widgets.snapping import SnapPoint
from widgets.time_axis import TimeAxis

EDGE_PX = 6
HANDLE_PX = 5
_INSET_PX = 2
_LEAST_PX = 3.0


@dataclass(frozen=True, slots=True)
class FadeSpec:
    """A fade of a clip.

    Attributes:
        duration_s: How long it takes.
        shape: Name of its curve.
        gains: The curve from the end of the clip inwards, at equal steps: from silence to full
            level, or the part of it that is there.
    """

    duration_s: float = 0.0
    shape: str = ""
    gains: tuple[float, ...] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """A stretch of a track in the film.

    Attributes:
        clip_id: Its name in every signal.
        lane_id: The lane it lies in.
        name: What the user reads.
        sound_id: Which waveform it shows; empty while its track is missing.
        start_s: Where it begins in the film.
        duration_s: How long it is.
        track_start_s: What of the track is heard there.
        track_duration_s: Length of the track.
        gain_db: Its own gain.
        fade_in, fade_out: At its ends.
        beats_s: Beats of the track, in its own time, ascending.
    """

    clip_id: int
    lane_id: str
    name: str
    sound_id: str
    start_s: float
    duration_s: float
    track_start_s: float
    track_duration_s: float
    gain_db: float = 0.0
    fade_in: FadeSpec = FadeSpec()
    fade_out: FadeSpec = FadeSpec()
    beats_s: tuple[float, ...] = ()

    @property
    def end_s(self) -> float:
        """Where it ends in the film."""
        return self.start_s + self.duration_s

    @property
    def origin_s(self) -> float:
        """Where in the film the track would begin; may be negative."""
        return self.start_s - self.track_start_s

    @property
    def heard_beats_s(self) -> tuple[float, ...]:
        """The beats in it, in the time of the film."""
        first = bisect_left(self.beats_s, self.track_start_s)
        last = bisect_right(self.beats_s, self.track_start_s + self.duration_s)
        return tuple(self.origin_s + beat_s for beat_s in self.beats_s[first:last])


class ClipPart(StrEnum):
    """What of a clip can be dragged."""

    BODY = "body"
    START = "start"
    END = "end"
    FADE_IN = "fade_in"
    FADE_OUT = "fade_out"


@dataclass(frozen=True, slots=True)
class ClipGrip:
    """A part of a clip under the mouse."""

    clip: ClipSpec
    part: ClipPart


def clip_rect(clip: ClipSpec, axis: TimeAxis, row: QRect) -> QRectF:
    """Where a clip is drawn in the row of its lane; never too thin to be seen."""
    left = axis.x_at(clip.start_s)
    width = max(axis.x_at(clip.end_s) - left, _LEAST_PX)
    return QRectF(left, row.top() + _INSET_PX, width, row.height() - 2 * _INSET_PX)


def fade_handles(clip: ClipSpec, axis: TimeAxis, row: QRect) -> Mapping[ClipPart, QPointF]:
    """Where the handles of the fades are: at their inner ends, along the upper edge."""
    rect = clip_rect(clip, axis, row)
    y = rect.top() + HANDLE_PX
    return {
        ClipPart.FADE_IN: QPointF(axis.x_at(clip.start_s + clip.fade_in.duration_s), y),
        ClipPart.FADE_OUT: QPointF(axis.x_at(clip.end_s - clip.fade_out.duration_s), y),
    }


def grip_at(
    place: QPointF, clips: Sequence[ClipSpec], axis: TimeAxis, rows: Mapping[str, QRect]
) -> ClipGrip | None:
    """What can be dragged at a place; None where there is no clip.

    Handles of fades go before edges, and edges before the clip itself; a clip that is narrow keeps
    a third of it to be taken hold of as a whole.

    Args:
        place: In the pixels of the canvas.
        clips: All clips; those on top come last.
        axis: The visible stretch of time.
        rows: By lane_id, where the lanes lie.
    """
    for clip in reversed(clips):
        row = rows.get(clip.lane_id)
        if row is None:
            continue
        rect = clip_rect(clip, axis, row)
        reach = min(EDGE_PX, rect.width() / 3)
        if not rect.adjusted(-2, 0, 2, 0).contains(place):
            continue
        for part, handle in fade_handles(clip, axis, row).items():
            near = abs(place.x() - handle.x()) <= reach and abs(place.y() - handle.y()) <= EDGE_PX
            if near and rect.width() > 4 * HANDLE_PX:
                return ClipGrip(clip, part)
        if place.x() <= rect.left() + reach:
            return ClipGrip(clip, ClipPart.START)
        if place.x() >= rect.right() - reach:
            return ClipGrip(clip, ClipPart.END)
        return ClipGrip(clip, ClipPart.BODY)
    return None


def snap_points(clips: Sequence[ClipSpec], without: int | None = None) -> Iterator[SnapPoint]:
    """Times of clips that a drag may hold on to: their ends and their beats.

    Args:
        clips: All clips.
        without: clip_id of the one that is dragged.
    """
    for clip in clips:
        if clip.clip_id != without:
            beat = tr("Beat of {clip}", clip=clip.name)
            yield SnapPoint(clip.start_s, tr("Start of {clip}", clip=clip.name))
            yield SnapPoint(clip.end_s, tr("End of {clip}", clip=clip.name))
            yield from (SnapPoint(at_s, beat) for at_s in clip.heard_beats_s)
