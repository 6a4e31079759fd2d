"""Edits that take a restore in, and choose what is kept of it."""

from dataclasses import replace

from app.document import Edit
from app.project import Lane, Project, Restore, has_two_musics
from engine.translation import tr
from engine.types import OstChoice, Region, RestoreResult, StemName

_RESTORED_LANES = (StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.REST)


def accept_restore(
    result: RestoreResult,
    choice: OstChoice | None = None,
    amount: float = 1.0,
    speech: tuple[Region, ...] | None = None,
) -> Edit:
    """Take a result in: a lane per stem, of which those that make the restored sound are heard.

    Lanes of an earlier restore keep how they are heard, all lanes how they are shown; those that
    play no stem stay as they are.

    Args:
        result: What the engine found.
        choice: The music that the user wanted kept before, of the same two.
        amount: How much of the added music was to be taken out before.
        speech: What the user said was speech before.
    """
    music = [stem for stem in _RESTORED_LANES if stem in result.stems]
    kept = music or [StemName.RESTORED]
    fresh = (
        Lane(StemName.MIX, muted=True),
        *(Lane(stem) for stem in kept),
        Lane(StemName.BGM, muted=True),
    )

    def apply(project: Project) -> Project:
        is_first = all(lane.stem in (None, StemName.MIX) for lane in project.lanes)
        old = {} if is_first else {lane.lane_id: lane for lane in project.lanes}
        seen = {lane.lane_id for lane in project.lanes if lane.as_spectrogram}
        stems = tuple(
            replace(old.get(lane.lane_id, lane), as_spectrogram=lane.lane_id in seen)
            for lane in fresh
            if lane.stem in result.stems
        )
        others = tuple(lane for lane in project.lanes if lane.stem is None)
        wanted = choice if has_two_musics(result) else None
        restore = Restore(result, wanted, speech=speech if result.may_change_speech else None)
        if restore.may_leave_some:
            restore = replace(restore, amount=amount)
        return replace(project, lanes=stems + others, restore=restore, lost=None)

    return Edit(tr("Preview") if result.region is not None else tr("Restore"), apply)


def swap_music() -> Edit:
    """Keep the other one of the two musics, and take all of this one out."""

    def apply(project: Project) -> Project:
        restore = project.restore
        if restore is None or restore.kept is None:
            return project
        choice: OstChoice = "second" if restore.kept == "first" else "first"
        return replace(project, restore=replace(restore, choice=choice))

    return Edit(tr("Swap the music"), apply)


def take_out(amount: float, drag_id: int = 0) -> Edit:
    """Take only a part of the added music out, from 0 to 1; a drag is one edit."""

    def apply(project: Project) -> Project:
        restore = project.restore
        if restore is None or not restore.may_leave_some:
            return project
        return replace(project, restore=replace(restore, amount=amount))

    name = tr("Take {percent} % out", percent=round(100 * amount))
    return Edit(name, apply, merge_key="amount", drag_id=drag_id)
