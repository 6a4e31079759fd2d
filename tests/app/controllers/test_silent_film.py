"""A film without a sound track: music is placed in it as in any other, nothing can be restored."""

from pathlib import Path

import numpy as np
import pytest

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
