"""The restores of a project can be told apart, read, and brought back."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.controllers.history import made_words
from app.lane_edits import choose_track
from app.project import Attempt
from app.restore_words import way_words
from engine.translation import ENGLISH, use_language
from engine.types import BgmMatch, Quality, Region
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.projects import blind_result, known_result
from tests.helpers.restore_workload import make_tone_film
from widgets.queue_view import QueueRow, RowKind
from widgets.wording import QUALITY_NAMES


@pytest.fixture
def tried(editor: Editor, film: Path, tmp_path: Path) -> Editor:
    """An editor in which a film was restored blind, then by a known track."""
    editor.open(film)
    editor.restore()
    song = tmp_path / "song.mp3"
    song.write_bytes(b"")
    editor.app.document.do(choose_track(song))
    editor.app.window.restore_panel.restore_known_requested.emit()
    editor.settle()
    return editor


def rows(editor: Editor) -> list[QueueRow]:
    shown = editor.app.window.restore_panel.history_card._list
    return [shown.item(index).data(0x100) for index in range(shown.count())]


def kinds(editor: Editor) -> list[RowKind]:
    return [row.kind for row in rows(editor)]


def bring_back(editor: Editor, index: int) -> None:
    row = rows(editor)[index]
    editor.app.window.restore_panel.history_card.bring_back_requested.emit(row.file_id)
    editor.settle()


def test_one_restore_is_no_history(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.restore()
    assert rows(editor) == []


def test_what_was_tried_is_told_apart(tried: Editor) -> None:
    assert [row.name.partition(" · ")[2] for row in rows(tried)] == [
        "without song.mp3",
        "blind, standard",
    ]
    assert kinds(tried) == [RowKind.DONE, RowKind.WAITING]
    assert [row.words.startswith("Chosen now.") for row in rows(tried)] == [True, False]


def test_an_earlier_one_is_brought_back_by_an_edit(tried: Editor) -> None:
    bring_back(tried, 1)
    assert tried.heard_lanes() == ["dialogue", "effects", "ost"]
    assert kinds(tried) == [RowKind.WAITING, RowKind.DONE]
    assert tried.app.document.undo_name == "Bring a restore back"
    tried.app.window.undo_requested.emit()
    assert tried.heard_lanes() == ["restored"]
    assert kinds(tried) == [RowKind.DONE, RowKind.WAITING]


def test_sounds_that_have_gone_are_made_again(tried: Editor, tmp_path: Path) -> None:
    project = tried.app.document.project
    assert project.restore is not None
    still_heard = {ref.key for ref in project.restore.result.stems.values()}
    for file in (tmp_path / "cache").glob("tones-*.f32"):
        if file.stem not in still_heard:
            file.unlink()
    # What is set now does not count: it is to be the same restore.
    tried.app.window.restore_panel.quality_changed.emit(Quality.DRAFT.value)
    bring_back(tried, 1)
    assert tried.heard_lanes() == ["dialogue", "effects", "ost"]
    assert [row.name.partition(" · ")[2] for row in rows(tried)] == [
        "blind, standard",
        "without song.mp3",
    ]


def test_what_kept_only_the_speech_keeps_only_it_when_it_is_made_again(
    editor: Editor, tmp_path: Path
) -> None:
    film = make_tone_film(tmp_path / "undivided.mkv", 1.0, RATE_HZ)
    editor.open(film)
    editor.keep_only_speech(film)
    only_speech = editor.app.document.project.restore
    editor.restore()
    assert "rest" in editor.heard_lanes()
    for file in (tmp_path / "cache").glob("tones-*"):
        file.unlink()
    bring_back(editor, 1)
    restore = editor.app.document.project.restore
    assert restore is not None
    assert only_speech is not None
    assert restore.result == only_speech.result


def test_a_log_of_each_can_be_read(tried: Editor) -> None:
    number = rows(tried)[1].file_id
    tried.app.window.restore_panel.history_card.log_requested.emit(number)
    assert "Separating speech and music by tones: 0.5 s" in tried.answers.texts[0]
    tried.app.window.restore_panel.history_card.log_requested.emit(99)
    assert len(tried.answers.texts) == 1


def test_another_film_has_its_own_history(tried: Editor, film: Path, tmp_path: Path) -> None:
    tried.app.document.keep()
    other = tmp_path / "other.mkv"
    other.write_bytes(film.read_bytes())
    tried.open(other)
    assert rows(tried) == []


def test_ways_are_named_in_a_few_words(tmp_path: Path) -> None:
    match = BgmMatch(tmp_path / "a.mp3", 0.0, 0.0, 1.0, 0.0, 1.0, 0.9)
    known = replace(known_result(tmp_path), bgm=(match, match))
    assert way_words(known, Quality.DRAFT) == "without a.mp3"
    blind = replace(blind_result(tmp_path), region=Region(0.0, 1.0))
    assert way_words(blind, Quality.BEST) == "preview of 0:00.0 to 0:01.0, blind, best"


def test_the_quality_is_named_in_the_language_of_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(QUALITY_NAMES, Quality.DRAFT, "초안")
    use_language("ko")
    try:
        assert way_words(blind_result(tmp_path), Quality.DRAFT).endswith("초안")
    finally:
        use_language(ENGLISH)


def test_days_are_named_where_it_was_not_today(tmp_path: Path) -> None:
    attempt = Attempt(1, known_result(tmp_path), Quality.DRAFT, 86_400.0)
    assert made_words(attempt).startswith("1970-01-")
