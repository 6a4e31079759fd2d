"""Edits of where somebody speaks, and what becomes of them once the engine has followed.

An edit only says what is speech; the sounds stay until the engine has separated them again, and its
result becomes part of the edit (`followed`), so that undo brings back both.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain

from app.document import Edit
from app.project import Project, Restore
from engine.translation import tr
from engine.types import Region, RestoreResult
from widgets.wording import tick_label

LEAST_S = 0.05
"""Shorter speech there is none."""

_GAP_S = 0.04
"""Speech that is nearer is one: the engine's gate needs so long to close and open."""

_NOTHING_S = 0.001
_MOVE = {
    True: tr("Move the start of speech at {time}"),
    False: tr("Move the end of speech at {time}"),
}

Speech = tuple[Region, ...]


def move_edge(region: Region, time_s: float, *, is_start: bool) -> Edit:
    """Have some speech begin or end elsewhere; what it reaches becomes one with it."""
    edge_s = region.start_s if is_start else region.end_s

    def change(spoken: Speech) -> Speech:
        if region not in spoken:
            return spoken
        others = tuple(each for each in spoken if each != region)
        if is_start:
            moved = Region(min(time_s, region.end_s - LEAST_S), region.end_s)
        else:
            moved = Region(region.start_s, max(time_s, region.start_s + LEAST_S))
        return joined(others, moved)

    return _edit(_MOVE[is_start].format(time=_at(edge_s)), change)


def add_speech(region: Region) -> Edit:
    """Say that a stretch is speech."""
    return _edit(
        tr("Add speech at {time}", time=_at(region.start_s)), lambda spoken: joined(spoken, region)
    )


def remove_speech(region: Region) -> Edit:
    """Say that nothing in a stretch is speech."""
    return _edit(
        tr("Remove speech at {time}", time=_at(region.start_s)),
        lambda spoken: without(spoken, region),
    )


def joined(spoken: Iterable[Region], region: Region) -> Speech:
    """Speech with one stretch more, which becomes one with what it touches."""
    apart = []
    start_s, end_s = region.start_s, region.end_s
    for each in spoken:
        if each.start_s <= region.end_s + _GAP_S and each.end_s >= region.start_s - _GAP_S:
            start_s, end_s = min(start_s, each.start_s), max(end_s, each.end_s)
        else:
            apart.append(each)
    return tuple(sorted([*apart, Region(start_s, end_s)], key=lambda each: each.start_s))


def without(spoken: Iterable[Region], region: Region) -> Speech:
    """Speech without what of it lies in a stretch; of what is left, scraps go as well.

    What is left on both sides of it keeps the distance that stretches of speech have.
    """
    left = []
    middle_s, half_s = (region.start_s + region.end_s) / 2, max(region.duration_s, _GAP_S) / 2
    for each in spoken:
        before = Region(each.start_s, middle_s - half_s)
        behind = Region(middle_s + half_s, each.end_s)
        if region.end_s <= each.start_s or region.start_s >= each.end_s:
            left.append(each)
        else:
            left += [part for part in (before, behind) if part.duration_s >= LEAST_S]
    return tuple(left)


def speech_at(restore: Restore, time_s: float) -> Region | None:
    """The speech at a time; None where nobody speaks."""
    around = (each for each in restore.spoken if each.start_s <= time_s < each.end_s)
    return next(around, None)


def nearest_edge(restore: Restore, time_s: float, *, is_start: bool) -> Region | None:
    """The speech that begins, or ends, nearest to a time; None where there is no speech."""
    return min(
        restore.spoken,
        key=lambda each: abs((each.start_s if is_start else each.end_s) - time_s),
        default=None,
    )


def edges(restore: Restore) -> list[tuple[float, bool]]:
    """When speech begins and ends, ascending, and whether it begins there."""
    both = (((each.start_s, True), (each.end_s, False)) for each in restore.spoken)
    return list(chain.from_iterable(both))


def behind(restore: Restore) -> Speech:
    """Where the sounds are still those of other speech regions."""
    both = (*restore.spoken, *restore.result.speech)
    # Whoever is inside of one of both has passed an odd number of edges.
    times_s = sorted(edge_s for each in both for edge_s in (each.start_s, each.end_s))
    pairs = zip(times_s[::2], times_s[1::2], strict=True)
    return tuple(Region(start_s, end_s) for start_s, end_s in pairs if start_s < end_s)


def followed(waiting: Restore, result: RestoreResult) -> Callable[[Project], Project]:
    """What becomes of a project that waits for a result, once it is there; others stay."""
    return _settled(waiting, lambda restore: replace(restore, result=result))


def taken_back(waiting: Restore, speech: Speech | None) -> Callable[[Project], Project]:
    """What becomes of a project that waits for what does not come.

    Args:
        waiting: The restore whose speech was changed.
        speech: What the user had said of it before, see `Restore`.
    """
    return _settled(waiting, lambda restore: replace(restore, speech=speech))


def why_fixed(project: Project) -> str:
    """Why the speech of a project cannot be changed; empty if it can."""
    restore = project.restore
    if project.lost is not None:
        return tr("The sounds of this project are being made again.")
    if restore is None:
        return tr("Nothing has been restored yet, so no speech has been separated.")
    if restore.is_preview:
        return tr("This is a preview: restore all of it to change where speech is.")
    if not restore.result.may_change_speech:
        return tr(
            "A known track was taken out, and no speech was separated: restore blind for that."
        )
    return ""


def _settled(
    waiting: Restore, settle: Callable[[Restore], Restore]
) -> Callable[[Project], Project]:
    def change(project: Project) -> Project:
        restore = project.restore
        if restore is None or restore.speech != waiting.speech:
            return project
        if restore.result.stems != waiting.result.stems:
            return project
        return replace(project, restore=settle(restore))

    return change


def _edit(name: str, change: Callable[[Speech], Speech]) -> Edit:
    def apply(project: Project) -> Project:
        restore = project.restore
        if restore is None or why_fixed(project):
            return project
        inside = _inside(change(restore.spoken), restore.result)
        if inside == restore.spoken:
            return project
        return replace(project, restore=replace(restore, speech=inside))

    return Edit(name, apply)


def _inside(spoken: Speech, result: RestoreResult) -> Speech:
    """Speech as far as the film reaches."""
    duration_s = next(iter(result.stems.values())).duration_s
    cut = (Region(max(each.start_s, 0.0), min(each.end_s, duration_s)) for each in spoken)
    return tuple(each for each in cut if each.duration_s > _NOTHING_S)


def _at(time_s: float) -> str:
    return tick_label(time_s, 0.1)
