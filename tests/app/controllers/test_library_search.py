"""What the library knows of a film is offered, and taken out with one click."""

from pathlib import Path

import pytest

from engine.types import BgmMatch, Method
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.restore_workload import make_tone_film
from widgets.message_bar import MessageKind
from widgets.restore_view import RestoreView


def film_with(tmp_path: Path, tracks: int) -> Path:
    return make_tone_film(tmp_path / f"film.{tracks}.mkv", 1.0, RATE_HZ)


def shown(editor: Editor) -> RestoreView:
    return editor.app.window.restore_panel._view


def restored_known(editor: Editor) -> tuple[BgmMatch, ...]:
    editor.app.window.restore_panel.restore_known_requested.emit()
    editor.qtbot.waitUntil(lambda: editor.app.document.project.restore is not None, timeout=WAIT_MS)
    editor.settle()
    restore = editor.app.document.project.restore
    assert restore is not None
    assert restore.result.method is Method.KNOWN_BGM
    return restore.result.bgm


def test_a_track_of_the_library_is_offered_and_taken_out(editor: Editor, tmp_path: Path) -> None:
    editor.open(film_with(tmp_path, 1))
    (found,) = shown(editor).found
    assert found.name == "song 1.mp3"
    assert "Under 0:00.0 to 0:02.0, from 0:00.5 of the track" in found.detail
    assert not shown(editor).is_searching
    (match,) = restored_known(editor)
    assert match.track == Path("/music/song 1.mp3")
    assert editor.app.document.project.track == Path("/music/song 1.mp3")


def test_several_tracks_are_taken_out_together(editor: Editor, tmp_path: Path) -> None:
    editor.open(film_with(tmp_path, 2))
    assert [track.name for track in shown(editor).found] == ["song 1.mp3", "song 2.mp3"]
    assert restored_known(editor)
    assert editor.app.document.project.track is None


def test_the_users_own_word_goes_first(editor: Editor, tmp_path: Path) -> None:
    editor.open(film_with(tmp_path, 1))
    editor.app.window.restore_panel.track_dropped.emit([tmp_path / "other.mp3"])
    (match,) = restored_known(editor)
    assert match.track == tmp_path / "other.mp3"


def test_of_another_film_nothing_is_offered(editor: Editor, film: Path, tmp_path: Path) -> None:
    editor.open(film_with(tmp_path, 1))
    editor.open(film)
    assert shown(editor).found == ()
    assert editor.messages == []


def test_a_library_that_cannot_be_read_is_said(editor: Editor, tmp_path: Path) -> None:
    editor.open(film_with(tmp_path, 9))
    (message,) = editor.messages
    assert message.kind is MessageKind.WARNING
    assert "The list is damaged" in message.text
    assert not shown(editor).is_searching


def test_warnings_of_the_library_are_said_once(editor: Editor, tmp_path: Path) -> None:
    for number in (8, 8):
        editor.open(film_with(tmp_path, number))
    assert [message.text for message in editor.messages] == ["The library folder /m is not there."]


@pytest.mark.parametrize("tracks", [0, 1])
@pytest.mark.parametrize("there", [True, False])
def test_without_a_film_nothing_is_looked_for_and_without_a_library_nothing_said(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tracks: int, there: bool
) -> None:
    monkeypatch.setattr("app.controllers.library_search.has_library", lambda _: there)
    library = editor.app._restore._tracks.library
    assert not library.is_running
    searching: list[bool] = []
    library.changed.connect(lambda: searching.append(shown(editor).is_searching))
    editor.open(film_with(tmp_path, tracks))
    assert searching == [there, False]
    assert len(shown(editor).found) == tracks
