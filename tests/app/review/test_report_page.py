"""A report's page: told in the language of the window, from facts that are the same in all."""

from dataclasses import replace
from pathlib import Path

from app.project import opened
from app.restore_edits import accept_restore
from app.review.facts import Facts, gather
from app.review.report_page import page
from engine import remarks
from engine.context import PlainContext
from engine.translation import ENGLISH, use_language
from tests.helpers.listening import abx_session
from tests.helpers.projects import blind_result, media_of


def facts_of(tmp_path: Path) -> Facts:
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"film")
    result = replace(blind_result(tmp_path, video), warnings=(remarks.UNCLEAR(),))
    project = replace(opened(media_of(result)), sessions=(abx_session(12),))
    return gather(accept_restore(result).apply(project), None, tmp_path, PlainContext())


def test_warnings_are_told_in_the_language_of_the_window_and_signed_in_english(
    german: None, tmp_path: Path
) -> None:
    facts = facts_of(tmp_path)
    assert facts.warnings == (remarks.UNCLEAR(),)
    assert "nicht klar, welche Musik zum Bild gehört" in page(facts, "Anna", {})
    use_language(ENGLISH)
    assert remarks.UNCLEAR() in page(facts, "Anna", {})


def test_what_was_compared_has_its_names_of_today(tmp_path: Path) -> None:
    assert "ABX: Original or Restored, Anna" in page(facts_of(tmp_path), "Anna", {})
