"""Spectrograms are asked for, never waited for, and shown where they belong."""

from collections.abc import Iterable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import DURATION_S, color_at
from widgets import spectrogram_tiles
from widgets.color_map import level_colors
from widgets.lane_canvas import LaneCanvas
from widgets.lanes import LaneSpec, Levels, SpectrogramTile
from widgets.spectrogram_tiles import SpectrogramTiles, level_image
from widgets.theme import DARK, LANE_HEIGHT_PX, LIGHT, TALL_LANE_HEIGHT_PX, Theme
from widgets.time_axis import TimeAxis
from widgets.waveform_tiles import TILE_WIDTH

WIDTH = 1200
HEIGHT = LANE_HEIGHT_PX - 1
MIX = LaneSpec("mix", "0", "Original mix", "mix")
OST = LaneSpec("ost", "O", "OST restored", "ost", as_spectrogram=True)
ROW = LANE_HEIGHT_PX + 10
FITTED = TimeAxis(width_px=WIDTH).with_duration(DURATION_S)


@pytest.fixture
def canvas(themed: QApplication, qtbot: QtBot) -> LaneCanvas:
    canvas = LaneCanvas(DARK)
    qtbot.addWidget(canvas)
    canvas.resize(WIDTH, 2 * LANE_HEIGHT_PX)
    canvas.set_lanes((MIX, OST))
    canvas.set_axis(FITTED)
    return canvas


def flat(level: int, width: int = TILE_WIDTH, height: int = HEIGHT) -> Levels:
    return Levels(np.full((height, width), level, np.uint8), 20_000.0)


def color(level: int, theme: Theme = DARK) -> str:
    return f"#{level_colors(theme, 'ost')[level] & 0xFFFFFF:06x}"


def asked(canvas: LaneCanvas, qtbot: QtBot) -> tuple[SpectrogramTile, ...]:
    with qtbot.waitSignal(canvas.spectrograms.wanted) as wish:
        canvas.grab()
    tiles: tuple[SpectrogramTile, ...] = wish.args[0]
    return tiles


def answer(canvas: LaneCanvas, tiles: Iterable[SpectrogramTile], level: int) -> None:
    for tile in tiles:
        canvas.spectrograms.put(tile, flat(level, height=tile.height))


def test_what_is_in_view_is_asked_for_and_shown_when_it_comes(
    canvas: LaneCanvas, qtbot: QtBot
) -> None:
    tiles = asked(canvas, qtbot)
    assert [(tile.lane_id, tile.index, tile.height) for tile in tiles] == [
        ("ost", index, HEIGHT) for index in range(3)
    ]
    assert color_at(canvas, 600, ROW) == DARK.window
    answer(canvas, tiles[1:2], 200)
    assert color_at(canvas, 600, ROW) == color(200)
    assert color_at(canvas, 511, ROW) == DARK.window
    assert color_at(canvas, 600, 10) == DARK.window


def test_nothing_is_asked_twice_nor_while_nothing_is_missing(
    canvas: LaneCanvas, qtbot: QtBot
) -> None:
    tiles = asked(canvas, qtbot)
    answer(canvas, tiles, 10)
    canvas.grab()
    wishes: list[tuple[SpectrogramTile, ...]] = []
    canvas.spectrograms.wanted.connect(wishes.append)
    for second in range(5):
        canvas.set_playhead(float(second))
        canvas.grab()
        qtbot.wait(spectrogram_tiles.ASK_AFTER_MS)
    assert wishes in ([], [()])


def test_a_view_that_moves_asks_for_the_last_thing_it_sees(
    canvas: LaneCanvas, qtbot: QtBot
) -> None:
    wishes: list[tuple[SpectrogramTile, ...]] = []
    canvas.spectrograms.wanted.connect(wishes.append)
    axis = FITTED
    for _ in range(20):
        axis = axis.zoomed(1.1, 600)
        canvas.set_axis(axis)
        canvas.grab()
    qtbot.waitUntil(lambda: bool(wishes) and wishes[-1][0].px_per_s == axis.px_per_s)
    assert len(wishes) < 20


def test_another_zoom_is_shown_until_the_own_one_comes(canvas: LaneCanvas, qtbot: QtBot) -> None:
    """The second half of the film is loud: it stays where it is when the view gets closer."""
    for tile in asked(canvas, qtbot):
        first = tile.index * TILE_WIDTH
        columns = np.arange(first, first + TILE_WIDTH) >= WIDTH // 2
        values = np.tile(np.where(columns, 250, 20).astype(np.uint8), (HEIGHT, 1))
        canvas.spectrograms.put(tile, Levels(values, 20_000.0))
    axis = FITTED.zoomed(4, 500)
    canvas.set_axis(axis)
    middle = round(axis.x_at(DURATION_S / 2))
    assert color_at(canvas, middle - 6, ROW) == color(20)
    assert color_at(canvas, middle + 6, ROW) == color(250)
    answer(canvas, asked(canvas, qtbot), 100)
    assert color_at(canvas, middle + 6, ROW) == color(100)
    canvas.set_axis(FITTED.zoomed(2000, 600))
    assert color_at(canvas, 600, ROW) in {color(20), color(250), color(100)}
    canvas.set_axis(FITTED.zoomed(1.5, 600))
    assert color_at(canvas, 1100, ROW) == color(250)


