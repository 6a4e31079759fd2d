"""Words in another language: found, filled, counted, and English wherever there is none."""

from collections.abc import Iterator
from threading import Thread

import pytest

from engine.errors import LibraryError
from engine.translation import ENGLISH, in_english, in_sentence, language, ntr, tr, use_language


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    use_language(ENGLISH)


def test_without_a_choice_everything_is_english() -> None:
    assert language() == ENGLISH
    assert tr("Keep {stem}", stem="Speech") == "Keep Speech"
    assert ntr("{count} file", "{count} files", 1) == "1 file"
    assert ntr("{count} file", "{count} files", 2) == "2 files"


def test_german_is_spoken_from_the_choice_on() -> None:
    use_language("de")
    assert language() == "de"
    assert tr("Settings") == "Einstellungen"
    assert tr("Keep {stem}", stem="Sprache") == "Sprache behalten"
    assert ntr("{count} file", "{count} files", 1) == "1 Datei"
    assert ntr("{count} file", "{count} files", 3) == "3 Dateien"


def test_korean_has_one_form_for_every_number() -> None:
    use_language("ko")
    assert tr("Settings") == "설정"
    assert ntr("{count} file", "{count} files", 1) == "파일 1개"
    assert ntr("{count} file", "{count} files", 3) == "파일 3개"


def test_a_text_that_nobody_translated_stays_as_it_is() -> None:
    use_language("de")
    # In a variable, so that nobody collects it.
    unknown = "Nobody has seen {this} yet"
    assert tr(unknown, this="text") == "Nobody has seen text yet"


@pytest.mark.parametrize("code", ["", "fr", "../de", "de_DE", "DE"])
def test_a_language_that_is_not_there_is_english(code: str) -> None:
    use_language(code)
    assert language() == ENGLISH
    assert tr("Settings") == "Settings"


def test_what_is_filled_in_may_hold_braces() -> None:
    assert tr("Open {file}", file="a{0}{b}.mp4") == "Open a{0}{b}.mp4"


def test_names_are_small_within_an_english_sentence_only() -> None:
    assert in_sentence("Added music") == "added music"
    use_language("de")
    assert in_sentence("Hinzugefügte Musik") == "Hinzugefügte Musik"


def test_what_will_be_kept_is_said_in_english_in_this_thread_alone() -> None:
    use_language("de")
    heard: list[str] = []
    with in_english():
        other = Thread(target=lambda: heard.append(tr("Settings")))
        other.start()
        other.join()
        assert (language(), tr("Settings")) == (ENGLISH, "Settings")
        assert ntr("{count} file", "{count} files", 3) == "3 files"
    assert heard == ["Einstellungen"]
    assert tr("Settings") == "Einstellungen"


def test_an_error_ends_it() -> None:
    use_language("de")
    with pytest.raises(LibraryError, match="x belongs to another program"), in_english():
        raise LibraryError(tr("{path} belongs to another program", path="x"))
    assert language() == "de"
