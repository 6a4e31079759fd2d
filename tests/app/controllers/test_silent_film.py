"""A film without a sound track: music is placed in it as in any other, nothing can be restored."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.controllers.export import export_view
from app.envelope_edits import duck_lane
from app.silence import RATE_HZ
from tests.helpers.editor import WAIT_MS, Editor
from tests.helpers.library import write_sound
from tests.helpers.media import make_video
from tests.helpers.projects import noise
from widgets.message_bar import MessageKind
from widgets.pages import Page


@pytest.fixture
def silent(editor: Editor, tmp_path: Path) -> Editor:
    """An editor with a film of two seconds without sound, and a song from its half on."""
    editor.open(make_video(tmp_path / "film.mp4", 2.0))
    song = write_sound(tmp_path / "song.wav", noise(3, 4 * RATE_HZ), RATE_HZ)
    editor.app.placer.add([song], 1.0)
    editor.settle()
    return editor


def test_it_is_said_and_nothing_can_be_restored(silent: Editor) -> None:
    (message,) = silent.messages
    assert message.kind is MessageKind.WARNING
    assert "no sound track" in message.text
    view = silent.app.window.restore_panel._view
    assert view.has_media
    assert not view.can_restore
    assert not view.found
    silent.app.window.restore_panel.request_restore()
    assert not silent.app.jobs.active_jobs


def test_the_music_is_heard_at_its_place(silent: Editor) -> None:
    silent.app.window.transport_bar.play_requested.emit()
    heard = silent.hear(2 * RATE_HZ)
    assert not heard[:, :RATE_HZ].any()
    np.testing.assert_allclose(
        heard[:, RATE_HZ + 4800 :], noise(3, 4 * RATE_HZ)[:, 4800:RATE_HZ], atol=1e-3
    )


def test_ducking_need_not_listen_for_speech(silent: Editor) -> None:
    (clip,) = silent.app.document.project.clips
    silent.app.document.do(duck_lane(clip.lane_id, 12.0))
    assert not silent.app.jobs.active_jobs


def test_it_is_compared_with_what_was_made_of_it(silent: Editor) -> None:
    silent.app.window.show_page(Page.REVIEW)
    silent.qtbot.waitUntil(lambda: silent.app.compare.view().is_measured, timeout=WAIT_MS)
    assert silent.messages[1:] == []


def without_song(editor: Editor) -> None:
    """Have the song gone, as after a start without it."""
    project = editor.app.document.project
    clips = tuple(replace(clip, sound=None) for clip in project.clips)
    editor.app.document.open(replace(project, clips=clips))


def test_what_would_be_silent_for_a_song_is_missing_is_refused(
    silent: Editor, tmp_path: Path
) -> None:
    without_song(silent)
    (warning,) = export_view(silent.app.document.project).warnings
    assert "song.wav cannot be found and will not be heard" in warning
    silent.answers.output, silent.answers.folder = tmp_path / "out.mp4", tmp_path
    window = silent.app.window
    for wish in (window.export_video_requested, window.export_timeline_requested):
        wish.emit()
        silent.settle()
        assert silent.messages[-1].kind is MessageKind.ERROR
        assert "Nothing would be heard: song.wav" in silent.messages[-1].text
        assert "Music" in silent.messages[-1].hint
    assert not list(tmp_path.glob("out.*"))


def test_a_muted_song_leaves_nothing_of_a_film_without_sound(
    silent: Editor, tmp_path: Path
) -> None:
    (clip,) = silent.app.document.project.clips
    silent.app.window.timeline.mute_toggled.emit(clip.lane_id, True)
    without_song(silent)
    assert export_view(silent.app.document.project).warnings == ()
    silent.answers.output = tmp_path / "out.mp4"
    silent.app.window.export_video_requested.emit()
    silent.settle()
    assert silent.messages[-1].text == "All lanes are muted."
