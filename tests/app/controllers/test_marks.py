"""Keys and drags mark, the loop keeps to what is marked, and undo takes it back."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.types import Region
from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.restore_workload import film_sound
from widgets.actions import Command
from widgets.canvas_drags import new_drag_id
from widgets.ruler import Ruler


def mark(editor: Editor, command: Command, at_s: float) -> None:
    editor.app.window.timeline.seek_requested.emit(at_s)
    editor.app.window.mark_requested.emit(command)


def marked(editor: Editor) -> list[tuple[float, str]]:
    return [(marker.time_s, marker.text) for marker in editor.app.document.project.markers]


def test_the_loop_is_from_in_to_out(editor: Editor, film: Path) -> None:
    editor.open(film)
    mark(editor, Command.MARK_IN, 0.5)
    mark(editor, Command.MARK_OUT, 1.0)
    assert editor.app.document.project.selection == Region(0.5, 1.0)
    editor.app.window.transport_bar.loop_toggled.emit(True)
    editor.app.window.timeline.seek_requested.emit(1.5)
    editor.app.window.transport_bar.play_requested.emit()
    heard = editor.hear(RATE_HZ)
    half = film_sound(2 * RATE_HZ, RATE_HZ)[:, RATE_HZ // 2 : RATE_HZ]
    np.testing.assert_allclose(heard[:, 800:], np.tile(half, 2)[:, 800:], atol=1e-6)


def test_a_drag_that_rests_is_one_step_and_the_next_one_another(
    editor: Editor, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open(film)
    timeline, document = editor.app.window.timeline, editor.app.document
    hours = count()
    monkeypatch.setattr(document, "_clock_s", lambda: 3600.0 * next(hours))
    mark(editor, Command.ADD_MARKER, 1.9)
    for time_s in (0.25, 0.5):
        timeline.marker_dragged.emit(1, time_s)
    timeline.canvas.drags.drag_id = new_drag_id()
    for time_s in (0.75, 1.0):
        timeline.selection_dragged.emit(0.25, time_s)
    timeline.canvas.drags.drag_id = new_drag_id()
    timeline.selection_dragged.emit(0.25, 1.5)
    ends = []
    while document.undo_name != "Set a marker":
        ends.append((document.undo_name, document.project.selection))
        document.undo()
    assert ends == [
        ("Select", Region(0.25, 1.5)),
        ("Select", Region(0.25, 1.0)),
        ("Move the marker", None),
    ]


def test_without_in_and_out_all_is_looped_again(editor: Editor, film: Path) -> None:
    editor.open(film)
    editor.app.window.transport_bar.loop_toggled.emit(True)
    mark(editor, Command.MARK_IN, 1.0)
    loop = editor.transport.loop
    assert loop is not None
    assert (loop.start, loop.end) == (RATE_HZ, 2 * RATE_HZ)
    mark(editor, Command.CLEAR_SELECTION, 0.0)
    assert editor.transport.loop is not None
    assert editor.transport.loop.start == 0
    editor.app.window.undo_requested.emit()
    assert editor.transport.loop == loop


def test_markers_are_set_named_visited_and_removed(editor: Editor, film: Path) -> None:
    editor.open(film)
    mark(editor, Command.ADD_MARKER, 1.5)
    mark(editor, Command.ADD_MARKER, 0.5)
    editor.answers.marker_text = "door"
    mark(editor, Command.RENAME_MARKER, 0.6)
    assert marked(editor) == [(0.5, "door"), (1.5, "Marker 1")]
    mark(editor, Command.MARKER_BEHIND, 0.5)
    assert editor.transport.position_s() == 1.5
    mark(editor, Command.MARKER_BEHIND, 1.5)
    assert editor.transport.position_s() == 1.5
    mark(editor, Command.MARKER_BEFORE, 1.5)
    assert editor.transport.position_s() == 0.5
    mark(editor, Command.REMOVE_MARKER, 1.9)
    assert marked(editor) == [(0.5, "door")]
    assert editor.app.document.undo_name == "Remove the marker"


def test_drags_move_what_is_marked(editor: Editor, film: Path) -> None:
    editor.open(film)
    timeline = editor.app.window.timeline
    mark(editor, Command.ADD_MARKER, 0.5)
    timeline.marker_dragged.emit(1, 0.75)
    timeline.marker_dragged.emit(1, 0.8)
    assert marked(editor) == [(0.8, "Marker 1")]
    timeline.canvas.drags.drag_id = new_drag_id()
    timeline.selection_dragged.emit(1.5, 1.0)
    assert editor.app.document.project.selection == Region(1.0, 1.5)
    editor.app.window.undo_requested.emit()
    editor.app.window.undo_requested.emit()
    assert marked(editor) == [(0.5, "Marker 1")]


@pytest.mark.parametrize(
    ("from_s", "modifier"),
    [
        (0.5, Qt.KeyboardModifier.NoModifier),
        (1.5, Qt.KeyboardModifier.NoModifier),
        (0.2, Qt.KeyboardModifier.ShiftModifier),
        (0.2, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_escape_gives_a_drag_on_the_ruler_up(
    editor: Editor, film: Path, from_s: float, modifier: Qt.KeyboardModifier
) -> None:
    editor.open(film)
    mark(editor, Command.ADD_MARKER, 0.5)
    mark(editor, Command.MARK_IN, 1.0)
    mark(editor, Command.MARK_OUT, 1.5)
    editor.app.window.timeline.seek_requested.emit(0.1)
    before, undo_name = editor.app.document.project, editor.app.document.undo_name
    ruler = editor.app.window.findChildren(Ruler)[0]
    place = QPoint(round(ruler.axis.x_at(from_s)), 10)
    QTest.mousePress(ruler, Qt.MouseButton.LeftButton, modifier, place)
    for way_px in (60, 80):
        QTest.mouseMove(ruler, place + QPoint(way_px, 0))
    is_edit = editor.app.document.project != before
    assert is_edit is not (from_s == 0.2 and modifier == Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(QApplication.focusWidget() or editor.app.window, Qt.Key.Key_Escape)
    QTest.mouseMove(ruler, place + QPoint(100, 0))
    QTest.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=place)
    assert editor.app.document.project == before
    assert editor.app.document.undo_name == undo_name
    assert editor.transport.position_s() == pytest.approx(0.1)


def test_a_name_may_be_thought_better_of(editor: Editor, film: Path) -> None:
    editor.open(film)
    mark(editor, Command.ADD_MARKER, 0.5)
    editor.app.window.timeline.marker_opened.emit(1)
    assert marked(editor) == [(0.5, "Marker 1")]


def test_without_a_film_or_markers_nothing_happens(editor: Editor, film: Path) -> None:
    editor.app.window.mark_requested.emit(Command.ADD_MARKER)
    assert marked(editor) == []
    editor.open(film)
    for command in (Command.REMOVE_MARKER, Command.RENAME_MARKER, Command.MARKER_BEFORE):
        mark(editor, command, 0.5)
    assert editor.app.document.undo_name == ""
