"""A blind test says which sounds it was made with: a restore may be another one by then."""

import json
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from app.cli.run import DONE, run_command
from app.project_io import read_project
from app.restore_edits import take_out
from app.review.edits import add_session
from app.review.findings import MADE_WITH
from app.review.listeners import read_listeners
from app.review.listening import MadeWith
from app.review.pooling import pool, pooled_finding
from engine.types import StemName
from tests.app.controllers.test_blind_test import ABX, answer, begin, kept
from tests.helpers.editor import WAIT_MS, Editor
from tests.helpers.listening import abx_session

SHOWN, OTHER, UNKNOWN = (MADE_WITH[each] for each in MadeWith)


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))


@pytest.fixture
def tried(review: Editor) -> Editor:
    """A restored film that was listened to, of which another restore can be had."""
    hear_the_difference(review)
    return review


def hear_the_difference(editor: Editor) -> None:
    plan = begin(editor)
    for number in range(plan.num_trials):
        plays = plan.plays(number)
        answer(editor, plays.index(plays[2]))


def restore_otherwise(editor: Editor) -> None:
    """Have another restored sound, of which nothing was listened to."""
    editor.app.document.do(take_out(0.5))
    editor.settle()
    editor.qtbot.waitUntil(lambda: editor.app.compare.view().is_measured, timeout=WAIT_MS)


def results(editor: Editor) -> str:
    labels = editor.app.window.review_panel.findings_card.findChildren(QLabel)
    return "\n".join(each.text() for each in labels)


def signed(editor: Editor, folder: Path, name: str = "film.report.html") -> str:
    """Sign, and give what the report says."""
    editor.answers.report = folder / name
    editor.app.window.review_panel.report_card.report_requested.emit("Anna")
    editor.settle()
    return re.sub(r"<[^>]+>", " ", editor.answers.report.read_text("utf-8"))


def test_results_and_report_do_not_tie_a_test_to_another_restore(
    tried: Editor, tmp_path: Path
) -> None:
    assert SHOWN in results(tried)
    own = signed(tried, tmp_path)
    assert "Blind tests of other sounds" not in own
    assert SHOWN in own
    restore_otherwise(tried)
    assert OTHER in results(tried)
    assert SHOWN not in results(tried)
    other = signed(tried, tmp_path)
    apart = other.index("Blind tests of other sounds")
    assert apart < other.index("they say nothing of what it shows") < other.index(OTHER)
    assert other.index(OTHER) < other.index("The difference was heard.")
    tried.app.document.undo()
    assert SHOWN in results(tried)
    tried.app.document.do(add_session(abx_session(12)))
    assert UNKNOWN in results(tried)
    assert UNKNOWN in signed(tried, tmp_path)


def test_the_command_line_says_so_and_does_not_count_it(
    tried: Editor, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    signed(tried, tmp_path, "own.html")
    restore_otherwise(tried)
    signed(tried, tmp_path, "other.html")
    assert run_command("evaluate", ["report", str(tmp_path / "own.html"), "--json"]) == DONE
    (test,) = json.loads(capfd.readouterr().out)["tests"]
    assert (test["title"], test["made_with"]) == ("ABX: Original or Restored, Anna", "shown")
    assert run_command("evaluate", ["report", str(tmp_path / "other.html")]) == DONE
    assert re.search(r"^test .*of other sounds: says nothing", capfd.readouterr().out, re.MULTILINE)
    assert run_command("evaluate", ["listening", str(tmp_path / "other.html")]) == DONE
    said = capfd.readouterr().out
    assert "There is nothing that counts." in said
    assert "Not counted: 1 test of sounds that are not shown" in said
    # Beside the report that it was made for, it counts.
    both = [str(tmp_path / name) for name in ("other.html", "own.html")]
    assert run_command("evaluate", ["listening", *both]) == DONE
    said = capfd.readouterr().out
    assert "1 test, 6 answers." in said
    assert "Not counted" not in said
    # What was heard of both is in two tables.
    hear_the_difference(tried)
    signed(tried, tmp_path, "other.html")
    read = [read_listeners(Path(path)) for path in both]
    tables = pool(test for file in read for test in file.tests)
    assert [(each.restore, each.tests, each.answers) for each in tables] == [(1, 1, 6), (2, 1, 6)]
    assert pooled_finding(tables[1]).title.endswith("; restore 2 of the same film")


def test_a_project_keeps_it(tried: Editor, tmp_path: Path) -> None:
    tried.answers.project = tmp_path / "kept.reprise"
    for made_with in (MadeWith.SHOWN, MadeWith.OTHER):
        tried.app.window.save_requested.emit()
        tried.settle()
        assert read_project(tried.answers.project).sessions == (kept(tried),)
        (test,) = read_listeners(tried.answers.project).tests
        assert test.made_with is made_with
        restore_otherwise(tried)
    tried.open(tried.answers.project)
    assert OTHER in results(tried)


def test_tests_of_others_are_of_the_restore_that_is_shown_or_do_not_count(
    tried: Editor, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.html"
    signed(tried, tmp_path, theirs.name)
    tried.app.window.review_panel.findings_card.forget_requested.emit(0)
    tried.answers.listeners = (theirs,)
    tried.app.window.review_panel.listeners_card.add_requested.emit()
    tried.settle()

    def told() -> str:
        labels = tried.app.window.review_panel.listeners_card.findChildren(QLabel)
        return "\n".join(each.text() for each in labels)

    assert "1 test, 6 answers." in told()
    assert "1 test, 6 answers." in signed(tried, tmp_path)
    restore_otherwise(tried)
    assert "There is nothing that counts." in told()
    assert "There is nothing that counts." in signed(tried, tmp_path)


def test_it_is_the_sound_that_counts_not_what_it_is_called_then(review: Editor) -> None:
    """What was the original music is what is taken out after a swap: the test was of another."""
    wanted = (StemName.MIX, StemName.OST)
    plan = begin(review, type(ABX)(ABX.question, wanted, 1, ""))
    answer(review, 0)
    assert plan.compared[1].sound
    review.app.window.restore_panel.swap_requested.emit()
    review.settle()
    assert OTHER in results(review)
