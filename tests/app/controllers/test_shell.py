"""Title, undo, engine, messages, and what the window looks after by itself."""

from pathlib import Path

import numpy as np
import pytest

from app.controllers.shell import engine_words
from app.controllers.thumbnails import MAX_COUNT, thumbnail_times
from app.engine_client import EngineState, EngineStatus
from engine.remarks import PROCESSOR
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.media import make_video
from tests.helpers.projects import noise


def test_the_window_names_what_undo_takes_back(editor: Editor, film: Path) -> None:
    editor.open(film)
    assert not editor.app.window.isWindowModified()
    editor.app.window.timeline.mute_toggled.emit("mix", True)
    assert editor.app.window.isWindowModified()
    assert editor.app.document.undo_name == "Mute mix"
    editor.app.window.undo_requested.emit()
    assert not editor.app.window.isWindowModified()
    assert editor.app.document.redo_name == "Mute mix"


def test_the_theme_is_remembered(editor: Editor, tmp_path: Path) -> None:
    editor.app.window.theme_chosen.emit("light")
    assert '"light"' in (tmp_path / "settings.json").read_text()


def test_the_engine_starts_behind_the_first_paint(editor: Editor) -> None:
    editor.qtbot.waitUntil(
        lambda: editor.app.engine.state.status is EngineStatus.READY, timeout=WAIT_MS
    )
    assert engine_words(editor.app.engine.state) == "Test device, ready"


@pytest.mark.parametrize("status", list(EngineStatus))
def test_a_problem_of_the_engine_is_said(status: EngineStatus) -> None:
    assert engine_words(EngineState(status, problem="it broke")).endswith(": it broke")


def test_a_device_with_a_rate_of_its_own_plays_at_the_right_speed(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(RATE_HZ) / RATE_HZ)
    sound = np.tile(0.5 * tone, (2, 1)).astype(np.float32)
    film = make_video(tmp_path / "film.mkv", 1.0, sound, RATE_HZ, "pcm_f32le")
    opened = editor.app.sound._open_output
    monkeypatch.setattr(editor.app.sound, "_open_output", lambda _, name: opened(12_000, name))
    editor.open(film)
    assert editor.transport.duration_s == pytest.approx(1.0, abs=1e-3)
    editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(12_000)[0, 2000:10_000]
    wanted = 0.5 * np.sin(2 * np.pi * 200 * np.arange(12_000) / 12_000)[2000:10_000]
    np.testing.assert_allclose(heard, wanted, atol=1e-3)


def test_sound_alone_can_be_opened(editor: Editor, tmp_path: Path) -> None:
    song = make_video(tmp_path / "song.wav", 0.0, noise(1), RATE_HZ)
    editor.open(song)
    media = editor.app.document.project.media
    assert media is not None
    assert not media.has_picture
    editor.app.window.transport_bar.step_requested.emit(1)
    assert editor.transport.position_s() > 0


def test_thumbnails_are_spread_from_the_first_on() -> None:
    times_s = thumbnail_times(100.0)
    assert len(times_s) == MAX_COUNT
    assert sorted(times_s) == [(index + 0.5) * 100 / MAX_COUNT for index in range(MAX_COUNT)]
    first = sorted(times_s[:8])
    assert max(np.diff([0.0, *first, 100.0])) < 40
    assert thumbnail_times(0.1) == (0.05,)


def test_the_device_is_named_in_the_language_of_the_window(german: None) -> None:
    state = EngineState(EngineStatus.READY, device=PROCESSOR(threads=8))
    assert engine_words(state) == "Prozessor, 8 Threads, bereit"
