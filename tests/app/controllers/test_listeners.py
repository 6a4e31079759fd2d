"""Other listeners' reports are put into one table with the project's own tests."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from app.cli.report_check import check_report
from app.review.edits import add_session
from app.review.listeners import read_listeners
from tests.app.review.test_listeners import report
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.listening import abx_session
from tests.helpers.restore_workload import make_tone_film
from tests.widgets.samples import child
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
    add(review, report(tmp_path / "a.html", own))
    add(review, report(tmp_path / "b.html", abx_session(15)))
    assert "1 listener, 2 films, 2 tests, 32 answers." in words(card)
    review.app.document.undo()
    assert "1 test, 16 answers." in words(card)
    review.app.document.redo()
    card.clear_requested.emit()
    assert "right" not in words(card)
    review.app.document.undo()
    assert "2 tests, 32 answers." in words(card)
    assert review.app.document.undo_name == "Add the tests in b.html"


def test_a_project_keeps_them_and_verifies_them_when_it_is_opened(
    review: Editor, tmp_path: Path
) -> None:
    card = review.app.window.review_panel.listeners_card
    forget = child(card, QPushButton, "Forget other listeners' reports")
    files = [report(tmp_path / f"{name}.html", abx_session(15), by=name) for name in "ab"]
    add(review, files[0])
    add(review, report(tmp_path / "b.html", abx_session(14), by="b"))
    kept = review.answers.project = tmp_path / "kept.reprise"
    review.app.window.save_requested.emit()
    review.settle()
    files[1].write_bytes(files[1].read_bytes()[:-10])
    review.open(make_tone_film(tmp_path / "other.mkv", 0.5, RATE_HZ))
    assert "answers" not in words(card)
    review.open(kept)
    review.settle()
    assert review.app.document.project.listener_files == tuple(files)
    assert "1 listener, 1 film, 1 test, 16 answers." in words(card)
    assert "b.html: the report was changed after it was signed" in review.messages[-1].text
    assert not review.app.document.is_edited
    assert forget.isVisibleTo(card)
    card.clear_requested.emit()
    assert review.app.document.project.listener_files == ()
    assert not forget.isVisibleTo(card)


def test_a_signed_report_says_whose_tests_it_pools(
    review: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    review.app.document.do(add_session(abx_session(12)))
    theirs = report(tmp_path / "b.html", abx_session(15), by="<Ben>")
    add(review, theirs)
    review.answers.report = tmp_path / "film.report.html"
    review.app.window.review_panel.report_card.report_requested.emit("Anna")
    review.settle()
    page = review.answers.report.read_text("utf-8")
    assert "1 listener, 2 films, 2 tests, 32 answers." in page
    row = "<td>right</td><td>27 of 32</td><td>84.4 %</td><td>67.2 to 94.7 %</td><td>1 of 1</td>"
    assert row in page
    assert re.search(r"<li>b\.html, signed by &lt;Ben&gt;, key [0-9a-f]{64}</li>", page)
    checked = {file.name: file for file in check_report(review.answers.report, tmp_path).files}
    assert checked["b.html"].state == "same"
    # What was pooled is no test of this project.
    assert len(read_listeners(review.answers.report).tests) == 1
    theirs.write_bytes(theirs.read_bytes()[:-10])
    before = review.answers.report.read_bytes()
    review.app.window.review_panel.report_card.report_requested.emit("Anna")
    review.settle()
    assert "b.html: the report was changed after it was signed" in review.messages[-1].text
    assert review.answers.report.read_bytes() == before


def test_what_was_forged_or_holds_nothing_is_told(review: Editor, tmp_path: Path) -> None:
    forged = report(tmp_path / "a.html", abx_session(15))
    forged.write_bytes(forged.read_bytes()[:-10])
    add(review, forged)
    assert "a.html: the report was changed after it was signed" in review.messages[-1].text
    add(review, report(tmp_path / "b.html"))
    assert "no listening tests in b.html" in review.messages[-1].text
    assert "answers" not in words(review.app.window.review_panel.listeners_card)


def test_who_gave_no_name_is_the_signer_on_the_card_and_in_the_report(
    review: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    card = review.app.window.review_panel.listeners_card
    unnamed = abx_session(12)
    review.app.document.do(add_session(replace(unnamed, plan=replace(unnamed.plan, listener=""))))
    add(review, report(tmp_path / "b.html", abx_session(15)))
    assert "2 listeners, 2 films" in words(card)
    review.app.window.review_panel.report_card.show_signer("Anna")
    assert "1 listener, 2 films" in words(card)
    review.answers.report = tmp_path / "film.report.html"
    child(review.app.window, QPushButton, "Sign and save the report").click()
    review.settle()
    assert "1 listener, 2 films" in review.answers.report.read_text("utf-8")
