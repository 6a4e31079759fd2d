"""Brings the catalogues of translators up to date and compiles them: `make translations`.

For developers: Babel comes with their set-up alone.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from engine.translation import CATALOGUES, DOMAIN, ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[1]
TRANSLATED = [code for code in LANGUAGES if code != ENGLISH]
_ROOMS = ("app", "widgets", "engine")
_MARKS = {"tr": None, "ntr": (1, 2), "Remark": None, "Counted": (1, 2)}
_WIDTH = 100


def sources() -> Iterator[Path]:
    """The files that may hold words for the user."""
    return chain.from_iterable(sorted((ROOT / room).rglob("*.py")) for room in _ROOMS)


def collected() -> Catalog:
    """All texts that are marked, and in which files they stand; nothing is translated."""
    result = Catalog(domain=DOMAIN)
    for path in sources():
        with path.open("rb") as file:
            for line, text, comments, context in extract("python", file, _MARKS):
                place = (path.relative_to(ROOT).as_posix(), line)
                result.add(text, None, [place], (), comments, context=context)
    return result


def po_file(code: str) -> Path:
    """What a translator writes."""
    return CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(code: str) -> Catalog:
    """What the translator of a language has written; empty where nobody has begun."""
    path = po_file(code)
    if not path.exists():
        return Catalog(locale=code)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str, marked: Catalog) -> Catalog:
    """A language's catalogue with exactly the texts that are marked."""
    known = read(code)
    result = Catalog(
        locale=code,
        domain=DOMAIN,
        project="Reprise",
        version=version("reprise"),
        header_comment=f"# Reprise in {LANGUAGES[code]}.",
        creation_date=known.creation_date,
        revision_date=known.revision_date,
        fuzzy=False,
    )
    for message in marked:
        if message.id:
            found = known.get(message.id)
            result.add(message.id, found.string if found is not None else None, message.locations)
    return result


def is_translated(message: Message) -> bool:
    """Whether a translator has written all forms of a text."""
    return bool(message.string) and all(message.string or ())


def main() -> None:
    """Write the catalogues, and say how many texts wait for a translator."""
    marked = collected()
    for code in TRANSLATED:
        catalogue, path = updated(code, marked), po_file(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=_WIDTH, sort_by_file=True, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        waiting = sum(1 for each in catalogue if each.id and not is_translated(each))
        sys.stdout.write(f"{code}: {len(catalogue)} texts, {waiting} not translated\n")


if __name__ == "__main__":
    main()
