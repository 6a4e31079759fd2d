"""Lanes are painted where they are, and only when they must be."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import DURATION_S, LANES, Clicks, Saw, color_at, plain_image, turn_wheel
from widgets import lane_painter
from widgets.lane_canvas import LaneCanvas
from widgets.lanes import Doubt, LaneSpec, Thumbnail, is_audible
from widgets.theme import DARK, LANE_HEIGHT_PX, LIGHT
from widgets.time_axis import TimeAxis

WIDTH = 1200
MIDDLE = LANE_HEIGHT_PX // 2


@pytest.fixture
def canvas(themed: QApplication, qtbot: QtBot) -> LaneCanvas:
    canvas = LaneCanvas(DARK)
    qtbot.addWidget(canvas)
    canvas.resize(WIDTH, 4 * LANE_HEIGHT_PX)
    canvas.set_lanes(LANES)
    canvas.set_axis(TimeAxis(width_px=WIDTH).with_duration(DURATION_S))
    return canvas


def mixed(first: str, second: str, part: float) -> QColor:
    above, below = QColor(first), QColor(second)
    return QColor(
        *(
            round(part * upper + (1 - part) * lower)
            for upper, lower in (
                (above.red(), below.red()),
                (above.green(), below.green()),
                (above.blue(), below.blue()),
            )
        )
    )


def test_a_lane_shows_its_sound_in_its_colour(canvas: LaneCanvas) -> None:
    canvas.set_waveform("dialogue", Saw(0.5))
    row = LANE_HEIGHT_PX
    assert color_at(canvas, 600, row + MIDDLE + 6) == DARK.dialogue
    assert color_at(canvas, 600, row + 3) == DARK.window
    assert color_at(canvas, 600, MIDDLE + 6) == DARK.window


def test_a_muted_lane_is_dimmed_not_hidden(canvas: LaneCanvas) -> None:
    canvas.set_waveform("bgm", Saw(0.5))
    shown = QColor(color_at(canvas, 600, 2 * LANE_HEIGHT_PX + MIDDLE + 6))
    wanted = mixed(DARK.bgm, DARK.window, 0.38)
    assert abs(shown.red() - wanted.red()) <= 2
    assert abs(shown.green() - wanted.green()) <= 2


@pytest.mark.parametrize(
    ("muted", "soloed", "other_soloed", "audible"),
    [
        (False, False, False, True),
        (True, False, False, False),
        (False, False, True, False),
        (True, True, False, True),
        (False, True, True, True),
    ],
)
def test_solo_wins_over_mute(muted: bool, soloed: bool, other_soloed: bool, audible: bool) -> None:
    lane = LaneSpec("a", "A", "A", "mix", muted=muted, soloed=soloed)
    other = LaneSpec("b", "B", "B", "mix", soloed=other_soloed)
    assert is_audible(lane, (lane, other)) is audible


def test_speech_is_marked_from_its_start_to_its_end(canvas: LaneCanvas) -> None:
    canvas.set_regions("dialogue", (Region(10.0, 20.0), Region(300.0, 400.0)))
    top = LANE_HEIGHT_PX
    assert color_at(canvas, 200, top) == DARK.dialogue
    assert color_at(canvas, 399, top) == DARK.dialogue
    assert color_at(canvas, 198, top) == color_at(canvas, 401, top) == DARK.window
    assert color_at(canvas, 300, top + 10) not in {DARK.window, DARK.dialogue}


def test_what_is_in_doubt_is_hatched_and_says_why(canvas: LaneCanvas) -> None:
    doubts = (Doubt(Region(10.0, 20.0), "Listen here."), Doubt(Region(18.0, 20.0), "And why."))
    canvas.set_lanes((LANES[0], replace(LANES[1], doubts=doubts), LANES[2]))
    row = range(LANE_HEIGHT_PX, 2 * LANE_HEIGHT_PX - 1)
    assert {color_at(canvas, 230, y) for y in row} >= {DARK.window, DARK.warn}
    assert {color_at(canvas, 190, y) for y in row} == {DARK.window}
    assert {color_at(canvas, 230, y) for y in range(LANE_HEIGHT_PX - 1)} == {DARK.window}

    def words_at(x: int, y: int) -> str:
        place, none = QPointF(x, y), Qt.MouseButton.NoButton
        where, keys = canvas.mapToGlobal(place), Qt.KeyboardModifier.NoModifier
        moved = QMouseEvent(QEvent.Type.MouseMove, place, where, none, none, keys)
        QApplication.sendEvent(canvas, moved)
        return canvas.toolTip()

    top = LANE_HEIGHT_PX
    assert words_at(230, top + 5) == "Listen here."
    assert words_at(370, top + 5) == "Listen here.\nAnd why."
    assert words_at(230, top - 5) == words_at(401, top + 5) == ""


def test_the_play_head_stands_at_its_time(canvas: LaneCanvas) -> None:
    canvas.set_playhead(30.0)
    assert color_at(canvas, 600, 5) == DARK.text
    assert color_at(canvas, 599, 5) == DARK.window
    assert color_at(canvas, 601, 5) == DARK.window


def test_moving_the_play_head_draws_no_tile_again(canvas: LaneCanvas) -> None:
    source = Saw(0.5)
    canvas.set_waveform("mix", source)
    canvas.grab()
    drawn = len(source.asked)
    for second in range(40):
        canvas.set_playhead(float(second))
        canvas.grab()
    assert len(source.asked) == drawn > 0


def test_moving_the_play_head_repaints_two_strips(
    canvas: LaneCanvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas.set_playhead(10.0)
    dirty: list[QRect] = []
    monkeypatch.setattr(canvas, "update", lambda *place: dirty.append(QRect(*place)))
    canvas.set_playhead(10.001)
    assert dirty == []
    canvas.set_playhead(30.0)
    assert [rect.width() for rect in dirty] == [3, 3]
    assert dirty[0].contains(200, 5)
    assert dirty[1].contains(600, 5)


def test_a_new_waveform_replaces_the_old_one(canvas: LaneCanvas) -> None:
    canvas.set_waveform("mix", Saw(0.9))
    assert color_at(canvas, 600, 6) == DARK.mix
    canvas.set_waveform("mix", Saw(0.1))
    assert color_at(canvas, 600, 6) == DARK.window
    canvas.set_waveform("mix", None)
    assert color_at(canvas, 600, MIDDLE) == DARK.window


def test_a_lane_that_goes_takes_its_sound_along(canvas: LaneCanvas) -> None:
    canvas.set_waveform("mix", Saw(0.9))
    canvas.set_lanes(LANES[1:])
    canvas.set_lanes(LANES)
    assert color_at(canvas, 600, MIDDLE) == DARK.window


def test_waveforms_keep_their_place_while_panning(canvas: LaneCanvas) -> None:
    """A tile that is drawn half a pixel beside its place changes when the view moves."""
    canvas.set_waveform("mix", Saw(0.5))
    axis = TimeAxis(width_px=WIDTH).with_duration(DURATION_S).zoomed(3.3, 500)
    canvas.set_axis(axis.panned(7.4))
    for x in (0, 1, 511, 512, 513, WIDTH - 1):
        assert color_at(canvas, x, MIDDLE + 6) == DARK.mix


def test_a_view_that_moves_fast_is_drawn_from_what_is_there_and_sharpened_after(
    canvas: LaneCanvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Saw(0.5)
    canvas.set_waveform("mix", source)
    canvas.show()
    monkeypatch.setattr(lane_painter, "_FRAME_S", -1.0)
    canvas.grab()
    drawn = len(source.asked)
    assert drawn == 3
    canvas.set_axis(TimeAxis(width_px=WIDTH).with_duration(DURATION_S).zoomed(1.5, 600))
    for x in (0, 300, 600, 900, WIDTH - 1):
        assert color_at(canvas, x, MIDDLE + 6) == DARK.mix
        assert color_at(canvas, x, 3) == DARK.window
    qtbot.wait(100)
    assert len(source.asked) == drawn
    monkeypatch.setattr(lane_painter, "_FRAME_S", 10.0)
    qtbot.waitUntil(lambda: len(source.asked) > drawn)


def test_a_click_is_drawn_where_it_sounds(canvas: LaneCanvas) -> None:
    canvas.set_waveform("mix", Clicks())
    axis = TimeAxis(width_px=WIDTH).with_duration(DURATION_S).zoomed(3, 0).panned(333)
    canvas.set_axis(axis)
    for second in (6, 13, 20):
        x = round(axis.x_at(second))
        assert color_at(canvas, x, 8) == DARK.mix
        assert color_at(canvas, x - 1, 8) == color_at(canvas, x + 1, 8) == DARK.window


def test_pictures_fill_the_first_lane_and_push_the_others_down(canvas: LaneCanvas) -> None:
    canvas.pictures.set_thumbnails(
        (
            Thumbnail(0.0, plain_image(160, 90, "#aa0000")),
            Thumbnail(30.0, plain_image(160, 90, "#00aa00")),
        )
    )
    canvas.set_waveform("mix", Saw(0.5))
    assert color_at(canvas, 100, MIDDLE) == "#aa0000"
    assert color_at(canvas, 1100, MIDDLE) == "#00aa00"
    assert color_at(canvas, 600, LANE_HEIGHT_PX + MIDDLE + 6) == DARK.mix
    assert canvas.sizeHint().height() == 4 * LANE_HEIGHT_PX


def test_cuts_are_ticks_above_the_pictures(canvas: LaneCanvas) -> None:
    canvas.pictures.set_cuts((10.0, 20.0, 20.001, 59.99))
    assert color_at(canvas, 200, 1) == DARK.window
    assert "The picture is cut 4 times." in canvas.accessibleDescription()
    canvas.pictures.set_thumbnails((Thumbnail(0.0, plain_image(160, 90, "#aa0000")),))
    for x in (200, 400):
        assert color_at(canvas, x, 1) == DARK.text
        assert color_at(canvas, x - 1, 1) == color_at(canvas, x + 1, 1) == DARK.window
    axis = TimeAxis(width_px=WIDTH).with_duration(DURATION_S).zoomed(10, 400)
    canvas.set_axis(axis)
    assert color_at(canvas, round(axis.x_at(20.0)), 1) == DARK.text


def test_the_middle_button_drags_the_view(canvas: LaneCanvas, qtbot: QtBot) -> None:
    moves: list[float] = []
    canvas.pan_requested.connect(moves.append)
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(300, 5))
    canvas.mouseMoveEvent(_move(canvas, 250))
    canvas.mouseMoveEvent(_move(canvas, 200))
    assert moves == [50, 50]


def test_the_wheel_is_handed_on(canvas: LaneCanvas) -> None:
    places: list[float] = []
    canvas.wheel_turned.connect(lambda event: places.append(event.position().x()))
    turn_wheel(canvas, 77, QPoint(0, 120))
    assert places == [77]


def test_another_theme_shows_other_colours(canvas: LaneCanvas) -> None:
    canvas.set_waveform("mix", Saw(0.5))
    canvas.set_theme(LIGHT)
    assert color_at(canvas, 600, MIDDLE + 6) == LIGHT.mix
    assert color_at(canvas, 600, 3) == LIGHT.window


def _move(canvas: LaneCanvas, x: int) -> QMouseEvent:
    place = QPointF(x, 5)
    return QMouseEvent(
        QEvent.Type.MouseMove,
        place,
        canvas.mapToGlobal(place),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.MiddleButton,
        Qt.KeyboardModifier.NoModifier,
    )
