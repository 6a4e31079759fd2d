"""The parts of the timeline move together."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import (
    DURATION_S,
    LANES,
    Saw,
    child,
    color_at,
    plain_image,
    press,
    turn_wheel,
)
from widgets.clips import ClipSpec
from widgets.lane_canvas import LaneCanvas
from widgets.lane_header import LaneHeader
from widgets.lanes import LaneSpec, Thumbnail
from widgets.ruler import Ruler
from widgets.theme import DARK, LANE_HEADER_WIDTH_PX, LANE_HEIGHT_PX, TALL_LANE_HEIGHT_PX
from widgets.timeline import Timeline
from widgets.timeline_corner import TimelineCorner

WIDTH = 1200
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def timeline(themed: QApplication, qtbot: QtBot) -> Timeline:
    timeline = Timeline(DARK)
    qtbot.addWidget(timeline)
    timeline.set_lanes(LANES)
    timeline.resize(LANE_HEADER_WIDTH_PX + WIDTH, timeline.sizeHint().height())
    timeline.show()
    timeline.activateWindow()
    qtbot.waitActive(timeline).__enter__()
    timeline.set_duration(DURATION_S)
    return timeline


@pytest.fixture
def views(timeline: Timeline) -> list[tuple[float, float]]:
    views: list[tuple[float, float]] = []
    timeline.view_changed.connect(lambda start_s, end_s: views.append((start_s, end_s)))
    return views


def canvas(timeline: Timeline) -> LaneCanvas:
    found = child(timeline, LaneCanvas)
    assert isinstance(found, LaneCanvas)
    return found


def headers(timeline: Timeline) -> list[LaneHeader]:
    return sorted(timeline.findChildren(LaneHeader), key=lambda header: header.y())


def tiles_drawn(source: Saw) -> list[tuple[float, float, int]]:
    """What a source was asked for, without what the strip of the whole length asks."""
    return [asked for asked in source.asked if asked[2] <= 513]


def test_heads_stand_beside_their_lanes(timeline: Timeline) -> None:
    timeline.set_thumbnails((Thumbnail(0.0, plain_image(160, 90, "#aa0000")),))
    timeline.resize(timeline.width(), timeline.sizeHint().height())
    QApplication.processEvents()
    tops = [header.mapTo(timeline, QPoint()).y() for header in headers(timeline)]
    first = canvas(timeline).mapTo(timeline, QPoint()).y() + canvas(timeline).rows.top_px
    assert tops == [first + index * LANE_HEIGHT_PX for index in range(len(LANES))]
    ruler = child(timeline, Ruler)
    assert ruler.mapTo(timeline, QPoint()).x() == canvas(timeline).mapTo(timeline, QPoint()).x()


def test_ctrl_wheel_zooms_at_the_cursor(
    timeline: Timeline, views: list[tuple[float, float]]
) -> None:
    turn_wheel(canvas(timeline), 600, QPoint(0, 120), CTRL)
    start_s, end_s = views[-1]
    assert end_s - start_s == pytest.approx(DURATION_S / 1.25)
    assert start_s + (end_s - start_s) / 2 == pytest.approx(30.0)


def test_the_wheel_pans_a_zoomed_view_and_leaves_a_fitted_one(
    timeline: Timeline, views: list[tuple[float, float]]
) -> None:
    turn_wheel(canvas(timeline), 600, QPoint(0, -120))
    assert views == []
    timeline.zoom(4)
    start_s = views[-1][0]
    turn_wheel(canvas(timeline), 600, QPoint(0, -120))
    assert views[-1][0] > start_s
    turn_wheel(child(timeline, Ruler), 600, QPoint(0, 120))
    assert views[-1][0] == pytest.approx(start_s)


def test_zoom_keeps_the_play_head_in_its_place(
    timeline: Timeline, views: list[tuple[float, float]]
) -> None:
    timeline.set_playhead(45.0)
    timeline.zoom(2)
    start_s, end_s = views[-1]
    assert (45.0 - start_s) / (end_s - start_s) == pytest.approx(0.75)
    timeline.fit()
    assert views[-1] == pytest.approx((0.0, DURATION_S))


def test_following_turns_the_page(timeline: Timeline, views: list[tuple[float, float]]) -> None:
    timeline.zoom(4)
    timeline.set_playhead(40.0)
    assert views[-1][0] == 0
    timeline.is_following = True
    timeline.set_playhead(41.0)
    assert views[-1][0] == pytest.approx(41.0)


def test_lanes_speak_with_their_names(timeline: Timeline, qtbot: QtBot) -> None:
    timeline.headers.toggle_mute()
    with qtbot.waitSignal(timeline.mute_toggled) as mute:
        timeline.headers.toggle_mute()
    assert mute.args[0] == "mix"
    headers(timeline)[2].setFocus()
    with qtbot.waitSignal(timeline.solo_toggled) as solo:
        timeline.headers.toggle_solo()
    assert solo.args == ["bgm", True]
    with qtbot.waitSignal(timeline.gain_changed) as gain:
        headers(timeline)[1].gain_changed.emit(-3.0)
    assert gain.args == ["dialogue", -3.0]


def test_arrows_go_from_lane_to_lane_and_stop_at_the_ends(timeline: Timeline, qtbot: QtBot) -> None:
    first, second, third = headers(timeline)
    first.setFocus()
    press(first, Qt.Key.Key_Up)
    assert timeline.headers.current_lane == "mix"
    press(first, Qt.Key.Key_Down)
    press(second, Qt.Key.Key_Down)
    assert third.hasFocus()
    assert timeline.headers.current_lane == "bgm"


def test_new_lanes_keep_the_focus_and_the_sound_of_those_that_stay(
    timeline: Timeline, qtbot: QtBot
) -> None:
    source = Saw(0.5)
    timeline.set_waveform("dialogue", source)
    kept = headers(timeline)[1]
    kept.setFocus()
    timeline.grab()
    drawn = len(tiles_drawn(source))
    timeline.set_lanes((LANES[1], LaneSpec("ost", "O", "OST restored", "ost")))
    timeline.grab()
    QApplication.processEvents()
    assert kept.hasFocus()
    assert timeline.headers.current_lane == "dialogue"
    assert len(tiles_drawn(source)) == drawn
    assert [header.accessibleName() for header in headers(timeline) if header.isVisible()] == [
        "Lane Dialogue",
        "Lane OST restored",
    ]


def test_the_current_lane_moves_on_when_it_goes(timeline: Timeline) -> None:
    timeline.set_lanes(LANES[1:])
    assert timeline.headers.current_lane == "dialogue"
    timeline.set_lanes(())
    assert timeline.headers.current_lane == ""
    timeline.headers.toggle_mute()


def test_numbers_choose_lanes_that_are_there(timeline: Timeline) -> None:
    chosen: list[str] = []
    timeline.solo_only_requested.connect(chosen.append)
    timeline.solo_only(1)
    timeline.solo_only(9)
    assert chosen == ["dialogue"]


def test_many_lanes_scroll_instead_of_growing_over_the_picture(timeline: Timeline) -> None:
    timeline.set_lanes(tuple(LaneSpec(str(i), str(i), f"Lane {i}", "mix") for i in range(12)))
    assert timeline.sizeHint().height() > 12 * LANE_HEIGHT_PX
    assert timeline.minimumSizeHint().height() < 4 * LANE_HEIGHT_PX


@pytest.mark.parametrize("num_lanes", [1, 3, 12])
def test_tall_lanes_keep_beside_their_heads_and_leave_room(
    timeline: Timeline, num_lanes: int
) -> None:
    timeline.set_lanes(LANES[:1])
    timeline.set_tall(tall=True)
    lanes = tuple(LaneSpec(str(i), str(i), f"Lane {i}", "mix") for i in range(num_lanes))
    timeline.set_lanes(lanes)
    timeline.resize(timeline.width(), timeline.sizeHint().height())
    QApplication.processEvents()
    first = canvas(timeline).mapTo(timeline, QPoint()).y()
    shown = [header for header in headers(timeline) if header.isVisible()]
    tops = [header.mapTo(timeline, QPoint()).y() - first for header in shown]
    assert sorted(tops) == [index * TALL_LANE_HEIGHT_PX for index in range(num_lanes)]
    assert timeline.sizeHint().height() <= max(500, (num_lanes + 2) * LANE_HEIGHT_PX)
    timeline.set_tall(tall=False)
    assert {header.height() for header in shown} == {LANE_HEIGHT_PX}


def test_a_lane_asks_to_be_seen_as_spectrogram(timeline: Timeline, qtbot: QtBot) -> None:
    with qtbot.waitSignal(timeline.spectrogram_toggled) as wish:
        timeline.headers.toggle_spectrogram()
    assert wish.args == ["mix", True]


def test_in_a_blind_test_nothing_can_be_set_that_is_not_seen(timeline: Timeline) -> None:
    timeline.show()
    tall = QAction("Tall", timeline)
    timeline.corner.show_switches([tall])
    timeline.set_blind(blind=True)
    assert not any(control.isEnabled() for control in timeline.corner.controls())
    corners = timeline.findChildren(TimelineCorner)
    assert [corner.isVisible() for corner in corners if corner is not timeline.corner] == [False]
    timeline.set_blind(blind=False)
    assert all(control.isEnabled() for control in timeline.corner.controls())
    assert all(corner.isVisible() for corner in corners)


def test_placed_music_is_in_the_strip_of_the_whole_as_well(timeline: Timeline) -> None:
    timeline.set_lanes((LaneSpec("placed 1", "M", "Music 1", "music"),))
    timeline.canvas.clips.set_clips(
        (ClipSpec(1, "placed 1", "song", "x", 0.0, DURATION_S / 2, 0.0, DURATION_S),)
    )
    width = timeline.minimap.width()
    colors = [color_at(timeline.minimap, x, 3) for x in (width // 4, 3 * width // 4)]
    assert colors == [DARK.music, DARK.panel]
