"""Other listeners' reports are put into one table with the project's own tests."""

from pathlib import Path

from app.review.edits import add_session
from tests.app.review.test_listeners import report
from tests.helpers.editor import Editor
from tests.helpers.listening import abx_session
from widgets.review_cards import ListenersCard
from widgets.styling import label


def words(card: ListenersCard) -> str:
    return "\n".join(each.text() for each in card.findChildren(type(label())))


def add(editor: Editor, *paths: Path) -> None:
    editor.answers.listeners = paths
    editor.app.window.review_panel.listeners_card.add_requested.emit()
    editor.settle()


def test_reports_are_counted_with_the_projects_own_tests(review: Editor, tmp_path: Path) -> None:
    card = review.app.window.review_panel.listeners_card
    own = abx_session(12)
    review.app.document.do(add_session(own))
    assert "right" not in words(card)
    # The first one is the project's own report.
    add(review, report(tmp_path / "a.html", own), report(tmp_path / "b.html", abx_session(15)))
    assert "1 listener, 2 films, 2 tests, 32 answers." in words(card)
    review.app.document.undo()
    assert "2 tests, 32 answers." in words(card)
    card.clear_requested.emit()
    assert "right" not in words(card)


def test_what_was_forged_or_holds_nothing_is_told(review: Editor, tmp_path: Path) -> None:
    forged = report(tmp_path / "a.html", abx_session(15))
    forged.write_bytes(forged.read_bytes()[:-10])
    add(review, forged)
    assert "a.html: no signature was found" in review.messages[-1].text
    add(review, report(tmp_path / "b.html"))
    assert "no listening tests in b.html" in review.messages[-1].text
    assert "answers" not in words(review.app.window.review_panel.listeners_card)
