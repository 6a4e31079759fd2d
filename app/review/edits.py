"""Edits of what was found by listening."""

from dataclasses import replace
from pathlib import Path

from app.document import Edit
from app.project import Project, Rival
from app.review.listening import Session
from engine.translation import tr

MAX_RIVALS = 20
"""Files to compare with; more are refused in project files, too."""

MAX_LISTENER_FILES = 100
"""Files with the tests of other listeners; more are refused in project files, too."""

MAX_SESSIONS = 100
"""Listening tests that a project keeps; the oldest go first."""


def add_session(session: Session) -> Edit:
    """Keep a listening test with the project."""

    def apply(project: Project) -> Project:
        return replace(project, sessions=(*project.sessions, session)[-MAX_SESSIONS:])

    return Edit(tr("Listening test"), apply)


def forget_session(index: int) -> Edit:
    """Take a listening test out of the project."""

    def apply(project: Project) -> Project:
        kept = (each for number, each in enumerate(project.sessions) if number != index)
        return replace(project, sessions=tuple(kept))

    return Edit(tr("Forget a listening test"), apply)


def add_rival(rival: Rival) -> Edit:
    """Compare with another file; the same one once."""

    def apply(project: Project) -> Project:
        others = (each for each in project.rivals if each.path != rival.path)
        return replace(project, rivals=(*others, rival))

    return Edit(tr("Compare with {file}", file=rival.path.name), apply)


def remove_rival(path: Path) -> Edit:
    """Compare with a file no more."""

    def apply(project: Project) -> Project:
        kept = (each for each in project.rivals if each.path != path)
        return replace(project, rivals=tuple(kept))

    return Edit(tr("Take {file} out of the comparison", file=path.name), apply)


def add_listener_file(path: Path) -> Edit:
    """Count the tests of other listeners in a file; the same one once."""

    def apply(project: Project) -> Project:
        known = project.listener_files
        if path in known or len(known) >= MAX_LISTENER_FILES:
            return project
        return replace(project, listener_files=(*known, path))

    return Edit(tr("Add the tests in {file}", file=path.name), apply)


def forget_listener_files() -> Edit:
    """Count the project's own tests alone."""
    return Edit(
        tr("Forget other listeners' tests"), lambda project: replace(project, listener_files=())
    )