def test_other_colours_ask_for_nothing(canvas: LaneCanvas, qtbot: QtBot) -> None:
    answer(canvas, asked(canvas, qtbot), 77)
    canvas.grab()
    canvas.set_theme(LIGHT)
    assert color_at(canvas, 600, ROW) == color(77, LIGHT)


def test_a_sound_that_changed_is_asked_for_again(canvas: LaneCanvas, qtbot: QtBot) -> None:
    before = asked(canvas, qtbot)
    answer(canvas, before, 200)
    canvas.spectrograms.forget("mix")
    assert color_at(canvas, 600, ROW) == color(200)
    canvas.spectrograms.forget("ost")
    assert color_at(canvas, 600, ROW) == DARK.window
    assert asked(canvas, qtbot) == before


def test_a_sound_that_changed_while_it_was_waited_for_is_asked_for_again(
    canvas: LaneCanvas, qtbot: QtBot
) -> None:
    before = asked(canvas, qtbot)
    canvas.spectrograms.forget("ost")
    assert asked(canvas, qtbot) == before


def test_what_is_in_view_stays_longest(
    canvas: LaneCanvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spectrogram_tiles, "_CAPACITY_BYTES", 5 * 4 * TILE_WIDTH * HEIGHT)
    tiles = asked(canvas, qtbot)
    answer(canvas, tiles, 200)
    far = [SpectrogramTile("ost", tiles[0].px_per_s, HEIGHT, index) for index in (50, 51)]
    answer(canvas, far[:1], 9)
    canvas.grab()
    answer(canvas, far[1:], 9)
    assert set(canvas.spectrograms._tiles) == {*tiles, far[1]}


def test_a_lane_that_goes_takes_its_spectrogram_along(canvas: LaneCanvas, qtbot: QtBot) -> None:
    answer(canvas, asked(canvas, qtbot), 200)
    canvas.set_lanes((MIX,))
    canvas.set_lanes((MIX, OST))
    assert color_at(canvas, 600, ROW) == DARK.window


def test_what_was_not_looked_at_for_longest_gives_way(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spectrogram_tiles, "_CAPACITY_BYTES", 5 * 3 * 512 * 44)
    tiles = SpectrogramTiles()
    keys = [SpectrogramTile("ost", 20.0, 44, index) for index in range(4)]
    for key in keys:
        tiles.put(key, flat(9))
    assert list(tiles._tiles) == keys[1:]
    tiles.put(keys[1], flat(3))
    assert list(tiles._tiles) == [keys[2], keys[3], keys[1]]
    assert tiles._num_bytes == 5 * 3 * 512 * 44


def test_lanes_name_a_few_frequencies_at_their_left(canvas: LaneCanvas, qtbot: QtBot) -> None:
    def inked() -> list[int]:
        """Rows in which something is written at the left."""
        image = canvas.grab().toImage()
        assert image.pixelColor(30, LANE_HEIGHT_PX + 5).name() == DARK.window
        return [
            y
            for y in range(LANE_HEIGHT_PX, 2 * LANE_HEIGHT_PX - 1)
            if any(image.pixelColor(x, y).lightness() > 60 for x in range(3, 20))
        ]

    tiles = asked(canvas, qtbot)
    assert inked() == []
    answer(canvas, tiles, 0)
    # 10k above, 1k and 100 below.
    assert inked()[0] < LANE_HEIGHT_PX + 10
    assert inked()[-1] > 2 * LANE_HEIGHT_PX - 10
    # They stay while another zoom is waited for.
    before = inked()
    canvas.set_axis(FITTED.zoomed(1.5, 600))
    assert inked() == before


def test_high_lanes_ask_for_high_tiles(canvas: LaneCanvas, qtbot: QtBot) -> None:
    canvas.set_lane_height(TALL_LANE_HEIGHT_PX)
    canvas.resize(WIDTH, canvas.sizeHint().height())
    assert canvas.height() == 2 * TALL_LANE_HEIGHT_PX
    tiles = asked(canvas, qtbot)
    assert {tile.height for tile in tiles} == {TALL_LANE_HEIGHT_PX - 1}
    answer(canvas, tiles, 255)
    assert color_at(canvas, 600, TALL_LANE_HEIGHT_PX + 60) == color(255)


def test_levels_become_pixels_row_by_row(qapp: QApplication) -> None:
    values = np.arange(6, dtype=np.uint8).reshape(2, 3)
    image = level_image(Levels(values, 20_000.0), DARK, "ost")
    assert (image.width(), image.height()) == (3, 2)
    assert image.pixelColor(2, 0).name() == color(2)
    assert image.pixelColor(0, 1).name() == color(3)
