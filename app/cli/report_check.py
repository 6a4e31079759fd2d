"""Whether a signed report and the files it names are what they were."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from app.review.findings import finding
from app.review.listeners import told_tests
from app.review.listening import MadeWith
from app.review.signing import read_report
from engine.content import content_hash


class FileState(StrEnum):
    """What has become of a file."""

    SAME = "same"
    CHANGED = "changed"
    NOT_HERE = "not here"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that the report names.

    Attributes:
        role: What it was for.
        name: As the report says.
        sha256: Of what it was.
        state: What has become of it.
        found: What it is called here, if otherwise; empty else.
    """

    role: str
    name: str
    sha256: str
    state: FileState
    found: str = ""

    @property
    def line(self) -> str:
        """The same for people."""
        here = f", here {self.found}" if self.found else ""
        return f"{self.state:<9} {self.name} ({self.role}{here})"


@dataclass(frozen=True, slots=True)
class CheckedTest:
    """A blind test of the report.

    Attributes:
        title: What was compared, by whom.
        finished_at: When it ended.
        made_with: Whether it was made with the sounds that the report shows.
    """

    title: str
    finished_at: str
    made_with: MadeWith


_TESTS = {
    MadeWith.SHOWN: "of the sounds that the report shows",
    MadeWith.OTHER: "of other sounds: says nothing of what the report shows",
    MadeWith.UNKNOWN: "nobody knows of which restore",
}


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """A report that nobody has changed.

    Attributes:
        by: Who signed it, in their own words.
        at: When.
        key: The public key: whose it is, only its owner can tell.
        files: What it names.
        tests: Blind tests in it.
    """

    by: str
    at: str
    key: str
    files: tuple[CheckedFile, ...]
    tests: tuple[CheckedTest, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of files that are not what they were."""
        return tuple(file.name for file in self.files if file.state is FileState.CHANGED)

    def lines(self) -> list[str]:
        """The same for people."""
        by = f" by {self.by}" if self.by else ""
        top = f"The report is as it was signed{by} at {self.at} (key {self.key})."
        files = (file.line for file in self.files)
        tests = (f"test      {test.title} ({_TESTS[test.made_with]})" for test in self.tests)
        return [top, *files, *tests]


@dataclass(frozen=True, slots=True)
class _NamedFile:
    role: str
    name: str
    sha256: str
    num_bytes: int = -1


@dataclass(frozen=True, slots=True)
class _Facts:
    files: tuple[_NamedFile, ...]


def check_report(path: Path, folder: Path) -> CheckedReport:
    """Check a report, and the files of a folder against it.

    Raises:
        ReportError: It was changed, or is none, or holds impossible tests.
    """
    verified = read_report(path)
    statement = verified.statement
    named = msgspec.json.decode(verified.facts, type=_Facts).files
    hashes: dict[str, set[str]] = {}
    for file in named:
        hashes.setdefault(file.name, set()).add(file.sha256)
    files = tuple(_checked(file, folder, hashes[file.name]) for file in named)
    tests = tuple(
        CheckedTest(finding(each.session).title, each.session.finished_at, each.made_with)
        for each in told_tests(verified, path)
    )
    return CheckedReport(statement.by, statement.at, statement.key, files, tests)


def _checked(named: _NamedFile, folder: Path, hashes: set[str]) -> CheckedFile:
    """What has become of a file.

    Args:
        named: The file.
        folder: Where to look.
        hashes: Of all files of that name; in one folder all but one are called otherwise.
    """
    # The name alone: a report of somebody else's must not name files elsewhere.
    path = folder / Path(named.name).name
    here = content_hash(path) if path.is_file() else ""
    state, found = FileState.NOT_HERE, ""
    if here == named.sha256:
        state = FileState.SAME
    elif len(hashes) > 1 and (other := _file_of(named, folder)) is not None:
        state, found = FileState.SAME, other.name
    elif here and here not in hashes:
        state = FileState.CHANGED
    return CheckedFile(named.role, named.name, named.sha256, state, found)


def _file_of(named: _NamedFile, folder: Path) -> Path | None:
    """The file of a folder that has the content, whatever its name."""
    files = (path for path in sorted(folder.glob("*")) if path.is_file())
    fitting = (path for path in files if path.stat().st_size == named.num_bytes)
    return next((path for path in fitting if content_hash(path) == named.sha256), None)
