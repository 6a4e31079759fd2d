"""Which language the window speaks; settled before anything that holds words is loaded."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from app.paths import find_paths
from engine.translation import ENGLISH, LANGUAGES, VARIABLE, language, use_language


class _Wish(msgspec.Struct):
    """The one setting that is needed before all others."""

    language: str = ""


def settle_language() -> None:
    """Speak what the environment, the settings or the system want, in this order."""
    wishes = (os.environ.get(VARIABLE, ""), _wish_in(find_paths().settings_file))
    use_language(chosen([*wishes, *QLocale.system().uiLanguages()]))


def chosen(wishes: Sequence[str]) -> str:
    """Give the first language that there is: `de` for `de-AT` or `de_CH`; else English."""
    codes = (wish.replace("_", "-").partition("-")[0].lower() for wish in wishes)
    return next((code for code in codes if code in LANGUAGES), ENGLISH)


def translate_qt(app: QCoreApplication) -> None:
    """Have Qt say its own words in this language too: menus of fields, names of keys."""
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{language()}", folder):
        # Asked last, for whoever was installed last is asked first.
        app.installTranslator(_WithoutLetters(app))
        app.installTranslator(translator)


class _WithoutLetters(QTranslator):
    """Finds what Qt's translators have only without the letter for Alt: "Look in:" in Korean."""

    def translate(
        self, context: str, source_text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """The words for a text that no other translator has."""
        plain = source_text.replace("&", "")
        if plain == source_text:
            return source_text
        found = QCoreApplication.translate(context, plain, disambiguation, n)
        return found if found != plain else source_text


def _wish_in(settings_file: Path) -> str:
    """The setting; one that cannot be read is none here, and complained about later."""
    try:
        return msgspec.json.decode(settings_file.read_bytes(), type=_Wish).language
    except (OSError, msgspec.MsgspecError):
        return ""
