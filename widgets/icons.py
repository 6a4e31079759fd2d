"""The window's icons: SVG drawn in a colour of the theme."""

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICON_SIZE_PX = 16
_PIXEL_RATIOS = (1, 2, 3)


def icon(name: str, color: str, disabled_color: str | None = None) -> QIcon:
    """Draw an icon of `resources/icons` in a colour, sharp on every screen.

    Args:
        name: File name without ".svg".
        color: "#rrggbb" that takes the place of `currentColor`.
        disabled_color: The same for controls that cannot be used; None leaves it to the style.
    """
    drawing = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for ratio in _PIXEL_RATIOS:
        result.addPixmap(_pixmap(drawing, color, ratio))
        if disabled_color is not None:
            result.addPixmap(_pixmap(drawing, disabled_color, ratio), QIcon.Mode.Disabled)
    return result


def _pixmap(drawing: str, color: str, ratio: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", color).encode()))
    side = ICON_SIZE_PX * ratio
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
