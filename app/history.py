"""The restores of a project, so that an earlier one can be brought back."""

from dataclasses import replace

from app.document import Attempt, Edit, Project, Restore, accept_restore
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
        accepted = accept.apply(project)
        if accepted == project and history and history[0].result.stems == result.stems:
            return project
        number = 1 + max((attempt.attempt_id for attempt in history), default=0)
        others = [each for each in history if each.result.stems != result.stems]
        attempt = Attempt(number, result, quality, made_s, ost)
        return replace(accepted, history=(attempt, *others)[:MAX_ATTEMPTS])

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
        again = tuple(
            replace(each, result=result) if each.result.stems == lost.result.stems else each
            for each in project.history
        )
        return replace(accept.apply(project), history=again)

    return Edit(accept.name, apply)


def bring_back(attempt: Attempt) -> Edit:
    """Take an earlier result in once more; its sounds must be there."""
    accept = accept_restore(attempt.result)
    return Edit("Bring a restore back", accept.apply)


def made_as(restore: Restore, project: Project) -> Attempt | None:
    """The attempt that a restore came from; None if it is not remembered."""
    stems = restore.result.stems
    return next((each for each in project.history if each.result.stems == stems), None)


def is_current(attempt: Attempt, project: Project) -> bool:
    """Whether this is the restore that is worked with."""
    restore = project.restore
    return restore is not None and restore.result.stems == attempt.result.stems
