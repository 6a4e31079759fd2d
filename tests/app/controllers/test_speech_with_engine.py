"""An edge that is dragged with the mouse, through window, document and engine, to what is heard."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.project import Project
from engine.artifacts import ArtifactStore
from engine.types import Samples, StemName
from tests.helpers.editor import Editor, running_editor
from tests.helpers.media import make_video, noise

RATE_HZ = 8000
SECONDS = 6.0
FOUR = StemName.DIALOGUE, StemName.EFFECTS, StemName.OST, StemName.BGM
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def editor(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Editor]:
    """An editor with a film in which somebody speaks from second 1 to second 2."""
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    film = make_video(tmp_path / "film.mkv", SECONDS, noise(SECONDS, RATE_HZ), RATE_HZ)
    with running_editor(tmp_path, qtbot, workload="tests.helpers.small_workload:load") as editor:
        editor.open(film)
        editor.restore()
        yield editor


def sounds(project: Project, cache: Path) -> dict[StemName, Samples]:
    assert project.restore is not None
    store = ArtifactStore(cache)
    stems = project.restore.result.stems
    return {stem: np.array(store.map(ref)) for stem, ref in stems.items()}


def drag(editor: Editor, from_s: float, to_s: float) -> None:
    """Drag in the lane of the dialogue."""
    timeline = editor.app.window.timeline
    canvas, axis = timeline.canvas, timeline.view.axis
    ids = [lane.lane_id for lane in editor.app.document.project.lanes]
    y = canvas.rows.row(ids.index(StemName.DIALOGUE), canvas.width()).center().y()
    kinds = (
        (QEvent.Type.MouseButtonPress, from_s, LEFT),
        (QEvent.Type.MouseMove, (from_s + to_s) / 2, Qt.MouseButton.NoButton),
        (QEvent.Type.MouseMove, to_s, Qt.MouseButton.NoButton),
        (QEvent.Type.MouseButtonRelease, to_s, LEFT),
    )
    for kind, time_s, button in kinds:
        place = QPointF(axis.x_at(time_s), y)
        where = canvas.mapToGlobal(place)
        keys = Qt.KeyboardModifier.ControlModifier
        QApplication.sendEvent(canvas, QMouseEvent(kind, place, where, button, LEFT, keys))


def test_a_dragged_edge_changes_the_sound_there_and_nowhere_else(
    editor: Editor, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    before = editor.app.document.project
    assert before.restore is not None
    (found,) = before.restore.spoken
    old = sounds(before, cache)
    drag(editor, found.end_s, 3.0)
    assert editor.app.document.undo_name.startswith("Move the end of speech at 0:02")
    editor.settle()
    after = editor.app.document.project
    assert after.restore is not None
    assert not after.restore.is_behind
    assert after.restore.spoken[0].end_s == pytest.approx(3.0, abs=0.02)
    new = sounds(after, cache)
    total = np.sum([new[stem] for stem in FOUR], axis=0)
    np.testing.assert_allclose(total, new[StemName.MIX], atol=1e-6)
    spoken = slice(round(2.5 * RATE_HZ), round(2.9 * RATE_HZ))
    assert not old[StemName.DIALOGUE][:, spoken].any()
    assert new[StemName.DIALOGUE][:, spoken].any()
    for elsewhere in (slice(0, RATE_HZ), slice(4 * RATE_HZ, None)):
        for stem, sound in old.items():
            assert np.array_equal(sound[:, elsewhere], new[stem][:, elsewhere]), stem
    editor.app.window.undo_requested.emit()
    assert editor.app.document.project is before
    editor.app.window.redo_requested.emit()
    assert editor.app.document.project is after
    editor.settle()
