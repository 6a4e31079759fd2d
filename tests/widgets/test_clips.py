"""Clips are taken hold of where they are drawn, and drags say what they mean."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.samples import LANES, Saw, color_at
from widgets.clips import ClipPart, ClipSpec, FadeSpec, snap_points
from widgets.lanes import LaneSpec
from widgets.theme import DARK
from widgets.timeline import Timeline

if TYPE_CHECKING:
    from widgets.clip_layer import ClipLayer

FILM_S = 60.0
MUSIC = LaneSpec("placed 1", "M1", "Music 1", "music")
CLIP = ClipSpec(1, "placed 1", "Song", "song", 10.0, 20.0, 5.0, 90.0)
LEFT = Qt.MouseButton.LeftButton


class Scene:
    """A timeline with a lane of music, 10 pixels a second, and all that its clips were told."""

    def __init__(self, qtbot: QtBot, *clips: ClipSpec) -> None:
        self.timeline = Timeline(DARK)
        qtbot.addWidget(self.timeline)
        self.canvas = self.timeline.canvas
        self.layer: ClipLayer = self.canvas.clips
        self.timeline.set_lanes((*LANES, MUSIC))
        self.timeline.set_duration(FILM_S)
        self.timeline.resize(700, 400)
        self.timeline.show()
        qtbot.waitExposed(self.timeline).__enter__()
        self.layer.set_clips(clips)
        self.heard: list[tuple[object, ...]] = []
        self.seeks: list[float] = []
        drag = self.timeline.clip_drag
        for name in ("clip_pressed", "moved", "trimmed", "slipped", "faded", "given_up"):
            getattr(drag, name).connect(
                lambda *values, name=name: self.heard.append((name, *values))
            )
        self.timeline.seek_requested.connect(self.seeks.append)
        self.canvas.grab()

    def _hear(self, name: str, *values: object) -> None:
        self.heard.append((name, *values))

    def x(self, time_s: float) -> int:
        return round(self.timeline.view.axis.x_at(time_s))

    def place(self, time_s: float, share: float = 0.6) -> QPoint:
        """A place in the lane of music, so far down."""
        row = self.canvas.rows.row(len(LANES), self.canvas.width())
        return QPoint(self.x(time_s), row.top() + round(share * row.height()))

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier,
    ) -> tuple[object, ...]:
        """Drag, without snapping if nothing else is said: the last wish before it was let go."""
        QTest.mousePress(self.canvas, LEFT, keys, start)
        for step in (0.5, 1.0):
            middle = QPointF(start) + QPointF(end - start) * step
            _move(self.canvas, middle, keys)
        QTest.mouseRelease(self.canvas, LEFT, keys, end)
        return self.heard[-1]


def _move(canvas: object, place: QPointF, keys: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QWidget

    assert isinstance(canvas, QWidget)
    where = QPointF(canvas.mapToGlobal(place.toPoint()))
    event = QMouseEvent(QEvent.Type.MouseMove, place, where, Qt.MouseButton.NoButton, LEFT, keys)
    QApplication.sendEvent(canvas, event)


@pytest.fixture
def scene(themed: QApplication, qtbot: QtBot) -> Scene:
    return Scene(qtbot, CLIP)


def test_a_drag_of_the_middle_moves(scene: Scene) -> None:
    wish = scene.drag(scene.place(20.0), scene.place(27.0))
    assert wish == ("moved", 1, pytest.approx(17.0, abs=0.2), "placed 1")
    assert scene.heard[0] == ("clip_pressed", 1)
    assert not scene.seeks


def test_with_alt_it_slips(scene: Scene) -> None:
    wish = scene.drag(scene.place(20.0), scene.place(18.0), Qt.KeyboardModifier.AltModifier)
    assert wish == ("slipped", 1, pytest.approx(7.0, abs=0.2))


@pytest.mark.parametrize(("at_s", "to_s", "end"), [(10.0, 13.0, "in"), (30.0, 26.0, "out")])
def test_a_drag_of_an_edge_trims(scene: Scene, at_s: float, to_s: float, end: str) -> None:
    wish = scene.drag(scene.place(at_s), scene.place(to_s))
    assert wish == ("trimmed", 1, end, pytest.approx(to_s, abs=0.2))


@pytest.mark.parametrize(
    ("at_s", "to_s", "end", "length_s"), [(12.0, 15.0, "in", 5.0), (26.0, 22.0, "out", 8.0)]
)
def test_a_drag_of_a_handle_fades(
    scene: Scene, at_s: float, to_s: float, end: str, length_s: float
) -> None:
    scene.layer.set_clips((replace(CLIP, fade_in=FadeSpec(2.0), fade_out=FadeSpec(4.0)),))
    scene.canvas.grab()
    wish = scene.drag(scene.place(at_s, 0.15), scene.place(to_s, 0.15))
    assert wish == ("faded", 1, end, pytest.approx(length_s, abs=0.2))


def test_what_a_part_of_a_fade_takes_away_is_shaded_up_to_its_end(scene: Scene) -> None:
    scene.layer.set_clips((replace(CLIP, fade_in=FadeSpec(10.0, gains=(0.0, 0.5))),))
    picture = scene.canvas.grab().toImage()
    shaded, plain = (scene.place(at_s, 0.3) for at_s in (19.0, 21.0))
    assert picture.pixelColor(shaded) != picture.pixelColor(plain)
    below = (scene.place(at_s, 0.8) for at_s in (19.0, 21.0))
    assert len({picture.pixelColor(place).name() for place in below}) == 1


def test_a_click_selects_and_moves_nothing(scene: Scene) -> None:
    QTest.mouseClick(scene.canvas, LEFT, pos=scene.place(20.0))
    assert scene.heard == [("clip_pressed", 1)]


def test_beside_a_clip_a_press_seeks(scene: Scene) -> None:
    QTest.mouseClick(scene.canvas, LEFT, pos=scene.place(40.0))
    assert not scene.heard
    assert scene.seeks == [pytest.approx(40.0, abs=0.2)]


def test_escape_gives_a_drag_up(scene: Scene) -> None:
    QTest.mousePress(scene.canvas, LEFT, pos=scene.place(20.0))
    _move(scene.canvas, QPointF(scene.place(25.0)), Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(QApplication.focusWidget() or scene.timeline, Qt.Key.Key_Escape)
    assert scene.heard[-1] == ("given_up",)


@pytest.mark.parametrize("anchor_s", [10.0, 30.0, 15.0])
def test_its_ends_and_beats_hold_on_to_cuts(scene: Scene, anchor_s: float) -> None:
    scene.layer.set_clips((replace(CLIP, beats_s=(10.0,)),))
    scene.timeline.set_cuts((anchor_s + 4.0,))
    scene.canvas.grab()
    free = Qt.KeyboardModifier.NoModifier
    way_s = 4.0 + 4 / (scene.x(1.0) - scene.x(0.0))
    wish = scene.drag(scene.place(20.0), scene.place(20.0 + way_s), free)
    assert wish[2] == pytest.approx(14.0)


def test_it_holds_on_to_others_but_not_to_itself(scene: Scene) -> None:
    other = replace(CLIP, clip_id=2, start_s=40.0, duration_s=10.0)
    scene.layer.set_clips((CLIP, other))
    scene.canvas.grab()
    free, px_s = Qt.KeyboardModifier.NoModifier, 1 / scene.timeline.view.axis.px_per_s
    wish = scene.drag(scene.place(20.0), scene.place(20.0 + 6 * px_s), free)
    assert wish[2] == pytest.approx(10.0 + 6 * px_s, abs=px_s)
    assert wish[2] != 10.0
    wish = scene.drag(scene.place(20.0), scene.place(30.0 + 3 * px_s), free)
    assert wish[2] == pytest.approx(20.0)


def test_points_name_what_they_are() -> None:
    clip = replace(CLIP, beats_s=(4.0, 6.0, 30.0))
    names = [(point.time_s, point.name) for point in snap_points([clip])]
    assert names == [(10.0, "Start of Song"), (30.0, "End of Song"), (11.0, "Beat of Song")]


def test_parts_are_found_by_their_place(scene: Scene) -> None:
    places = {
        ClipPart.START: scene.place(10.2),
        ClipPart.END: scene.place(29.8),
        ClipPart.BODY: scene.place(20.0),
    }
    for part, place in places.items():
        grip = scene.layer.grip_at(QPointF(place))
        assert grip is not None
        assert grip.part is part
    assert scene.layer.grip_at(QPointF(scene.place(5.0))) is None


def test_a_clip_shows_its_own_stretch_of_the_track(scene: Scene) -> None:
    saw = Saw(0.5)
    scene.layer.set_sound("song", saw)
    picture = scene.canvas.grab().toImage()
    place = scene.place(20.0, 0.5)
    assert picture.pixelColor(place) == QColor(DARK.lane_color("music"))
    assert min(start_s for start_s, _, _ in saw.asked) >= 0.0
    assert color_at(scene.canvas, scene.place(40.0).x(), place.y()) == DARK.window


def test_a_missing_track_is_told_in_words(scene: Scene) -> None:
    before = scene.canvas.grab().toImage()
    scene.layer.set_clips((replace(CLIP, sound_id=""),))
    assert scene.canvas.grab().toImage() != before


def test_the_selected_one_has_another_border(scene: Scene) -> None:
    scene.layer.select(1)
    picture = scene.canvas.grab().toImage()
    row = scene.canvas.rows.row(len(LANES), scene.canvas.width())
    assert picture.pixelColor(scene.x(20.0), row.top() + 2).name() == DARK.accent
