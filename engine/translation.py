"""Words that people read, in their language; no Qt, so that messages of the engine have them too.

The language is settled once, before the modules that hold words are loaded: their tables are right
from the start, and nothing on the screen has to be written anew. Without that everything stays
English: the command line, and whatever is read by programs. Errors are in the logs as they were
said, with their codes.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import resources

CATALOGUES = Path(resources.__file__).parent / "translations"
DOMAIN = "reprise"
ENGLISH = "en"
VARIABLE = "REPRISE_LANGUAGE"
"""Of the environment: the language of this start, whatever the settings say."""
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "ko": "한국어"}
"""The languages there are, by code; each named in itself, so whoever needs it can read it."""


class _Current:
    """The language that is spoken now."""

    code = ENGLISH
    words = gettext.NullTranslations()


_ENGLISH_WORDS = gettext.NullTranslations()
_is_kept: ContextVar[bool] = ContextVar("is_kept", default=False)


def use_language(code: str) -> None:
    """Speak a language from now on; one that is not there means English."""
    _Current.code = code if code in LANGUAGES else ENGLISH
    _Current.words = gettext.translation(DOMAIN, CATALOGUES, [_Current.code], fallback=True)


def language() -> str:
    """Code of the language that is spoken."""
    return ENGLISH if _is_kept.get() else _Current.code


@contextmanager
def in_english() -> Iterator[None]:
    """Speak English inside the block, in this thread alone: what is said there will be kept."""
    token = _is_kept.set(True)
    try:
        yield
    finally:
        _is_kept.reset(token)


def _words() -> gettext.NullTranslations:
    return _ENGLISH_WORDS if _is_kept.get() else _Current.words


def tr(text: str, **fields: object) -> str:
    """Translate a text; what varies in it are named fields, as in `str.format`."""
    words = _words().gettext(text)
    return words.format(**fields) if fields else words


def ntr(singular: str, plural: str, count: int, **fields: object) -> str:
    """Translate what depends on a number, which stands in the text as the field `count`."""
    return _words().ngettext(singular, plural, count).format(count=count, **fields)


def in_sentence(name: str) -> str:
    """Give a name as it stands within a sentence: small in English, as it is elsewhere."""
    return name.lower() if language() == ENGLISH else name
