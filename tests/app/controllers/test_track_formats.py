"""What a film cannot hold of placed music is said once."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.library import write_sound
from tests.helpers.media import make_video

LOW_HZ = RATE_HZ // 2


@pytest.fixture
def mono(editor: Editor, tmp_path: Path) -> Editor:
    """An editor with a film whose sound is mono, and of a low rate."""
    quiet = np.zeros((1, RATE_HZ), np.float32)
    editor.open(make_video(tmp_path / "film.mkv", 1.0, quiet, RATE_HZ, "pcm_s16le"))
    return editor


def place(editor: Editor, folder: Path, channels: int, rate_hz: int) -> None:
    """Place a track of a format."""
    name = f"{channels} x {rate_hz}.wav"
    song = write_sound(folder / name, np.full((channels, RATE_HZ), 0.1, np.float32), rate_hz)
    editor.app.placer.add([song], 0.0)
    editor.settle()


def test_what_is_lost_of_a_track_is_said_once(mono: Editor, tmp_path: Path) -> None:
    place(mono, tmp_path, 1, LOW_HZ)
    place(mono, tmp_path, 1, RATE_HZ)
    assert mono.messages == []
    place(mono, tmp_path, 2, RATE_HZ)
    place(mono, tmp_path, 2, RATE_HZ)
    place(mono, tmp_path, 1, 2 * RATE_HZ)
    mono.app.window.undo_requested.emit()
    mono.app.window.redo_requested.emit()
    mono.settle()
    assert [message.text.partition(" has")[0] for message in mono.messages] == [
        f"2 x {RATE_HZ}.wav",
        f"1 x {2 * RATE_HZ}.wav",
    ]
    assert f"{RATE_HZ} Hz, 1 channel." in mono.messages[0].hint


def test_nothing_is_said_of_what_was_placed_before(mono: Editor, tmp_path: Path) -> None:
    place(mono, tmp_path, 2, RATE_HZ)
    mono.answers.project = tmp_path / "work.reprise"
    mono.app.window.save_requested.emit()
    mono.messages.clear()
    mono.app.media.open(tmp_path / "work.reprise")
    mono.settle()
    assert mono.app.document.project.clips
    assert mono.messages == []
