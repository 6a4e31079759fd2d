"""The catalogues: complete, with the same fields, compiled, and keys that can be told apart."""

import gettext
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from app.catalogues import TRANSLATED, collected, is_translated, po_file, read, updated
from widgets.actions import ACTIONS, Menu

Fields = set[tuple[str, str | None, str | None]]


@pytest.fixture(scope="module")
def marked() -> Catalog:
    return collected()


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read(request.param)


def texts(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def fields(text: str) -> Fields:
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None}


def test_everything_is_translated_and_nothing_else(catalogue: Catalog, marked: Catalog) -> None:
    assert {m.id for m in texts(catalogue)} == {m.id for m in texts(marked)}, "make translations"
    assert [message.id for message in texts(catalogue) if not is_translated(message)] == []
    assert not any(message.fuzzy for message in texts(catalogue))


def test_what_is_filled_in_is_the_same(catalogue: Catalog) -> None:
    for message in texts(catalogue):
        wanted = [fields(form) for form in forms(message.id)]
        # A single one need not be counted.
        assert all(fields(words) in wanted for words in forms(message.string)), message.id


def test_ends_are_the_same(catalogue: Catalog) -> None:
    # A dot, an ellipsis or a colon says what a text is: a sentence, a dialog, what comes next.
    for message in texts(catalogue):
        for english, words in zip(forms(message.id), forms(message.string), strict=False):
            assert words == words.strip() or english != english.strip(), english
            assert words.endswith("…") == english.endswith("…"), english
            assert words.endswith((".", "?")) == english.endswith((".", "?")), english


def test_plurals_have_as_many_forms_as_the_language(catalogue: Catalog) -> None:
    counted = [message for message in texts(catalogue) if isinstance(message.id, tuple)]
    assert counted
    assert all(len(forms(message.string)) == catalogue.num_plurals for message in counted)


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_is_compiled_agrees_with_what_was_written(code: str) -> None:
    with po_file(code).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in texts(read(code)):
        if isinstance(message.id, tuple):
            one, many = message.id
            found = [compiled.ngettext(one, many, count) for count in (1, 2)]
            assert set(found) == set(forms(message.string)), "make translations"
        else:
            assert compiled.gettext(str(message.id)) == message.string, "make translations"


def test_bringing_up_to_date_keeps_what_was_written(catalogue: Catalog, marked: Catalog) -> None:
    again = updated(str(catalogue.locale), marked)
    assert {m.id: m.string for m in texts(again)} == {m.id: m.string for m in texts(catalogue)}


def test_each_entry_of_a_menu_has_a_letter_of_its_own(catalogue: Catalog) -> None:
    def letter(text: str) -> str:
        words = str(catalogue[text].string)
        return words[words.index("&") + 1].upper() if "&" in words else ""

    menus = [letter(menu.value) for menu in Menu]
    assert len(set(menus)) == len(menus)
    for menu in Menu:
        found = [letter(spec.text) for spec in ACTIONS if spec.menu is menu and "&" in spec.text]
        assert all(found), menu
        assert len(set(found)) == len(found), (menu, sorted(found))
