"""The strip of pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from tests.widgets.samples import plain_image
from widgets.thumbnail_strip import nearest, rounded, slot_width


@given(st.lists(st.floats(0, 100), min_size=1, max_size=9), st.floats(-10, 110))
def test_nearest_is_nearest(times_s: list[float], time_s: float) -> None:
    ordered = sorted(times_s)
    found = ordered[nearest(ordered, time_s)]
    assert abs(found - time_s) == min(abs(other - time_s) for other in ordered)


@pytest.mark.parametrize(
    ("width", "height", "slot"),
    [(1920, 1080, 68), (1080, 1920, 38), (640, 480, 51), (3000, 500, 68)],
)
def test_slots_are_between_square_and_wide(width: int, height: int, slot: int) -> None:
    assert slot_width(QSize(width, height), 38) == slot


def test_pictures_are_cropped_in_the_middle_with_round_corners(qapp: QApplication) -> None:
    image = plain_image(100, 300, "#0000aa")
    for y in range(100, 200):
        for x in range(100):
            image.setPixel(x, y, 0xFF00AA00)
    pixmap = rounded(image, QSize(40, 40), 2.0)
    assert pixmap.deviceIndependentSize().toSize() == QSize(40, 40)
    shown = pixmap.toImage()
    assert shown.pixelColor(40, 40).name() == "#00aa00"
    assert shown.pixelColor(40, 4).name() == "#00aa00"
    assert shown.pixelColor(0, 0).alpha() == 0
