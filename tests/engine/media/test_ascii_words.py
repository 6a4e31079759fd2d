"""What formats without Unicode are told can still be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.media.ascii_words import in_ascii


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Für Élise", "Fur Elise"),
        ("u\u0308ber", "uber"),
        ("Straße, Łódź, Ærø, đ, \u0131, œuvre", "Strasse, Lodz, AEro, d, i, oeuvre"),
        ("Þórður", "Thordur"),
        ("\u201cone\u201d \u2013 \u2018two\u2019…", "\"one\" - 'two'..."),
        ("여름 노래", "yeoreum norae"),
        ("\u1112\u1161\u11ab", "han"),
        ("№ 2²\u00a0½", "No 22 1/2"),
        ("音楽", "??"),
        ("x\u0489", "x?"),
    ],
)
def test_letters_are_kept_as_near_as_can_be(text: str, plain: str) -> None:
    assert in_ascii(text) == plain


@given(st.text())
def test_nothing_else_is_left(text: str) -> None:
    assert in_ascii(text).isascii()


@given(st.text(st.characters(codec="ascii")))
def test_what_was_ascii_stays(text: str) -> None:
    assert in_ascii(text) == text
