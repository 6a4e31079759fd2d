"""The strip of the whole length shows the view, and moves it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Region
from tests.widgets.samples import DURATION_S, LANES, Saw, color_at, press, turn_wheel
from widgets.clips import ClipSpec
from widgets.lanes import LaneSpec
from widgets.marks import MarkerSpec, Marks
from widgets.minimap import HEIGHT_PX, Hold, Minimap, Overview, heard_peaks
from widgets.theme import DARK, LIGHT
from widgets.time_axis import MAX_PX_PER_S, TimeAxis
from widgets.time_view import TimeView

WIDTH = 600
PX_PER_S = WIDTH / DURATION_S
FITTED = TimeAxis(width_px=1200).with_duration(DURATION_S)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
MIDDLE = HEIGHT_PX // 2

axes = st.builds(
    lambda duration_s, factor, x: (
        TimeAxis(width_px=1200).with_duration(duration_s).zoomed(factor, x)
    ),
    st.floats(0.1, 10_000),
    st.floats(1, 1e6),
    st.floats(0, 1200),
)


@pytest.fixture
def view() -> TimeView:
    view = TimeView()
    view.show(FITTED)
    return view


@pytest.fixture
def minimap(themed: QApplication, qtbot: QtBot, view: TimeView) -> Minimap:
    minimap = Minimap(DARK, view)
    qtbot.addWidget(minimap)
    minimap.resize(WIDTH, HEIGHT_PX)
    minimap.show()
    view.show(FITTED.spanning(20.0, 30.0))
    return minimap


def seen(view: TimeView) -> tuple[float, float]:
    return view.axis.start_s, view.axis.end_s


def drag(minimap: Minimap, from_s: float, to_s: float, *, off_px: float = 0) -> None:
    for kind, time_s in (
        (QEvent.Type.MouseButtonPress, from_s),
        (QEvent.Type.MouseMove, to_s),
        (QEvent.Type.MouseButtonRelease, to_s),
    ):
        place = QPointF(time_s * PX_PER_S + off_px, MIDDLE)
        where = minimap.mapToGlobal(place)
        QApplication.sendEvent(minimap, QMouseEvent(kind, place, where, LEFT, LEFT, NONE))


@given(axes, st.integers(20, 4000))
def test_the_frame_can_be_seen_and_taken_hold_of(axis: TimeAxis, width_px: int) -> None:
    overview = Overview(axis, width_px)
    left, right = overview.frame_px()
    assert -1e-6 <= left <= right - 8 + 1e-6
    assert right <= width_px + 1e-6
    middle_s = (axis.start_s + min(axis.end_s, axis.duration_s)) / 2
    assert left - 1e-6 <= overview.x_at(middle_s) <= right + 1e-6
    assert overview.hold_at((left + right) / 2) is Hold.FRAME
    assert overview.hold_at(left) is Hold.START
    assert overview.hold_at(right) is Hold.END
    assert overview.hold_at(left - 6) is Hold.NOTHING
    assert overview.hold_at(right + 6) is Hold.NOTHING


@given(axes, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_stretch_is_shown_as_far_as_it_can_be(axis: TimeAxis, parts: tuple[float, float]) -> None:
    start_s, end_s = (part * axis.duration_s for part in sorted(parts))
    shown = axis.spanning(start_s, end_s)
    assert shown.px_per_s <= max(MAX_PX_PER_S, axis.fit_px_per_s) * (1 + 1e-9)
    if end_s - start_s > axis.width_px / MAX_PX_PER_S * 1.001:
        assert shown.start_s == pytest.approx(start_s, abs=1e-6 * axis.duration_s)
        assert shown.end_s == pytest.approx(end_s, abs=1e-6 * axis.duration_s)
    else:
        assert shown.start_s <= start_s + 1e-6
        assert shown.end_s >= end_s - 1e-6


def test_a_drag_in_the_frame_moves_the_view(minimap: Minimap, view: TimeView) -> None:
    drag(minimap, 24.0, 34.0)
    assert seen(view) == pytest.approx((30.0, 40.0))
    drag(minimap, 32.0, 99.0)
    assert seen(view) == pytest.approx((50.0, 60.0))


def test_a_drag_at_an_edge_zooms_and_the_other_edge_stays(minimap: Minimap, view: TimeView) -> None:
    drag(minimap, 20.0, 10.0)
    assert seen(view) == pytest.approx((10.0, 30.0))
    drag(minimap, 30.0, 12.0)
    assert seen(view) == pytest.approx((10.0, 12.0))
    drag(minimap, 10.0, 59.0, off_px=-3)
    assert view.axis.px_per_s == pytest.approx(MAX_PX_PER_S)


def test_elsewhere_the_frame_comes_along(minimap: Minimap, view: TimeView) -> None:
    drag(minimap, 45.0, 47.0)
    assert seen(view) == pytest.approx((42.0, 52.0))


def test_a_double_click_shows_everything(minimap: Minimap, view: TimeView) -> None:
    QTest.mouseDClick(minimap, LEFT, NONE, QPoint(10, MIDDLE))
    assert view.axis == FITTED


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (Qt.Key.Key_Left, (19.0, 29.0)),
        (Qt.Key.Key_Right, (21.0, 31.0)),
        (Qt.Key.Key_PageDown, (29.0, 39.0)),
        (Qt.Key.Key_PageUp, (11.0, 21.0)),
        (Qt.Key.Key_Home, (0.0, 10.0)),
        (Qt.Key.Key_End, (50.0, 60.0)),
        (Qt.Key.Key_Down, (17.5, 32.5)),
        (Qt.Key.Key_Up, (21.667, 28.333)),
    ],
)
def test_keys_move_and_zoom(
    minimap: Minimap, view: TimeView, key: Qt.Key, wanted: tuple[float, float]
) -> None:
    press(minimap, key)
    assert seen(view) == pytest.approx(wanted, abs=0.002)


def test_the_wheel_pans_and_with_ctrl_zooms_at_the_time_it_points_at(
    minimap: Minimap, view: TimeView
) -> None:
    turn_wheel(minimap, 250, QPoint(0, -120))
    assert seen(view)[0] == pytest.approx(21.0)
    start_s, end_s = seen(view)
    turn_wheel(minimap, 250, QPoint(0, 120), Qt.KeyboardModifier.ControlModifier)
    part = (25.0 - start_s) / (end_s - start_s)
    start_s, end_s = seen(view)
    assert (25.0 - start_s) / (end_s - start_s) == pytest.approx(part)
    assert end_s - start_s == pytest.approx(10 / 1.5)


def test_a_screen_reader_meets_a_slider_with_a_name_and_a_value(minimap: Minimap) -> None:
    interface = QAccessible.queryAccessibleInterface(minimap)
    assert interface.text(QAccessible.Text.Name) == "Visible time"
    values = interface.valueInterface()
    assert values.currentValue() == 20_000
    assert values.maximumValue() == 50_000


def test_it_shows_sound_marks_play_head_and_view(minimap: Minimap) -> None:
    minimap.set_lanes(LANES)
    minimap.set_waveform("mix", Saw(0.9))
    minimap.set_marks(Marks(Region(22.0, 28.0), (MarkerSpec(1, 25.0, "door"),)))
    minimap.set_playhead(27.0)
    assert color_at(minimap, 240, MIDDLE) == DARK.dim
    assert color_at(minimap, 240, HEIGHT_PX - 2) == DARK.accent
    assert color_at(minimap, 250, MIDDLE) == DARK.warn
    assert color_at(minimap, 270, MIDDLE) == DARK.text
    assert color_at(minimap, 100, MIDDLE) not in {DARK.dim, DARK.panel}
    minimap.set_theme(LIGHT)
    assert color_at(minimap, 240, MIDDLE) == LIGHT.dim


def test_it_shows_where_music_is_placed_and_whether_it_is_heard(minimap: Minimap) -> None:
    heard, muted = LaneSpec("a", "A", "A", "music"), LaneSpec("b", "B", "B", "music", muted=True)
    minimap.set_lanes((heard, muted))
    minimap.set_clips(
        (
            ClipSpec(1, "a", "one", "x", 21.0, 1.0, 0.0, 9.0),
            ClipSpec(2, "a", "two", "x", 22.0, 1.0, 0.0, 9.0),
            ClipSpec(3, "b", "not heard", "x", 24.0, 1.0, 0.0, 9.0),
            ClipSpec(4, "a", "missing", "", 26.0, 1.0, 0.0, 9.0),
            ClipSpec(5, "a", "short", "x", 28.0, 0.01, 0.0, 9.0),
        )
    )
    colors = [color_at(minimap, x, 3) for x in (210, 218, 219, 220, 245, 265, 281, 285)]
    assert colors == [
        *(DARK.music, DARK.music, DARK.panel, DARK.music, DARK.dim, DARK.dim, DARK.music),
        DARK.panel,
    ]
    assert color_at(minimap, 215, 6) == DARK.panel


def test_while_nothing_is_open_the_play_head_is_nowhere(themed: QApplication, qtbot: QtBot) -> None:
    minimap = Minimap(DARK, TimeView())
    qtbot.addWidget(minimap)
    minimap.set_playhead(5.0)
    assert Overview(TimeAxis(), WIDTH).x_at(5.0) == 0


def test_what_is_drawn_once_is_kept_until_something_else_is_heard(minimap: Minimap) -> None:
    source = Saw(0.5)
    minimap.set_lanes(LANES)
    minimap.set_waveform("mix", source)
    for time_s in range(10):
        minimap.set_playhead(float(time_s))
        minimap.grab()
    assert len(source.asked) == 1
    minimap.set_lanes(LANES[1:])
    minimap.set_lanes(LANES)
    minimap.grab()
    assert len(source.asked) == 1


def test_only_what_is_heard_counts_and_as_loud_as_it_is_heard() -> None:
    lanes = (
        LaneSpec("a", "A", "A", "mix", gain_db=-6.0206),
        LaneSpec("b", "B", "B", "mix"),
        LaneSpec("c", "C", "C", "mix", muted=True),
        LaneSpec("d", "D", "D", "mix", gain_db=float("-inf")),
        LaneSpec("e", "E", "E", "mix"),
    )
    sources = {name: Saw(peak) for name, peak in zip("abcd", (0.6, 0.4, 1.0, 1.0), strict=True)}
    peaks = heard_peaks(lanes, sources, 60.0, 10)
    np.testing.assert_allclose(peaks, np.tile([-0.5, 0.5], (10, 1)), atol=1e-4)
    assert not heard_peaks((), sources, 60.0, 10).any()
