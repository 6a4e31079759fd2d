"""Words in ASCII, for formats that can hold nothing else: as near as they can be read."""

import re
import unicodedata

_LATIN = re.compile(r"LATIN (?:SMALL|CAPITAL) (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2})\b")
_HANGUL = re.compile(r"HANGUL SYLLABLE ([A-Z]+)")
_OTHERS = {
    "ß": "ss",
    "ẞ": "SS",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
}


def in_ascii(text: str) -> str:
    """Latin letters without their marks, Hangul as it is spelled; a `?` for what is neither."""
    # Composed first, so that Hangul is found by syllables.
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _OTHERS:
        return _OTHERS[letter]
    name = unicodedata.name(letter, "")
    syllable = _HANGUL.fullmatch(name)
    if syllable is not None:
        return syllable[1].lower()
    apart = unicodedata.normalize("NFKD", letter).replace("\u2044", "/")
    plain = apart.encode("ascii", "ignore").decode()
    if plain:
        return plain
    if unicodedata.category(letter) == "Pd":
        return "-"
    found = _LATIN.match(name)
    if found is not None:
        return found[1] if letter.isupper() else found[1].lower()
    # A mark that stands alone belongs to the letter before it.
    return "" if unicodedata.combining(letter) else "?"
