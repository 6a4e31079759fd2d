"""Edits of how lanes are heard and shown, and of the known track."""

from dataclasses import replace
from pathlib import Path

from app.document import _SPECTROGRAM, Edit
from app.lane_words import lane_word
from app.project import Project, change_lane
from engine.translation import tr


def change_gain(lane_id: str, gain_db: float) -> Edit:
    """Set the gain of a lane; a drag is one edit."""
    return Edit(
        tr("Gain of {lane}", lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, gain_db=gain_db)),
        merge_key=f"gain {lane_id}",
    )


def mute(lane_id: str, *, muted: bool) -> Edit:
    """Mute a lane or let it sound again."""
    return Edit(
        (tr("Mute {lane}") if muted else tr("Unmute {lane}")).format(lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, muted=muted)),
    )


def solo(lane_id: str, *, soloed: bool) -> Edit:
    """Hear a lane alone, with others that are soloed."""
    return Edit(
        (tr("Solo {lane}") if soloed else tr("Unsolo {lane}")).format(lane=lane_word(lane_id)),
        lambda project: change_lane(project, lane_id, lambda lane: replace(lane, soloed=soloed)),
    )


def show_spectrogram(lane_id: str, *, shown: bool) -> Edit:
    """Show the frequencies of a lane, or its waveform again."""
    return Edit(
        _SPECTROGRAM[shown].format(lane=lane_word(lane_id)),
        lambda project: change_lane(
            project, lane_id, lambda lane: replace(lane, as_spectrogram=shown)
        ),
    )


def solo_only(lane_id: str) -> Edit:
    """Hear just this lane; asked again, all as before."""

    def apply(project: Project) -> Project:
        alone = [lane.lane_id for lane in project.lanes if lane.soloed] == [lane_id]
        return replace(
            project,
            lanes=tuple(
                replace(lane, soloed=lane.lane_id == lane_id and not alone)
                for lane in project.lanes
            ),
        )

    return Edit(tr("Solo {lane}", lane=lane_word(lane_id)), apply)


def choose_track(track: Path | None) -> Edit:
    """Name the known track, or forget it."""
    name = tr("Forget the known track") if track is None else tr("Choose {track}", track=track.name)
    return Edit(name, lambda project: replace(project, track=track))
