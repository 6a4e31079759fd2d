"""The picture keeps its shape, and words take its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.samples import child, click, color_at, drop, file_mime, plain_image
from widgets.theme import DARK
from widgets.video_view import VideoView, picture_rect

sides = st.integers(16, 4000)


@pytest.fixture
def view(themed: QApplication, qtbot: QtBot) -> VideoView:
    view = VideoView(DARK)
    qtbot.addWidget(view)
    view.resize(800, 424)
    return view


@given(sides, sides, st.integers(200, 2000), st.integers(200, 2000))
def test_a_picture_fits_in_the_middle_and_keeps_its_shape(
    width: int, height: int, stage_width: int, stage_height: int
) -> None:
    stage = QRect(12, 12, stage_width, stage_height)
    place = picture_rect(QSize(width, height), stage)
    assert stage.contains(place) or place.isEmpty()
    assert place.width() == stage_width or place.height() == stage_height
    assert abs(place.width() * height - place.height() * width) <= max(width, height)
    assert abs(place.center().x() - stage.center().x()) <= 1


def test_a_tall_picture_stands_on_a_black_stage(view: VideoView) -> None:
    view.show_frame(plain_image(90, 160, "#aa0000"))
    assert color_at(view, 400, 212) == "#aa0000"
    assert color_at(view, 200, 212) == DARK.stage
    assert color_at(view, 400, 5) == DARK.stage


def test_words_replace_the_picture_and_a_picture_the_words(view: VideoView) -> None:
    view.show_frame(plain_image(90, 160, "#aa0000"))
    view.show_text("This file has no picture.")
    assert color_at(view, 400, 100) == DARK.stage
    assert view.accessibleDescription() == "This file has no picture."
    view.show_frame(plain_image(90, 160, "#aa0000"))
    assert color_at(view, 400, 212) == "#aa0000"


def test_an_empty_stage_invites_to_open_a_video(view: VideoView, qtbot: QtBot) -> None:
    view.show()
    button = child(view, QPushButton)
    assert button.isVisible()
    with qtbot.waitSignal(view.open_requested):
        click(button)
    view.show_text("Opening…")
    assert not button.isVisible()
    view.show_frame(None)
    assert button.isVisible()


def test_dropped_files_are_told(view: VideoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.files_dropped) as files:
        drop(view, file_mime("/films/a b.mp4", "/films/ü.mov"))
    assert [path.name for path in files.args[0]] == ["a b.mp4", "ü.mov"]


def test_the_hint_covers_the_picture_while_something_is_dragged(view: VideoView) -> None:
    view.show_frame(plain_image(90, 160, "#ff0000"))
    view.show_drop_hint("Drop to open")
    assert color_at(view, 400, 100) not in {"#ff0000", DARK.stage}
    view.show_drop_hint("")
    assert color_at(view, 400, 100) == "#ff0000"


def test_a_newcomer_may_try_the_sample(view: VideoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.sample_requested):
        click(child(view, QPushButton, "Try the sample"))
