"""Music is placed by hand and by keys, heard at once, and undo takes each step back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication

import app.clip_edits
import app.controllers.track_placer
import app.waveforms
from app.clip_edits import move_clip, place_clip
from app.clips import Clip
from app.envelope_edits import duck_lane, set_gain_point
from app.gain_curves import GainPoint
from app.project import Project
from engine.errors import EngineError
from engine.media.decode import AudioReader
from engine.types import Region
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.library import write_sound
from tests.helpers.projects import noise
from tests.helpers.restore_workload import film_sound, make_tone_film
from widgets.actions import Command
from widgets.canvas_drags import new_drag_id
from widgets.pages import Page


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Six seconds of noise."""
    return write_sound(tmp_path / "song.wav", noise(3, 6 * RATE_HZ), RATE_HZ)


@pytest.fixture
def placed(editor: Editor, tmp_path: Path, song: Path) -> Editor:
    """An editor with a film of four seconds, and the song from 1 s to its end."""
    editor.open(make_tone_film(tmp_path / "film.mkv", 4.0, RATE_HZ))
    editor.app.placer.add([song], 1.0)
    editor.settle()
    return editor


def clips(editor: Editor) -> tuple[Clip, ...]:
    return editor.app.document.project.clips


def wish(editor: Editor, command: Command, at_s: float = 0.0) -> None:
    editor.app.window.timeline.seek_requested.emit(at_s)
    editor.app.window.music_requested.emit(command)


def test_a_track_is_added_at_the_play_head(editor: Editor, film: Path, song: Path) -> None:
    editor.open(film)
    editor.answers.music = song
    wish(editor, Command.ADD_MUSIC, 0.5)
    editor.settle()
    (clip,) = clips(editor)
    assert (clip.start_s, clip.end_s) == (0.5, 2.0)
    assert editor.app.clips.selected == clip
    assert editor.app.window.timeline.canvas.clips.selected == clip.clip_id


def test_it_is_heard_over_the_film(placed: Editor) -> None:
    placed.app.window.timeline.seek_requested.emit(2.0)
    placed.app.window.transport_bar.play_requested.emit()
    heard = placed.hear(RATE_HZ)[:, 800:]
    film = film_sound(4 * RATE_HZ, RATE_HZ)[:, 2 * RATE_HZ + 800 : 3 * RATE_HZ]
    music = noise(3, 6 * RATE_HZ)[:, RATE_HZ + 800 : 2 * RATE_HZ]
    np.testing.assert_allclose(heard, film + music, atol=1e-3)


def test_a_drag_is_one_step_however_slow(placed: Editor) -> None:
    drag = placed.app.window.timeline.clip_drag
    for start_s in (1.1, 1.4, 0.5):
        drag.moved.emit(1, start_s, "")
        placed.qtbot.wait(10)
    placed.app.window.timeline.canvas.drags.drag_id = new_drag_id()
    drag.moved.emit(1, 2.0, "")
    placed.app.window.undo_requested.emit()
    assert clips(placed)[0].start_s == 0.5
    placed.app.window.undo_requested.emit()
    assert clips(placed)[0].start_s == 1.0


def test_a_drag_that_is_given_up_leaves_no_trace(placed: Editor) -> None:
    drag, document = placed.app.window.timeline.clip_drag, placed.app.document
    wish(placed, Command.TRIM_END, 3.0)
    document.undo()
    before = document.undo_name
    drag.moved.emit(1, 1.5, "")
    drag.slipped.emit(1, 2.0)
    assert document.redo_name == ""
    drag.given_up.emit()
    assert (clips(placed)[0].start_s, clips(placed)[0].track_start_s) == (1.0, 0.0)
    assert (document.undo_name, document.redo_name) == (before, "Trim the clip")


def mouse(editor: Editor, kind: QEvent.Type, place: QPointF) -> None:
    """Send the mouse to a place of the lanes, with the left button and without snapping."""
    canvas, left = editor.app.window.timeline.canvas, Qt.MouseButton.LeftButton
    is_move = kind == QEvent.Type.MouseMove
    button = Qt.MouseButton.NoButton if is_move else left
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else left
    keys, where = Qt.KeyboardModifier.ControlModifier, QPointF(canvas.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, button, held, keys))
    canvas.grab()


def shown_lanes(editor: Editor) -> list[str]:
    return [lane.lane_id for lane in editor.app.window.timeline.canvas._lanes]


