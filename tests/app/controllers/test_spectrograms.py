"""Frequencies of lanes are computed as they are looked at, of the sound that is there now."""

import threading
from pathlib import Path

import numpy as np
import pytest

from app.controllers import spectrograms
from app.sounds import Sound
from engine.context import RunContext
from engine.types import StemName
from tests.helpers.editor import Editor
from widgets.lanes import Levels, SpectrogramTile
from widgets.spectrogram_tiles import SpectrogramTiles

OST = StemName.OST.value


def tiles_of(editor: Editor) -> SpectrogramTiles:
    return editor.app.window.timeline.canvas.spectrograms


def show(editor: Editor, lane_id: str = OST) -> None:
    editor.app.window.timeline.spectrogram_toggled.emit(lane_id, True)


def shown(editor: Editor, lane_id: str = OST) -> Levels:
    """What the lane shows once it shows anything."""
    tiles = tiles_of(editor)._tiles
    editor.qtbot.waitUntil(lambda: any(tile.lane_id == lane_id for tile in tiles))
    editor.settle()
    return next(known.levels for tile, known in tiles.items() if tile.lane_id == lane_id)


@pytest.fixture
def restored(editor: Editor, film: Path) -> Editor:
    """An editor with a restored film, each of whose stems is one tone."""
    editor.open(film)
    editor.restore()
    return editor


def test_a_lane_shows_its_frequencies_until_that_is_undone(restored: Editor) -> None:
    show(restored)
    assert restored.app.document.undo_name == "Show OST as spectrogram"
    loudest = shown(restored).values[:, 200].argmax()
    show(restored, StemName.BGM.value)
    assert shown(restored, StemName.BGM.value).values[:, 200].argmax() != loudest
    restored.app.window.undo_requested.emit()
    restored.app.window.undo_requested.emit()
    assert not any(lane.as_spectrogram for lane in restored.app.document.project.lanes)


def test_another_sound_is_another_spectrogram(restored: Editor) -> None:
    show(restored)
    before = shown(restored)
    restored.app.window.restore_panel.swap_requested.emit()
    assert not tiles_of(restored)._tiles
    assert (shown(restored).values != before.values).any()


def test_what_is_out_of_sight_is_given_up(
    restored: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[SpectrogramTile] = []
    is_cancelled = threading.Event()

    def never_done(_: Sound, tile: SpectrogramTile, __: Path, context: RunContext) -> Levels:
        begun.append(tile)
        try:
            while True:
                context.raise_if_cancelled()
                threading.Event().wait(0.005)
        finally:
            is_cancelled.set()

    monkeypatch.setattr(spectrograms, "spectrogram_tile", never_done)
    show(restored)
    restored.qtbot.waitUntil(lambda: bool(begun))
    restored.app.window.timeline.zoom(3)
    restored.qtbot.waitUntil(lambda: begun[-1].px_per_s > begun[0].px_per_s)
    restored.qtbot.waitUntil(is_cancelled.is_set)
    restored.app.window.undo_requested.emit()
    restored.settle()


def test_a_sound_that_has_gone_leaves_the_lane_empty(restored: Editor, tmp_path: Path) -> None:
    for path in (tmp_path / "cache").glob("*.f32"):
        path.unlink()
    restored.messages.clear()
    show(restored)
    assert not np.any(shown(restored).values)
    assert restored.messages == []
