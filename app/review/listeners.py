"""Listening tests out of files: signed reports, and projects."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.project import Project
from app.project_io import SUFFIX, read_project
from app.review.edits import MAX_SESSIONS
from app.review.listening import Session
from app.review.pooling import HeardTest
from app.review.signing import ReportError, read_report
from engine.translation import tr

_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class ListenersFile:
    """A file with listening tests.

    Attributes:
        path: The file.
        by: Who signed it, in their own words; empty for projects, which nobody signs.
        key: The public key in hexadecimal; empty for projects.
        tests: What was listened to.
    """

    path: Path
    by: str
    key: str
    tests: tuple[HeardTest, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class _Facts:
    files: tuple[_Named, ...]
    sessions: tuple[Session, ...]

    def __post_init__(self) -> None:
        """Refuse what no project holds."""
        if len(self.sessions) > MAX_SESSIONS:
            raise ValueError("there are too many listening tests")


def read_listeners(path: Path) -> ListenersFile:
    """Read the tests of a signed report, which must be as it was signed, or of a project.

    Raises:
        ReportError: The report was changed, is none, or holds impossible answers.
        ProjectError: The project cannot be read, or makes no sense.
    """
    if path.suffix.lower() == SUFFIX:
        saved = read_project(path)
        return ListenersFile(path, "", "", _tests(saved.sessions, saved.video.name, ""))
    try:
        verified = read_report(path)
        facts = msgspec.json.decode(verified.facts, type=_Facts)
    except ReportError as error:
        raise ReportError(_about(path, error.message), error.hint) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ReportError(
            tr("{file} holds listening tests that are impossible", file=path.name),
            tr("leave it out"),
        ) from error
    statement = verified.statement
    film = next((file.name for file in facts.files if file.role == "video"), "")
    by = statement.by or tr("key {key}", key=statement.short_key)
    tests = _tests(facts.sessions, film, by)
    return ListenersFile(path, statement.by, statement.key, tests)


def own_tests(project: Project) -> tuple[HeardTest, ...]:
    """The tests that a project itself keeps."""
    film = project.media.path.name if project.media is not None else ""
    return tuple(HeardTest(each, film, each.plan.listener) for each in project.sessions)


def _tests(sessions: tuple[Session, ...], film: str, by: str) -> tuple[HeardTest, ...]:
    return tuple(HeardTest(each, film[:_MAX_NAME], each.plan.listener or by) for each in sessions)


def _about(path: Path, words: str) -> str:
    return words if path.name in words else f"{path.name}: {words}"