def test_a_lane_stays_while_its_drag_lasts(placed: Editor, song: Path) -> None:
    document, canvas = placed.app.document, placed.app.window.timeline.canvas
    wish(placed, Command.TRIM_END, 2.0)
    sound = clips(placed)[0].sound
    assert sound is not None
    for edit in (
        place_clip(song, sound, 1.5, Region(0.0, 0.4)),
        set_gain_point("placed 1", 1.2, -6.0),
        duck_lane("placed 1", 12.0),
        move_clip(2, 3.0),
    ):
        document.do(edit)
    placed.settle()
    before = document.project
    assert [clip.lane_id for clip in clips(placed)] == ["placed 1", "placed 2"]
    height = canvas.rows.height_px
    placed.qtbot.waitUntil(lambda: canvas.height() >= height)
    canvas.grab()
    own = canvas.clips.rect_of(canvas.clips.clips[0]).center()
    other = QPointF(own.x(), canvas.clips.rect_of(canvas.clips.clips[1]).center().y())
    mouse(placed, QEvent.Type.MouseButtonPress, own)
    for _ in range(2):
        # Over the other lane, where a second step finds the same as the first one.
        mouse(placed, QEvent.Type.MouseMove, other)
        assert {clip.lane_id for clip in clips(placed)} == {"placed 2"}
        assert shown_lanes(placed) == ["mix", "placed 1", "placed 2"]
    mouse(placed, QEvent.Type.MouseMove, own)
    assert document.project is before
    mouse(placed, QEvent.Type.MouseMove, other)
    mouse(placed, QEvent.Type.MouseButtonRelease, other)
    assert shown_lanes(placed) == ["mix", "placed 2"]
    document.undo()
    assert document.project is before


def test_keys_trim_split_move_and_remove(placed: Editor) -> None:
    wish(placed, Command.TRIM_END, 3.0)
    wish(placed, Command.TRIM_START, 1.5)
    wish(placed, Command.SPLIT_CLIP, 2.0)
    assert [(clip.start_s, clip.end_s) for clip in clips(placed)] == [(1.5, 2.0), (2.0, 3.0)]
    wish(placed, Command.CLIP_BEFORE)
    wish(placed, Command.NUDGE_BACK)
    assert clips(placed)[0].start_s == pytest.approx(1.46)
    wish(placed, Command.CLIP_BEHIND)
    wish(placed, Command.REMOVE_CLIP)
    assert len(clips(placed)) == 1
    for _ in range(5):
        placed.app.window.undo_requested.emit()
    assert [(clip.start_s, clip.end_s) for clip in clips(placed)] == [(1.0, 4.0)]


def test_a_dropped_sound_is_placed_where_there_is_room(placed: Editor, song: Path) -> None:
    placed.app.window.timeline.track_drop.tracks_dropped.emit([song], 0.0, "")
    placed.settle()
    assert [clip.lane_id for clip in clips(placed)] == ["placed 1", "placed 2"]


