"""The restores of a project, so that an earlier one can be brought back."""

from dataclasses import replace

from app.document import Edit
from app.project import Attempt, Project, Restore
from app.restore_edits import accept_restore
from engine.translation import tr
from engine.types import OstWish, Quality, RestoreResult

MAX_ATTEMPTS = 20


def restored(result: RestoreResult, quality: Quality, made_s: float, ost: OstWish = "auto") -> Edit:
    """Take a result in and remember it; the same sounds are remembered once.

    Args:
        result: What the engine found.
        quality: That it was made with.
        made_s: When, in seconds since 1970.
        ost: The music that was to be kept.
    """
    accept = accept_restore(result)

    def apply(project: Project) -> Project:
        history = project.history
        accepted, newest = accept.apply(project), history[0] if history else None
        is_known = newest is not None and newest.result.stems == result.stems
        if newest is not None and is_known and _numbered(accepted, newest) == project:
            return project
        number = 1 + max((attempt.attempt_id for attempt in history), default=0)
        others = [each for each in history if each.result.stems != result.stems]
        attempt = Attempt(number, result, quality, made_s, ost)
        history = (attempt, *others)[:MAX_ATTEMPTS]
        return replace(_numbered(accepted, attempt), history=history)

    return Edit(accept.name, apply)


def renewed(result: RestoreResult, lost: Restore) -> Edit:
    """Take in what was made again of a restore whose sounds had gone; else nothing changes.

    Args:
        result: What the engine found this time.
        lost: The restore as it was, with the user's choices.
    """
    accept = accept_restore(result, lost.choice, lost.amount, lost.speech)

    def apply(project: Project) -> Project:
        if project.lost is not lost:
            return project
        attempt, accepted = made_as(lost, project), accept.apply(project)
        if attempt is None:
            return accepted
        again = (
            replace(each, result=result) if each is attempt else each for each in project.history
        )
        return replace(_numbered(accepted, attempt), history=tuple(again))

    return Edit(accept.name, apply)


def bring_back(attempt: Attempt) -> Edit:
    """Take an earlier result in once more; its sounds must be there."""
    accept = accept_restore(attempt.result)
    return Edit(
        tr("Bring a restore back"), lambda project: _numbered(accept.apply(project), attempt)
    )


def made_as(restore: Restore, project: Project) -> Attempt | None:
    """The attempt that a restore came from; None if it is not remembered."""
    return next((each for each in project.history if _is_of(restore, each)), None)


def is_current(attempt: Attempt, project: Project) -> bool:
    """Whether this is the restore that is worked with."""
    return project.restore is not None and _is_of(project.restore, attempt)


def _is_of(restore: Restore, attempt: Attempt) -> bool:
    """Whether a restore came from an attempt; its sounds may have become others since."""
    if restore.attempt_id:
        return restore.attempt_id == attempt.attempt_id
    return restore.result.stems == attempt.result.stems


def _numbered(project: Project, attempt: Attempt) -> Project:
    """The project with a restore that knows where it came from."""
    restore = project.restore
    if restore is None:
        return project
    return replace(project, restore=replace(restore, attempt_id=attempt.attempt_id))
