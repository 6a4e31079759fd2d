"""The transport bar drives the sound, and shows what it does."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from app.controllers import sound
from app.envelope_edits import set_gain_point
from app.gain_curves import linear_gain
from app.playback.renderer import FADE_S
from tests.helpers.editor import RATE_HZ, WAIT_MS, Editor
from tests.helpers.media import picture
from tests.helpers.restore_workload import film_sound
from widgets.message_bar import MessageKind

FADE = round(FADE_S * RATE_HZ)


def test_play_gives_the_film_s_own_sound_and_pause_silence(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(4000)
    expected = film_sound(2 * RATE_HZ, RATE_HZ)[:, :4000]
    np.testing.assert_allclose(heard[:, FADE:], expected[:, FADE:], atol=1e-6)
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(FADE)
    assert not editor.hear(400).any()


def test_a_sound_that_has_gone_is_said_and_everybody_hears_of_the_change(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.restore()
    told: list[bool] = []
    editor.app.document.listen(lambda change: told.append(change.restore))
    for file in (tmp_path / "cache").glob("tones-*.f32"):
        file.unlink()
    editor.app.window.restore_panel.swap_requested.emit()
    assert told == [True]
    assert editor.messages[0].kind is MessageKind.ERROR
    editor.settle()


def test_gains_over_time_change_while_it_plays_and_nothing_else_is_begun(
    editor: Editor, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open(film)
    # With its first point the lane gets a twin without gains, for the Review page.
    editor.app.document.do(set_gain_point("mix", 0.0, -1.0))
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(1000)
    monkeypatch.setattr(sound, "_mapped_lanes", lambda *_: pytest.fail("mapped anew"))
    begun = list[object]()
    editor.app.jobs.job_added.connect(begun.append)
    before = editor.transport.mixer
    for gain_db in (-3.0, -6.0):
        editor.app.document.do(set_gain_point("mix", 0.0, gain_db))
    heard = editor.hear(1000)[:, FADE:]
    wanted = linear_gain(-6.0) * film_sound(2 * RATE_HZ, RATE_HZ)[:, 1000 + FADE : 2000]
    np.testing.assert_allclose(heard, wanted, atol=1e-5)
    assert editor.transport.mixer is not before
    assert begun == []


def test_other_sounds_that_are_on_their_way_get_the_gains_too(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    editor.app.sound._mapped = None
    editor.app.document.do(set_gain_point("mix", 0.0, -6.0))
    editor.app.window.transport_bar.play_requested.emit()
    wanted = linear_gain(-6.0) * film_sound(2 * RATE_HZ, RATE_HZ)[:, FADE:1000]
    np.testing.assert_allclose(editor.hear(1000)[:, FADE:], wanted, atol=1e-5)


def test_seeks_go_where_they_are_asked_to_and_stay_inside(editor: Editor, film: Path) -> None:
    editor.open(film)
    window = editor.app.window
    window.timeline.seek_requested.emit(1.25)
    assert editor.transport.position_s() == 1.25
    window.jump_requested.emit(-0.5)
    assert editor.transport.position_s() == 0.75
    window.to_end_requested.emit()
    assert editor.transport.position_s() == 2.0
    window.jump_requested.emit(-10.0)
    assert editor.transport.position_s() == 0.0
    window.timeline.seek_requested.emit(1.0)
    window.transport_bar.to_start_requested.emit()
    assert editor.transport.position_s() == 0.0


def test_steps_go_from_frame_to_frame_and_stop_the_sound(editor: Editor, film: Path) -> None:
    editor.open(film)
    bar = editor.app.window.transport_bar
    bar.play_requested.emit()
    editor.hear(1000)
    bar.step_requested.emit(1)
    assert not editor.transport.is_playing
    assert editor.transport.position_s() == pytest.approx(4 / 25)
    bar.step_requested.emit(-2)
    assert editor.transport.position_s() == pytest.approx(2 / 25)


def test_the_loop_starts_again_at_the_end(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.transport_bar.loop_toggled.emit(True)
    editor.app.window.timeline.seek_requested.emit(1.9)
    editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(2000)
    sound = film_sound(2 * RATE_HZ, RATE_HZ)
    np.testing.assert_allclose(heard[:, 800:], sound[:, :1200], atol=1e-6)
    assert editor.transport.is_playing


def test_the_picture_follows_the_sound(editor: Editor, film: Path) -> None:
    editor.open(film)
    view = editor.app.window.video_view

    def is_shown(frame: int) -> bool:
        shown = view.grab().toImage().pixelColor(view.rect().center()).green()
        # Two frames differ by 4.
        return abs(shown - int(picture(frame)[-1, -1, 1])) < 3

    for time_s, frame in ((1.0, 25), (0.2, 5), (0.4, 10)):
        editor.app.window.timeline.seek_requested.emit(time_s)
        editor.qtbot.waitUntil(partial(is_shown, frame), timeout=WAIT_MS)


def test_a_lost_device_is_replaced_where_it_was(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.transport_bar.play_requested.emit()
    editor.hear(4000)
    old = editor.outputs[-1]
    old.is_lost = True
    editor.qtbot.waitUntil(
        lambda: editor.app.sound.transport is not None and editor.outputs[-1] is not old,
        timeout=WAIT_MS,
    )
    assert old.is_closed
    assert editor.transport.is_playing
    heard = editor.hear(1000)
    expected = film_sound(2 * RATE_HZ, RATE_HZ)[:, 4000:5000]
    np.testing.assert_allclose(heard[:, FADE:], expected[:, FADE:], atol=1e-6)


def test_wishes_without_a_film_do_nothing(editor: Editor) -> None:
    window = editor.app.window
    window.transport_bar.play_requested.emit()
    window.transport_bar.step_requested.emit(1)
    window.transport_bar.loop_toggled.emit(True)
    window.timeline.seek_requested.emit(1.0)
    window.jump_requested.emit(1.0)
    window.to_end_requested.emit()
    assert editor.app.sound.transport is None
    assert editor.messages == []


def test_the_sound_is_shuttled_and_that_is_said(editor: Editor, film: Path) -> None:
    editor.open(film)
    bar = editor.app.window.transport_bar
    editor.app.window.timeline.seek_requested.emit(1.0)
    for way in (1, 1, -1):
        bar.shuttle_requested.emit(way)
    assert editor.transport.speed == -1
    editor.hear(RATE_HZ // 2)
    assert editor.transport.position_s() == pytest.approx(0.5, abs=0.02)
    assert editor.app._playback._is_playing
    bar.shuttle_requested.emit(0)
    assert not editor.transport.is_playing


def test_what_is_heard_is_measured_from_when_play_began(editor: Editor, film: Path) -> None:
    editor.open(film)
    bar = editor.app.window.transport_bar

    def said() -> str:
        return next((t for w in bar.findChildren(QLabel) if "TP" in (t := w.text())), "")

    assert said() == ""
    bar.play_requested.emit()
    for _ in range(100):
        editor.hear(80)
    editor.qtbot.waitUntil(lambda: "now" in said() and "LUFS" in said(), timeout=WAIT_MS)
    bar.play_requested.emit()
    editor.hear(400)
    editor.qtbot.waitUntil(lambda: said().startswith("all"), timeout=WAIT_MS)
