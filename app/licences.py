"""What is inside the program and under which licences, as the installed packages say themselves."""

import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from engine.context import RunContext
from engine.translation import tr

PROGRAM = "reprise"
UNKNOWN = tr("not stated; see its licence file")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SEPARATORS = re.compile(r"[-_.]+")
# Libraries under the GPL that come within a wheel whose own licence is another one.
_GPL_LIBRARY = re.compile(r"\blibx26[45]\b")
_MAX_LICENCE_CHARS = 60
_HOMES = ("source", "source code", "repository", "homepage", "home", "github")


@dataclass(frozen=True, slots=True)
class Part:
    """A package that is installed with the program.

    Attributes:
        name: What it is called.
        version: Which one.
        licence: Its name, or names.
        home: Address that it comes from; may be empty.
        gpl_libraries: Names of libraries inside that are under the GPL.
    """

    name: str
    version: str
    licence: str
    home: str
    gpl_libraries: tuple[str, ...] = ()


def installed_parts(context: RunContext) -> tuple[Part, ...]:
    """Everything that the program needs to run and that is here, by name; reads many files.

    Raises:
        CancelledError: The context was cancelled.
    """
    found: dict[str, Distribution] = {}
    waiting = [PROGRAM]
    while waiting:
        context.raise_if_cancelled()
        name = waiting.pop()
        key = _SEPARATORS.sub("-", name).lower()
        if key in found:
            continue
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            # Needed on another system only.
            continue
        waiting += _needed(found[key])
    del found[PROGRAM]
    parts = []
    for key in sorted(found):
        context.raise_if_cancelled()
        parts.append(_part(found[key]))
    return tuple(parts)


def notes(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Sentences about licences that ask more than to be named of whoever passes the program on."""
    return tuple(
        tr(
            "The package {package} holds FFmpeg with {parts}, under the GNU General Public "
            "License (GPL), version 2 or later: together with them the program may be passed "
            "on only as that licence says. Their source: {home}.",
            package=part.name,
            parts=tr(" and ").join(part.gpl_libraries),
            home=part.home or tr("ask its makers"),
        )
        for part in parts
        if part.gpl_libraries
    )


def source_folder() -> Path:
    """Where the source of the program lies: it runs from it."""
    return Path(__file__).resolve().parents[1]


def _needed(package: Distribution) -> list[str]:
    requirements = [text for text in package.requires or [] if "extra ==" not in text]
    return [found.group() for text in requirements if (found := _NAME.match(text))]


def _part(package: Distribution) -> Part:
    # The list of files as text: making a path of each takes seconds.
    libraries = set(_GPL_LIBRARY.findall(package.read_text("RECORD") or ""))
    return Part(
        package.metadata["Name"],
        package.version,
        _licence(package),
        _home(package),
        tuple(sorted(libraries)),
    )


def _licence(package: Distribution) -> str:
    """The best that the package says: an expression, a short field, a class, its file's title."""
    classes = [text.split("::")[-1].strip() for text in _all(package, "Classifier", "License ::")]
    fields = [*_all(package, "License-Expression"), *_all(package, "License")]
    for candidate in (*fields, ", ".join(classes), _title(package)):
        text = candidate.strip()
        if text and "\n" not in text and len(text) <= _MAX_LICENCE_CHARS and text != "UNKNOWN":
            return text
    return UNKNOWN


def _title(package: Distribution) -> str:
    """The first line of the licence file."""
    for name in _all(package, "License-File"):
        text = package.read_text(f"licenses/{name}") or package.read_text(name) or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            return lines[0]
    return ""


def _home(package: Distribution) -> str:
    links = {}
    for link in _all(package, "Project-URL"):
        kind, _, address = link.partition(",")
        links[kind.strip().lower()] = address.strip()
    named = next((links[kind] for kind in _HOMES if kind in links), "")
    return named or next(iter(_all(package, "Home-page")), "")


def _all(package: Distribution, field: str, start: str = "") -> list[str]:
    return [text for text in package.metadata.get_all(field) or [] if text.startswith(start)]
