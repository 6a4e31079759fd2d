"""Remarks: the same English sentence in every language, and read in the one that is spoken."""

from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import remarks
from engine.decision import doubt, fate
from engine.remarks import Counted, Remark, all_in_words, in_words
from engine.translation import ENGLISH, use_language
from engine.types import Decision, Verdict

ALL = {name: each for name, each in vars(remarks).items() if isinstance(each, Remark)}
pytestmark = pytest.mark.usefixtures("german")

NAMES = st.text(min_size=1).filter(str.strip)


def gaps(remark: Remark) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(remark.form) if name is not None}


def test_they_are_kept_in_english_and_shown_in_the_language_that_is_spoken() -> None:
    kept = remarks.NOT_FOUND(track="Lied.mp3")
    assert kept == "Lied.mp3 was not found"
    assert in_words(kept) == "Lied.mp3 wurde nicht gefunden"
    use_language("ko")
    assert in_words(kept) == "Lied.mp3을(를) 찾지 못했습니다"
    use_language(ENGLISH)
    assert in_words(kept) == kept


@pytest.mark.parametrize("count", [1, 2, 30])
def test_what_is_counted_has_its_own_plural(count: int) -> None:
    packets = "beschädigtes Paket wurde" if count == 1 else "beschädigte Pakete wurden"
    words = in_words(remarks.PACKETS_SKIPPED(count=count))
    assert words == f"{count} {packets} übersprungen"


def test_the_plural_of_one_in_older_projects_is_read_too() -> None:
    assert in_words("1 damaged packets were skipped") == "1 beschädigtes Paket wurde übersprungen"


def test_remarks_within_remarks_are_read_too() -> None:
    unsure = Decision("first", Verdict.BOTH, 0.5)
    assert in_words(doubt(unsure)) == (
        "beide Musiken passen zum Bild, daher wurde keine herausgenommen: beide anhören und wählen"
    )
    outcome = remarks.BLIND_THERE_WITH(fate=fate(Decision("second", Verdict.SECOND, 0.97)))
    words = in_words(remarks.CHANGED_MUCH(where="3 - 5 s, 9 - 12 s", outcome=outcome))
    assert words == (
        "ein Titel wurde um mehr als Pegel und Filter verändert, bei 3 - 5 s, 9 - 12 s; es wurde "
        "blind getrennt: dort wurde die zweite von zwei Musiken behalten (zu 97% sicher)"
    )


def test_the_most_telling_pattern_is_taken() -> None:
    assert "daher drin" in in_words(remarks.OWN_SOUND_LEFT_IN(track="a.wav"))
    assert "daher drin" not in in_words(remarks.OWN_SOUND(track="a.wav"))


@given(st.text())
def test_what_is_no_remark_stays_as_it_is(text: str) -> None:
    if all(each.read(text) is None for each in ALL.values()):
        assert in_words(text) == text


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=10)
@given(data=st.data())
def test_what_was_filled_in_is_found_again(name: str, data: st.DataObject) -> None:
    remark = ALL[name]
    numbers = {"count", "more", "number", "threads"}
    fields = {
        gap: data.draw(st.integers(0, 10**6) if gap in numbers else NAMES) for gap in gaps(remark)
    }
    kept = remark(**fields)
    found = remark.read(kept)
    assert found is not None
    # Names may hold what stands around them, so the parts may differ, but never the whole.
    again = {gap: int(text) if gap in numbers else text for gap, text in found.items()}
    assert remark(**again) == kept
    assert in_words(kept)


def test_gaps_hold_words_that_are_ready() -> None:
    # What a pattern finds again is text: nothing in it can be rounded once more.
    for remark in ALL.values():
        parts = Formatter().parse(remark.form)
        assert all(not spec and not how for _, _, spec, how in parts), remark.form
        assert isinstance(remark, Counted) == ("count" in gaps(remark))


def test_the_paths_of_a_user_are_no_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "a (b) [c] *.{x}"
    kept = remarks.FOLDER_MISSING(folder=folder)
    assert all_in_words((kept,)) == (f"Der Bibliotheksordner {folder} ist nicht da.",)


@pytest.mark.parametrize("part", ["; a has b but would take c", ": listen to both and choose"])
def test_what_no_remark_can_be_is_left_as_it_is(part: str) -> None:
    """It comes from a project, which may be anybody's: looking into it would take minutes."""
    endless = "x" + part * 2000
    assert in_words(endless) == endless
    nested = "a"
    for _ in range(20):
        nested = remarks.NOT_FOUND(track=nested)
    assert in_words(nested).count("nicht gefunden") == remarks.MOST_WITHIN
