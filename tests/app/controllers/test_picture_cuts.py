"""Cuts of the picture come by themselves, are snapped to, and can be gone to with keys."""

from pathlib import Path

import pytest

from tests.helpers.editor import RATE_HZ, Editor
from tests.helpers.restore_workload import make_tone_film
from widgets.snapping import SnapPoint


def cuts(editor: Editor) -> list[float]:
    timeline = editor.app.window.timeline
    return [point.time_s for point in timeline.snapping.points() if point.name == "Cut"]


def test_cuts_are_ticks_and_targets(editor: Editor, film: Path) -> None:
    editor.open(film)
    job = editor.app._cuts._job
    assert job is not None
    assert not job.is_awaited
    assert cuts(editor) == [0.5, 1.0, 1.5]
    assert editor.app.window.timeline.canvas.pictures._cuts_s.tolist() == [0.5, 1.0, 1.5]
    assert SnapPoint(2.0, "End") in editor.app.window.timeline.snapping.points()


def test_keys_go_from_cut_to_cut_and_stop_at_the_last(editor: Editor, film: Path) -> None:
    editor.open(film)
    wish, places = editor.app.window.cut_requested, []
    for way in (1, 1, -1, -1, 1, 1, 1, 1):
        wish.emit(way)
        places.append(editor.transport.position_s())
    assert places == pytest.approx([0.5, 1.0, 0.5, 0.5, 1.0, 1.5, 1.5, 1.5])


def test_a_film_whose_cuts_are_not_found_works_without(
    editor: Editor, film: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    editor.open(film)
    editor.open(make_tone_film(tmp_path / "uncut.mkv", 1.0, RATE_HZ))
    assert cuts(editor) == []
    editor.app.window.cut_requested.emit(1)
    assert editor.transport.position_s() == 0
    assert editor.messages == []
    assert "No picture can be read" in caplog.text
