"""Listening tests out of files: signed reports, and projects."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from app.project import Media, Project
from app.project_io import SUFFIX, SavedProject, read_project
from app.review.edits import MAX_SESSIONS
from app.review.listening import Session
from app.review.pooling import HeardTest
from app.review.signing import ReportError, Verified, read_report
from app.review.versions import sound_keys
from app.stem_names import VERSION_NAMES
from engine.translation import tr
from engine.types import AudioRef, StemName

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
class _Shown:
    version: str
    sound: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    files: tuple[_Named, ...]
    sessions: tuple[Session, ...]
    levels: tuple[_Shown, ...] = ()

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
        tests = heard_tests(saved.sessions, saved.video.name, "", _sounds(saved))
        return ListenersFile(path, "", "", tests)
    try:
        verified = read_report(path)
    except ReportError as error:
        raise ReportError(_about(path, error.message), error.hint) from error
    statement = verified.statement
    return ListenersFile(path, statement.by, statement.key, told_tests(verified, path))


def told_tests(verified: Verified, path: Path) -> tuple[HeardTest, ...]:
    """The tests of a report that is as it was signed.

    Raises:
        ReportError: They are impossible.
    """
    try:
        facts = msgspec.json.decode(verified.facts, type=_Facts)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ReportError(
            tr("{file} holds listening tests that are impossible", file=path.name),
            tr("leave it out"),
        ) from error
    statement = verified.statement
    film = next((file.name for file in facts.files if file.role == "video"), "")
    by = statement.by or tr("key {key}", key=statement.short_key)
    sounds = {level.version: level.sound for level in facts.levels}
    return heard_tests(facts.sessions, film, by, sounds)


def heard_tests(
    sessions: Iterable[Session], film: str, by: str, sounds: Mapping[str, str]
) -> tuple[HeardTest, ...]:
    """Tests with what they were about.

    Args:
        sessions: The tests.
        film: Name of the video.
        by: Who signs for those without a listener's name.
        sounds: What the report or the project shows, by version_id.
    """
    mix = sounds.get(StemName.MIX, "")
    return tuple(
        HeardTest(
            each, film[:_MAX_NAME], each.plan.listener or by, mix, each.plan.made_with(sounds)
        )
        for each in sessions
    )


def own_tests(project: Project, signer: str) -> tuple[HeardTest, ...]:
    """The tests that a project itself keeps, as a report signed by somebody has them."""
    film = project.media.path.name if project.media is not None else ""
    return heard_tests(project.sessions, film, signer, sound_keys(project))


def beside(files: Iterable[ListenersFile], sounds: Mapping[str, str]) -> Iterator[HeardTest]:
    """The tests of others; those of the same film have to be of the sounds that are shown.

    Args:
        files: Where they are.
        sounds: What is shown beside them, by version_id.
    """
    for test in (test for file in files for test in file.tests):
        is_same_film = bool(test.mix) and test.mix == sounds.get(StemName.MIX)
        found = test.session.plan.made_with(sounds) if is_same_film else test.made_with
        yield replace(test, made_with=found)


def _sounds(saved: SavedProject) -> dict[str, str]:
    """What a project shows, without reading its video."""
    known = saved.restore.result.stems[StemName.MIX] if saved.restore is not None else None
    rate_hz, channels = (known.sample_rate_hz, known.channels) if known is not None else (1, 1)
    media = Media(saved.video, AudioRef(saved.mix_key, 1, channels, rate_hz))
    shown = sound_keys(saved.project(media, saved.restore, None))
    compared = (each for session in saved.sessions for each in session.plan.compared)
    # How other files sounded is not in a project: what was compared with them stands as it is.
    others = {each.sound: each.sound for each in compared if each.version_id not in VERSION_NAMES}
    return {**others, **shown}


def _about(path: Path, words: str) -> str:
    return words if path.name in words else f"{path.name}: {words}"
