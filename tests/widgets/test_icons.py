"""Icons take the colour they are given."""

from importlib.resources import files

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from widgets.icons import icon

NAMES = sorted(
    entry.name.removesuffix(".svg") for entry in (files("resources") / "icons").iterdir()
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_every_icon_draws_in_its_colour(qapp: QApplication, name: str, ratio: float) -> None:
    image = icon(name, "#ff0000").pixmap(QSize(16, 16), ratio).toImage()
    assert image.width() == 16 * ratio
    inked = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert len(inked) > 8
    assert {color.name() for color in inked} == {"#ff0000"}


def test_a_control_that_cannot_be_used_has_its_own_colour(qapp: QApplication) -> None:
    picture = icon("play", "#ff0000", "#00ff00").pixmap(QSize(16, 16), 1.0, QIcon.Mode.Disabled)
    assert picture.toImage().pixelColor(7, 8).name() == "#00ff00"