def test_sounds_dropped_together_are_placed_in_their_order(
    editor: Editor, film: Path, tmp_path: Path
) -> None:
    editor.open(film)
    # The first ones take longest to read.
    tracks = [
        write_sound(tmp_path / f"{name}.wav", noise(3, length), RATE_HZ)
        for name, length in (("c", RATE_HZ), ("a", RATE_HZ // 2), ("b", RATE_HZ // 4))
    ]
    (tmp_path / "notes.wav").write_text("no sound at all")
    drop = editor.app.window.timeline.track_drop
    drop.tracks_dropped.emit([tracks[0], tmp_path / "notes.wav", *tracks[1:]], 0.125, "")
    editor.settle()
    assert [(clip.track.stem, clip.start_s, clip.lane_id) for clip in clips(editor)] == [
        ("c", 0.125, "placed 1"),
        ("a", 1.125, "placed 1"),
        ("b", 1.625, "placed 1"),
    ]
    assert ["notes.wav" in message.text for message in editor.messages] == [True]
    assert editor.app.clips.selected == clips(editor)[0]
    assert editor.app.document.undo_name == "Place 3 tracks"
    editor.app.document.undo()
    assert not clips(editor)


def test_those_that_have_no_place_are_told(
    placed: Editor, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = write_sound(tmp_path / "short.wav", noise(3, RATE_HZ // 2), RATE_HZ)
    placed.app.placer.add([short, song, short], 2.0)
    placed.settle()
    assert [clip.track.stem for clip in clips(placed)] == ["song", "short", "song"]
    assert placed.messages[-1].text == "short.wav was not placed: the film ends here."
    for module in (app.clip_edits, app.controllers.track_placer):
        monkeypatch.setattr(module, "MAX_CLIPS", 4)
    placed.app.placer.add([short, song], 0.0)
    placed.settle()
    assert len(clips(placed)) == 4
    assert placed.messages[-1].text == "song.wav was not placed: 4 clips are placed already."


def test_what_is_placed_or_split_off_is_worked_on_next(placed: Editor, song: Path) -> None:
    wish(placed, Command.SPLIT_CLIP, 2.0)
    assert placed.app.clips.selected == clips(placed)[1]
    placed.app.clips.select(1)
    wish(placed, Command.REMOVE_CLIP)
    placed.app.document.undo()
    # Nothing was placed: what is worked on stays.
    assert placed.app.clips.selected == clips(placed)[1]


def test_what_is_behind_the_end_is_told(placed: Editor, song: Path) -> None:
    placed.app.placer.add([song], 4.0)
    placed.settle()
    assert len(clips(placed)) == 1
    assert placed.messages[-1].text.startswith("song.wav was not placed")


def test_a_file_that_is_no_music_is_told(placed: Editor, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound at all")
    placed.app.placer.add([tmp_path / "notes.wav"], 0.0)
    placed.settle()
    assert "notes.wav" in placed.messages[-1].text
    assert len(clips(placed)) == 1


def test_the_card_shows_and_changes_numbers(placed: Editor) -> None:
    placed.app.window.show_page(Page.MUSIC)
    card = placed.app.window.music_panel.clip_card
    card.start_edited.emit(0.5)
    card.length_edited.emit(2.0)
    card.track_start_edited.emit(1.0)
    card.gain_edited.emit(-6.0)
    card.fade_edited.emit("in", 0.5, "linear")
    (clip,) = clips(placed)
    assert (clip.start_s, clip.end_s, clip.track_start_s, clip.gain_db) == (0.5, 2.5, 1.0, -6.0)
    assert clip.fade_in.duration_s == 0.5
    card.length_edited.emit(99.0)
    assert clips(placed)[0].duration_s == 5.0


def test_a_double_click_opens_the_page(placed: Editor) -> None:
    placed.app.window.timeline.clip_drag.clip_opened.emit(1)
    assert placed.app.window.page is Page.MUSIC


def test_a_track_that_is_missing_is_found_and_told(
    editor: Editor, tmp_path: Path, song: Path
) -> None:
    film = make_tone_film(tmp_path / "film.mkv", 4.0, RATE_HZ)
    editor.open(film)
    editor.app.placer.add([song], 0.0)
    editor.settle()
    project = editor.app.document.project
    editor.app.document.open(
        replace(project, clips=tuple(replace(clip, sound=None) for clip in project.clips))
    )
    editor.answers.music = write_sound(tmp_path / "short.wav", noise(3, 2 * RATE_HZ), RATE_HZ)
    editor.app.window.music_panel.placed_card.find_requested.emit(1)
    editor.settle()
    (clip,) = clips(editor)
    assert (clip.track.name, clip.duration_s) == ("short.wav", 2.0)
    assert editor.messages[-1].text == "short.wav is heard again."
    assert "shorter" in editor.messages[-1].hint


def test_the_waveform_of_a_track_is_drawn_once(placed: Editor, tmp_path: Path) -> None:
    wish(placed, Command.SPLIT_CLIP, 2.0)
    placed.settle()
    before = len(list((tmp_path / "cache").glob("*.peaks")))
    assert before == 2
    placed.app.window.timeline.clip_drag.moved.emit(1, 0.2, "")
    placed.settle()
    assert len(list((tmp_path / "cache").glob("*.peaks"))) == before


def test_a_waveform_that_could_not_be_drawn_is_tried_again(
    editor: Editor, film: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EngineError("the disk is full")

    editor.open(film)
    with monkeypatch.context() as patch:
        patch.setattr(app.waveforms, "make_waveform", fail)
        editor.app.placer.add([song], 0.0)
        editor.settle()
    layer = editor.app.window.timeline.canvas.clips
    assert (editor.messages[-1].text, list(layer._sources)) == ("the disk is full", [])
    editor.app.document.do(move_clip(1, 0.5))
    editor.settle()
    assert list(layer._sources) == [layer.clips[0].sound_id]


def test_beats_are_forgotten_with_their_film(placed: Editor) -> None:
    (clip,) = clips(placed)
    assert placed.app.clips.spec(clip).beats_s
    placed.app.document.open(Project())
    assert not placed.app.clips.spec(clip).beats_s


def test_placed_music_is_exported_with_the_film(placed: Editor, tmp_path: Path) -> None:
    placed.answers.output = tmp_path / "out.mkv"
    placed.app.window.export_video_requested.emit()
    placed.settle()
    with AudioReader(tmp_path / "out.mkv") as reader:
        samples = np.concatenate(list(reader.blocks()), axis=1)
    music = np.zeros((2, 4 * RATE_HZ), np.float32)
    music[:, RATE_HZ:] = noise(3, 6 * RATE_HZ)[:, : 3 * RATE_HZ]
    expected = film_sound(4 * RATE_HZ, RATE_HZ) + music
    np.testing.assert_allclose(samples, expected, atol=1e-3)


def test_a_cue_sheet_and_a_moment_are_written(placed: Editor, tmp_path: Path) -> None:
    placed.answers.folder = tmp_path / "out"
    placed.answers.folder.mkdir()
    wish(placed, Command.CUE_SHEET)
    placed.settle()
    placed.app.window.music_panel.placed_card.moment_requested.emit(1)
    placed.settle()
    written = sorted(path.suffix for path in placed.answers.folder.iterdir())
    assert written == [".csv", ".txt", ".wav"]
    assert placed.app.document.is_edited


def test_a_moment_that_is_dragged_out_is_written_beside_the_film(
    placed: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[Path] = []

    def run(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
        dragged.extend(Path(url.toLocalFile()) for url in drag.mimeData().urls())
        return action

    monkeypatch.setattr(QDrag, "exec", run)
    held = Qt.MouseButton.LeftButton
    for buttons in (Qt.MouseButton.NoButton, held):
        monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda buttons=buttons: buttons)
        placed.app.window.music_panel.placed_card.drag_requested.emit(1)
        placed.settle()
    (path,) = dragged
    assert path.parent == tmp_path / "film moments"
    with AudioReader(path) as reader:
        moment = np.concatenate(list(reader.blocks()), axis=1)
    # What is placed are 3 s from the begin of the track; there are 2 s more behind it.
    np.testing.assert_allclose(moment, noise(3, 6 * RATE_HZ)[:, : 5 * RATE_HZ], atol=1e-4)


def test_music_makes_room_for_speech_that_is_looked_for(placed: Editor) -> None:
    card = placed.app.window.music_panel.duck_card
    card.duck_changed.emit("placed 1", 12.0)
    placed.settle()
    assert placed.app.document.project.speech
    assert placed.app.window.timeline.canvas._lanes[-1].ducking


def test_the_beats_of_a_track_are_places_to_hold_on_to(placed: Editor) -> None:
    names = {point.name for point in placed.app.window.timeline.snapping.points()}
    assert {"Start of song", "Beat of song"} <= names


def test_gain_points_are_set_changed_and_removed_by_keys(placed: Editor) -> None:
    lane = "mix"
    assert placed.app.window.timeline.headers.current_lane == lane
    wish(placed, Command.GAIN_POINT, 1.0)
    wish(placed, Command.GAIN_POINT_DOWN, 1.2)
    wish(placed, Command.GAIN_POINT, 3.0)
    points = placed.app.document.project.lanes[0].envelope
    assert [(point.time_s, point.gain_db) for point in points] == [(1.0, -1.0), (3.0, -1.0)]
    wish(placed, Command.REMOVE_GAIN_POINT, 0.0)
    assert [point.time_s for point in placed.app.document.project.lanes[0].envelope] == [3.0]


def test_setting_and_moving_a_point_is_one_step(placed: Editor) -> None:
    drag = placed.app.window.timeline.envelope_drag
    drag.point_set.emit("mix", 1.0, 0.0)
    drag.point_set.emit("mix", 1.5, -6.0)
    assert list(placed.app.document.project.lanes[0].envelope) == [GainPoint(1.5, -6.0)]
    placed.app.window.timeline.canvas.drags.drag_id = new_drag_id()
    placed.app.window.undo_requested.emit()
    assert placed.app.document.project.lanes[0].envelope == ()
